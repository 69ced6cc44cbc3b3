"""What a snapshot holds of one entity, as plain tuples.

A record's answer reads a handful of rows; taking them out of structured arrays with NumPy costs several times what
unpacking their bytes does (1.9 against 0.4 µs for two claims).
"""

from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

ClaimRow = tuple[int, int, int, int, int]
"""A CLAIM: value, first_seen, last_seen, sources, shared_by."""

AddressRow = tuple[int, int, int, int, int, int, int, int, int]
"""An ADDRESS: street, number, complement, district, postal_code, municipality, first_seen, last_seen, sources."""

_FORMATS = {"i8": "q", "i4": "i", "i2": "h", "u4": "I", "u2": "H", "f4": "f", "u1": "B"}


class Lists:
    """The rows of ``values`` (a structured array without padding) by entity: ``offsets[e]..offsets[e + 1]``."""

    def __init__(self, values: NDArray[Any], offsets: NDArray[Any]) -> None:
        self._row = Struct("<" + "".join(_FORMATS[field[1][1:]] for field in values.dtype.descr))
        self._width = self._row.size
        self._bytes = np.ascontiguousarray(values).view(np.uint8).data
        self._offsets = offsets.data

    def of(self, entity: int) -> list[Any]:
        """The rows of one entity, each a tuple in the order of its fields."""
        start, end = self._offsets[entity], self._offsets[entity + 1]
        if start == end:
            return []
        return list(self._row.iter_unpack(self._bytes[start * self._width : end * self._width]))

    def first(self, entity: int, field: int) -> int:
        """One field of the entity's first row; 0 when it has none."""
        start = self._offsets[entity]
        if start == self._offsets[entity + 1]:
            return 0
        found: int = self._row.unpack_from(self._bytes, start * self._width)[field]
        return found


class Texts:
    """Texts by row: ``data[offsets[r]:offsets[r + 1]]`` in UTF-8."""

    def __init__(self, data: NDArray[Any], offsets: NDArray[Any]) -> None:
        self._data = data.data
        self._offsets = offsets.data

    def __getitem__(self, row: int) -> str:
        return str(self._data[self._offsets[row] : self._offsets[row + 1]], "utf-8")
