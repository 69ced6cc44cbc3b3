"""Looking up blocking keys, smallest blocks first, within a budget of work."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, fetch, inlined, signed
from bureau.matching.layout import ENTITY, BlockIndex, Register

COUNTED = 32  # above, a few entities seen twice make no difference
SEEN = 4096  # slots of the table of records already compared; more than any candidate budget


@inlined
def _slot(index: BlockIndex, key: np.uint64) -> int:
    bits = 0
    slots = len(index.directory) - 1
    while (1 << bits) < slots:
        bits += 1
    return signed(key >> np.uint64(64 - bits)) if bits > 0 else 0


@inlined
def fetch_blocks(index: BlockIndex, keys: NDArray[np.uint64], count: int) -> None:
    """Ask for the slots of all keys, then for their entries, so that the cache misses wait for memory together."""
    for i in range(count):
        fetch(index.directory, _slot(index, keys[i]))
    for i in range(count):
        first = signed(index.directory[_slot(index, keys[i])])
        fetch(index.fingerprints, first)
        fetch(index.offsets, first)


@inlined
def block(index: BlockIndex, key: np.uint64) -> tuple[int, int]:
    """Where the postings of a key begin and end; an empty range when nobody is filed under it."""
    slot = _slot(index, key)
    fingerprint = np.uint32(key & np.uint64(0xFFFFFFFF))
    for entry in range(index.directory[slot], index.directory[slot + 1]):
        if index.fingerprints[entry] == fingerprint:
            return signed(index.offsets[entry]), signed(index.offsets[entry + 1])
    return 0, 0


@compiled
def block_sizes(index: BlockIndex, keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How many records are filed under each key."""
    sizes = np.zeros(len(keys), np.int64)
    for i in range(len(keys)):
        start, end = block(index, keys[i])
        sizes[i] = end - start
    return sizes


@compiled
def count_homonyms(register: Register, key: np.uint64) -> int:
    """How many entities bear a whole name. In a small block the records of one entity (neighbours) count once."""
    start, end = block(register.blocks, key)
    if end - start > COUNTED:
        return end - start
    homonyms, last = 0, -1
    for p in range(start, end):
        entity = signed(register.records[register.blocks.postings[p], ENTITY])
        homonyms += entity != last
        last = entity
    return homonyms


@inlined
def first_time(seen: NDArray[np.int64], stamp: int, record: int) -> bool:
    """Note a record as compared under the query ``stamp``; False when it already was. Never fills: the candidate
    budget is well below ``SEEN``."""
    mark = (signed(stamp) << 32) | signed(record)
    place = (signed(record) * np.int64(0x9E3779B1)) & (SEEN - 1)
    while seen[place] >> 32 == stamp:
        if seen[place] == mark:
            return False
        place = (place + 1) & (SEEN - 1)
    seen[place] = mark
    return True


@inlined
def place_of(ascending: NDArray[Any], value: int) -> int:
    """Where a value stands in an ascending column, or -1. (Numba's own searchsorted reads the whole column.)"""
    low, high = 0, len(ascending)
    while low < high:
        middle = (low + high) >> 1
        if ascending[middle] < value:
            low = middle + 1
        else:
            high = middle
    return low if low < len(ascending) and ascending[low] == value else -1


@inlined
def files(index: BlockIndex, start: int, end: int, record: int) -> bool:
    """Whether ``postings[start:end]``, ascending, hold a record."""
    low, high = start, end
    while low < high:
        middle = (low + high) >> 1
        if index.postings[middle] < record:
            low = middle + 1
        else:
            high = middle
    return low < end and index.postings[low] == record
