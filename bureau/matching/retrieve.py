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
    slots = np.uint64(len(index.directory) - 1)  # a power of two, so that this takes the key's top bits
    return signed(((key >> np.uint64(32)) * slots) >> np.uint64(32))


@inlined
def fetch_slots(index: BlockIndex, keys: NDArray[np.uint64], count: int) -> None:
    """Ask for the slots of all keys, so that the cache misses wait for memory together."""
    for i in range(count):
        fetch(index.directory, _slot(index, keys[i]))


@inlined
def fetch_entries(index: BlockIndex, keys: NDArray[np.uint64], count: int) -> None:
    """Ask for the entries of keys whose slots were asked for."""
    for i in range(count):
        first = signed(index.directory[_slot(index, keys[i])])
        fetch(index.fingerprints, first)
        fetch(index.offsets, first)


@inlined
def fetch_postings(index: BlockIndex, keys: NDArray[np.uint64], count: int) -> None:
    """Ask for the first postings of keys whose entries were asked for."""
    for i in range(count):
        start, _ = block(index, keys[i])
        fetch(index.postings, start)


@inlined
def fetch_record(register: Register, record: int) -> None:
    """Ask for a record and those beside it, which are read to see whether they are of the same entity."""
    for beside in range(-1, 2):
        fetch(register.records, record + beside)


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
    """Where a value stands in an ascending column, or -1. (Numba's own searchsorted reads the whole column.)
    Reading seven places at once instead of one was slower, by 1 µs a match at 50 M people."""
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
