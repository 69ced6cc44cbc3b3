from collections import defaultdict
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.errors import BuildFailed
from bureau.matching.layout import BlockIndex
from bureau.population import block_index
from bureau.population.block_index import write_block_index


def read(directory: Path) -> BlockIndex:
    return BlockIndex(*(np.load(directory / f"blocks_{name}.npy") for name in BlockIndex._fields))


def look_up(index: BlockIndex, key: int) -> list[int]:
    bits = (len(index.directory) - 1).bit_length() - 1
    slot = key >> (64 - bits)
    start, end = index.directory[slot], index.directory[slot + 1]
    for entry in range(start, end):
        if index.fingerprints[entry] == key & 0xFFFFFFFF:
            return list(index.postings[index.offsets[entry] : index.offsets[entry + 1]])
    return []


def write(chunks: list[list[tuple[int, int]]], in_memory: int = 1 << 20) -> BlockIndex:
    pairs = [
        (np.array([k for k, _ in chunk], np.uint64), np.array([r for _, r in chunk], np.uint32)) for chunk in chunks
    ]
    with TemporaryDirectory() as directory:
        write_block_index(iter(pairs), Path(directory), in_memory)
        assert not (Path(directory) / "spool").exists()
        return read(Path(directory))


keys = st.one_of(st.integers(0, 2**64 - 1), st.sampled_from([0, 1, 2**64 - 1, 5 << 60, (5 << 60) + 1]))
chunk_lists = st.lists(st.lists(st.tuples(keys, st.integers(0, 9)), max_size=30), max_size=3)


@settings(max_examples=30)  # each writes and sorts 256 ranges
@given(chunk_lists, st.sampled_from([0, 100, 1 << 20]))
def test_the_index_equals_a_dictionary(chunks: list[list[tuple[int, int]]], in_memory: int) -> None:
    expected: dict[tuple[int, int], set[int]] = defaultdict(set)
    index = write(chunks, in_memory)
    bits = (len(index.directory) - 1).bit_length() - 1
    for chunk in chunks:
        for key, record in chunk:
            expected[key >> (64 - bits), key & 0xFFFFFFFF].add(record)
    for chunk in chunks:
        for key, _ in chunk:
            assert sorted(expected[key >> (64 - bits), key & 0xFFFFFFFF]) == look_up(index, key)
    assert sum(map(len, expected.values())) == len(index.postings)
    assert len(expected) == len(index.fingerprints)


def test_slots_hold_about_two_entries_sorted_by_fingerprint() -> None:
    drawn = np.random.default_rng(1).integers(0, 2**64, 200_000, np.uint64)
    index = write([[(int(key), i) for i, key in enumerate(drawn)]])
    assert 1 <= len(index.fingerprints) / (len(index.directory) - 1) <= 4
    for start, end in zip(index.directory[:1000], index.directory[1:1001], strict=True):
        assert sorted(index.fingerprints[start:end]) == list(index.fingerprints[start:end])


def test_too_many_postings_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(block_index, "_MOST_POSTINGS", 2)
    with pytest.raises(BuildFailed):
        write([[(1, 1), (2, 1), (3, 1)]])
