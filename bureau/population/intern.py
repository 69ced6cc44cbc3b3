"""Texts to small numbers: every distinct text gets the next row of one heap, and is stored once.

Texts are told apart by a 64-bit hash alone; among 20 million distinct texts a collision has a chance of about one
in 100,000. Memory grows with the distinct texts (about 28 bytes each beside their letters) and is not bounded by
``--memory``.
"""

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.matching.blocking import mixed

_FNV_START = np.uint64(0xCBF29CE484222325)
_FNV_PRIME = np.uint64(0x100000001B3)
_BLANK = 32
_NEVER = 256  # no byte


class _Table(NamedTuple):
    """Open addressing: slot of a hash is its low bits, then the next free one. Row 0 marks a free slot."""

    hashes: NDArray[np.uint64]  # (2**k,)
    slots: NDArray[np.uint32]  # (2**k,) rows
    heap: NDArray[np.uint8]
    offsets: NDArray[np.int64]  # row r is heap[offsets[r]:offsets[r + 1]]
    seen: NDArray[np.uint32]  # how often each row was asked for
    used: NDArray[np.int64]  # (1,) rows in use, the absent row included


@compiled
def _intern(
    table: _Table,
    texts: tuple[NDArray[np.int32], NDArray[np.uint8]],
    separator: int,
    first: int,
    ends: NDArray[np.int64],
    rows: NDArray[np.uint32],
) -> int:
    """Intern the pieces of every text from ``first`` on; stops, and returns how far it came, when the table is full.

    One body, no calls: handing the table's arrays to a function costs five times the look-up in reference counts.
    """
    bounds, data = texts
    hashes, slots, heap, offsets, seen, used = table
    mask, n = len(slots) - 1, np.int64(0)
    if first > 0:
        n = ends[first - 1]
    for i in range(first, len(bounds) - 1):
        if 2 * (used[0] + bounds[i + 1] - bounds[i] + 1) > len(slots):
            return i
        start, code = bounds[i], _FNV_START
        for j in range(bounds[i], bounds[i + 1] + 1):
            if j < bounds[i + 1] and data[j] != separator:
                code = (code ^ np.uint64(data[j])) * _FNV_PRIME
                continue
            if j > start:
                code = mixed(code)
                slot = np.int64(code) & mask
                while slots[slot] != 0 and hashes[slot] != code:
                    slot = (slot + 1) & mask
                row = np.int64(slots[slot])
                if row == 0:
                    row = used[0]
                    used[0] = row + 1
                    hashes[slot], slots[slot] = code, row
                    offsets[row + 1] = offsets[row] + j - start
                    heap[offsets[row] : offsets[row + 1]] = data[start:j]
                seen[row] += 1
                rows[n] = row
                n += 1
            start, code = j + 1, _FNV_START
        ends[i] = n
    return len(bounds) - 1


@compiled
def _rehash(old: _Table, hashes: NDArray[np.uint64], slots: NDArray[np.uint32]) -> None:
    mask = len(slots) - 1
    for i in range(len(old.slots)):
        if old.slots[i] != 0:
            slot = np.int64(old.hashes[i]) & mask
            while slots[slot] != 0:
                slot = (slot + 1) & mask
            hashes[slot], slots[slot] = old.hashes[i], old.slots[i]


class Interner:
    """A growing set of texts; ``rows`` and ``token_rows`` give the heap row of each, 0 for null or empty."""

    def __init__(self) -> None:
        self._table = _Table(
            np.zeros(1024, np.uint64),
            np.zeros(1024, np.uint32),
            np.zeros(4096, np.uint8),
            np.zeros(1024, np.int64),
            np.zeros(1024, np.uint32),
            np.ones(1, np.int64),
        )

    def rows(self, texts: pa.Array) -> NDArray[np.uint32]:
        """One row number a text."""
        ends, found = self._pieces(texts, _NEVER)
        rows = np.zeros(len(texts), np.uint32)
        rows[np.diff(ends, prepend=0) > 0] = found
        return rows

    def token_rows(self, texts: pa.Array) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """The blank-separated tokens of text i are ``tokens[ends[i - 1]:ends[i]]``; returns (ends, tokens)."""
        return self._pieces(texts, _BLANK)

    def _pieces(self, texts: pa.Array, separator: int) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        bounds, data = _letters(texts)
        self._make_heap(len(data))
        most = (len(data) + len(texts)) // 2 + 1 if separator == _BLANK else len(texts)
        ends, rows, done = np.zeros(len(texts), np.int64), np.empty(most, np.uint32), 0
        while (done := _intern(self._table, (bounds, data), separator, done, ends, rows)) < len(texts):
            self._make_slots(int(bounds[done + 1] - bounds[done]))
        return ends, rows[: ends[-1] if len(ends) else 0].copy()

    def heap(self) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """(offsets, letters) of all rows, row 0 empty."""
        used = int(self._table.used[0])
        offsets = self._table.offsets[: used + 1]
        return offsets, self._table.heap[: offsets[-1]]

    def seen(self) -> NDArray[np.uint32]:
        """How often each row was met."""
        return self._table.seen[: int(self._table.used[0])]

    def _make_heap(self, letters: int) -> None:
        table = self._table
        self._table = table._replace(heap=_grown(table.heap, int(table.offsets[table.used[0]]) + letters))

    def _make_slots(self, texts: int) -> None:
        table = self._table
        size = 1 << (2 * (int(table.used[0]) + texts + 1)).bit_length()  # then at most half full
        hashes, slots = np.zeros(size, np.uint64), np.zeros(size, np.uint32)
        _rehash(table, hashes, slots)
        offsets, seen = _grown(table.offsets, size // 2), _grown(table.seen, size // 2)
        self._table = table._replace(hashes=hashes, slots=slots, offsets=offsets, seen=seen)


def _grown(array: NDArray[Any], need: int) -> NDArray[Any]:
    if need <= len(array):
        return array
    larger = np.zeros(need + need // 2, array.dtype)
    larger[: len(array)] = array
    return larger


def _letters(texts: pa.Array) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """(bounds, bytes) of an Arrow string array; null reads as empty."""
    if texts.null_count:
        texts = pc.fill_null(texts, "")
    _, bounds, data = texts.buffers()
    if len(texts) == 0 or data is None:
        return np.zeros(len(texts) + 1, np.int32), np.zeros(0, np.uint8)
    found = np.frombuffer(bounds, np.int32, len(texts) + 1, texts.offset * 4)
    return found, np.frombuffer(data, np.uint8)
