from pathlib import Path

import numpy as np
import pytest

from bureau.population.npy import GrowingFile, save


@pytest.mark.parametrize("pieces", [[], [3], [0, 5, 70_000]])
def test_a_grown_file_reads_as_one_array(tmp_path: Path, pieces: list[int]) -> None:
    values = [np.arange(count, dtype=np.uint32) for count in pieces]
    with GrowingFile(tmp_path / "a.npy", np.uint32) as file:
        for piece in values:
            file.append(piece)
    expected = np.concatenate([np.zeros(0, np.uint32), *values])
    found = np.load(tmp_path / "a.npy", mmap_mode="r")
    assert expected.dtype == found.dtype
    assert expected.tolist() == found.tolist()


def test_a_view_is_saved_whole(tmp_path: Path) -> None:
    matrix = np.arange(12, dtype=np.int32).reshape(3, 4)
    save(tmp_path / "new" / "b.npy", matrix[:, ::2])
    assert matrix[:, ::2].tolist() == np.load(tmp_path / "new" / "b.npy").tolist()
