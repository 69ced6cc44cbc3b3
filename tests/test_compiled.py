"""What compiled code may ask of the processor changes nothing that can be seen."""

import numpy as np

from bureau.compiled import compiled, fetch


def _after_asking(rows: np.ndarray, column: np.ndarray) -> int:
    for place in range(-1, len(rows) + 1):  # a place outside is only asked for, never read
        fetch(rows, place)
        fetch(column, place)
    return int(rows[1, 1] + column[2])


def test_fetching_reads_and_changes_nothing() -> None:
    rows, column = np.arange(12, dtype=np.int32).reshape(4, 3), np.arange(4, dtype=np.uint64)
    asking = compiled(_after_asking)
    assert 6 == asking(rows, column)
    assert np.array_equal(np.arange(12).reshape(4, 3), rows)
    (code,) = asking.inspect_llvm().values()  # type: ignore[attr-defined]
    assert "llvm.prefetch" in code
