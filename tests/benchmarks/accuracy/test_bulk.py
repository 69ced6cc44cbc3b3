"""A file is cut for the processes that are there, and put together in order."""

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.accuracy.bulk import CHUNK_ROWS, Best, _chunks, _joined
from bureau.intake import rows as customers_rows


@pytest.mark.parametrize(("rows", "processes", "sizes"), [
    (1, 2, [1]),
    (5, 2, [3, 2]),
    (CHUNK_ROWS, 1, [CHUNK_ROWS]),
    (2 * CHUNK_ROWS + 2, 2, [CHUNK_ROWS // 2 + 1] * 3 + [CHUNK_ROWS // 2 - 1]),
])  # fmt: skip
def test_every_process_gets_as_many_chunks_of_one_size(rows: int, processes: int, sizes: list[int]) -> None:
    cut = list(_chunks(pa.table({"row": np.arange(rows)}), processes))
    assert sizes == [len(chunk) for chunk in cut]
    assert list(range(rows)) == pa.concat_tables(cut)["row"].to_pylist()


def test_files_are_cut_as_customers_files_are() -> None:
    assert customers_rows.CHUNK_ROWS == CHUNK_ROWS


def test_what_was_found_is_put_together_in_order() -> None:
    parts = [Best(np.array([i], np.int32), np.array([i / 10])) for i in range(3)]
    entity, probability = _joined(iter(parts))
    assert ([0, 1, 2], [0.0, 0.1, 0.2]) == (entity.tolist(), probability.tolist())
