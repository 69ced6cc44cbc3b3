"""Writing ``.npy`` files: at once, or piece by piece when the length is known only at the end."""

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray


def save(path: Path, array: NDArray[Any]) -> None:
    """Write one array, little-endian and C-ordered as it is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        npy.write_array(file, np.ascontiguousarray(array), allow_pickle=False)


class GrowingFile:
    """A one-dimensional ``.npy`` that is appended to; the header gets its final length on closing.

    NumPy pads headers so that the first dimension can grow to 21 digits without moving the data.
    """

    def __init__(self, path: Path, dtype: type[np.generic]) -> None:
        self._dtype = np.dtype(dtype)
        self._length = 0
        self._file = path.open("wb")
        self._write_header()

    def append(self, values: NDArray[Any]) -> None:
        np.ascontiguousarray(values, self._dtype).tofile(self._file)
        self._length += len(values)

    def __enter__(self) -> "GrowingFile":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.seek(0)
        self._write_header()
        self._file.close()

    def _write_header(self) -> None:
        header = {"descr": npy.dtype_to_descr(self._dtype), "fortran_order": False, "shape": (self._length,)}
        npy.write_array_header_1_0(self._file, header)
        self._file.flush()
