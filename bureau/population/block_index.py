"""Builds the inverted index of ``matching/layout.py`` from (key, record) pairs, larger than memory if need be.

Pairs are kept in 256 ranges of the key's top bits, in memory up to a limit and on disk beyond it; then each range is
sorted and appended. Beside the limit, what is in memory at a time is one chunk of pairs, two ranges and the directory.
"""

import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.errors import BuildFailed
from bureau.population.npy import GrowingFile, save

_RANGE_BITS = 8
_RANGES = 1 << _RANGE_BITS
_MOST_POSTINGS = 2**32 - 1
_THREADS = 2

IN_MEMORY = 2 << 30
"""Bytes of pairs kept in memory when the build's memory is not bounded; 10 million people need 1.7 GB."""

Pairs = tuple[NDArray[np.uint64], NDArray[np.uint32]]
"""Keys, and the record filed under each."""


class _Spooled(NamedTuple):
    """One chunk's pairs, range by range; the arrays may be mapped files."""

    keys: NDArray[np.uint64]
    records: NDArray[np.uint32]
    bounds: NDArray[np.int64]  # (257,) where each range begins


class _Blocks(NamedTuple):
    slots: NDArray[np.int64]  # of every entry, ascending
    fingerprints: NDArray[np.uint32]
    ends: NDArray[np.int64]  # of every entry's postings
    postings: NDArray[np.uint32]


def write_block_index(chunks: Iterable[Pairs], directory: Path, in_memory: int = IN_MEMORY) -> None:
    """Write ``blocks_{directory,fingerprints,offsets,postings}.npy``; a pair that comes twice is kept once.

    Raises BuildFailed when there are more postings than 32 bits can number.
    """
    spool = directory / "spool"
    spool.mkdir()
    spooled = _spool(chunks, spool, in_memory)
    total = sum(int(chunk.bounds[-1]) for chunk in spooled)
    if total > _MOST_POSTINGS:
        raise BuildFailed(f"{total} blocking keys are more than one snapshot can hold ({_MOST_POSTINGS}).")
    bits = _directory_bits(spooled)
    per_slot = np.zeros((1 << bits) + 1, np.uint32)
    with (
        ThreadPoolExecutor(_THREADS) as pool,
        GrowingFile(directory / "blocks_fingerprints.npy", np.uint32) as fingerprints,
        GrowingFile(directory / "blocks_offsets.npy", np.uint32) as offsets,
        GrowingFile(directory / "blocks_postings.npy", np.uint32) as postings,
    ):
        offsets.append(np.zeros(1, np.uint32))
        end = 0
        for blocks in _in_turn(pool, spooled, bits):
            _count_slots(blocks.slots, per_slot)
            fingerprints.append(blocks.fingerprints)
            offsets.append((blocks.ends + end).astype(np.uint32))
            postings.append(blocks.postings)
            end += len(blocks.postings)
    save(directory / "blocks_directory.npy", np.cumsum(per_slot, dtype=np.uint32))
    shutil.rmtree(spool)


def _spool(chunks: Iterable[Pairs], spool: Path, in_memory: int) -> list[_Spooled]:
    """All chunks, each sorted by range; those beyond ``in_memory`` bytes in files."""
    found, kept = list[_Spooled](), 0
    for keys, records in chunks:
        ranges = (keys >> np.uint64(64 - _RANGE_BITS)).astype(np.uint8)
        order = np.argsort(ranges, kind="stable")  # a counting sort on bytes
        bounds = np.zeros(_RANGES + 1, np.int64)
        np.cumsum(np.bincount(ranges, minlength=_RANGES), out=bounds[1:])
        chunk = _Spooled(keys[order], records[order], bounds)
        kept += keys.nbytes + records.nbytes
        found.append(chunk if kept <= in_memory else _on_disk(chunk, spool / str(len(found))))
    return found


def _on_disk(chunk: _Spooled, path: Path) -> _Spooled:
    if len(chunk.keys) == 0:
        return chunk
    keys, records = path.with_suffix(".keys"), path.with_suffix(".records")
    chunk.keys.tofile(keys)
    chunk.records.tofile(records)
    return _Spooled(np.memmap(keys, np.uint64, "r"), np.memmap(records, np.uint32, "r"), chunk.bounds)


def _directory_bits(spooled: list[_Spooled]) -> int:
    """About two distinct keys a slot; hashed keys are even, so one range stands for all."""
    distinct = len(np.unique(_range_pairs(spooled, 0)[0])) * _RANGES
    return max(_RANGE_BITS, min(31, distinct.bit_length() - 2))


def _range_pairs(spooled: list[_Spooled], number: int) -> Pairs:
    keys, records = [np.zeros(0, np.uint64)], [np.zeros(0, np.uint32)]
    for chunk in spooled:
        part = slice(int(chunk.bounds[number]), int(chunk.bounds[number + 1]))
        keys.append(chunk.keys[part])
        records.append(chunk.records[part])
    return np.concatenate(keys), np.concatenate(records)


def _in_turn(pool: ThreadPoolExecutor, spooled: list[_Spooled], bits: int) -> Iterator[_Blocks]:
    """The ranges' blocks in order, only as many sorted ahead of the writer as there are threads."""
    waiting = [pool.submit(_blocks, spooled, bits, number) for number in range(_THREADS)]
    for number in range(_THREADS, _RANGES + _THREADS):
        yield waiting.pop(0).result()
        if number < _RANGES:
            waiting.append(pool.submit(_blocks, spooled, bits, number))


def _blocks(spooled: list[_Spooled], bits: int, number: int) -> _Blocks:
    keys, records = _range_pairs(spooled, number)
    # Slot and fingerprint leave the key's middle bits out; keys equal in both become one entry.
    entries = keys >> np.uint64(64 - bits) << np.uint64(32) | keys & np.uint64(0xFFFFFFFF)
    order = np.argsort(entries)
    return _merge_entries(entries[order], records[order])


@compiled
def _merge_entries(entries: NDArray[np.uint64], records: NDArray[np.uint32]) -> _Blocks:
    slots, fingerprints = np.empty(len(entries), np.int64), np.empty(len(entries), np.uint32)
    ends, postings = np.empty(len(entries), np.int64), np.empty(len(entries), np.uint32)
    n, filled, start = 0, 0, 0
    while start < len(entries):
        end = start + 1
        while end < len(entries) and entries[end] == entries[start]:
            end += 1
        if end > start + 1:
            records[start:end].sort()
        for i in range(start, end):
            if i == start or records[i] != records[i - 1]:
                postings[filled] = records[i]
                filled += 1
        slots[n], fingerprints[n] = entries[start] >> np.uint64(32), entries[start] & np.uint64(0xFFFFFFFF)
        ends[n] = filled
        n += 1
        start = end
    return _Blocks(slots[:n].copy(), fingerprints[:n].copy(), ends[:n].copy(), postings[:filled].copy())


@compiled
def _count_slots(slots: NDArray[np.int64], per_slot: NDArray[np.uint32]) -> None:
    for slot in slots:
        per_slot[slot + 1] += 1
