"""Which known tokens may have been meant by a rare one: the deletion neighbourhood of the vocabulary.

Two tokens one edit apart (a letter wrong, missing, extra, or two swapped) agree once at most one letter is deleted
from each, so filing every token under itself and its deletions finds them all by hashing (Garbe's symmetric delete,
2012). Distances are then checked, and the commonest tokens win.
"""

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, inlined, signed
from bureau.matching.blocking import mixed
from bureau.matching.layout import BlockIndex, Vocabulary
from bureau.matching.retrieve import block
from bureau.matching.tokens import alignment_distance

SHORTEST = 3
MOST = 3
"""How many tokens are tried in place of a rare one."""

_PRIME = np.uint64(0x100000001B3)
_START = np.uint64(0xCBF29CE484222325)


@inlined
def _deletion(letters: NDArray[np.uint8], length: int, without: int) -> np.uint64:
    """Hash of the token without one letter; of the whole token when ``without`` is its length."""
    value = _START
    for i in range(length):
        if i != without:
            value = (value ^ np.uint64(letters[i])) * _PRIME
    return np.uint64(mixed(value))


@compiled
def _pairs(vocabulary: Vocabulary) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    total = 0
    for token in range(1, len(vocabulary.length)):
        total += signed(vocabulary.length[token]) + 1 if vocabulary.length[token] >= SHORTEST else 0
    keys, tokens = np.empty(total, np.uint64), np.empty(total, np.uint32)
    n = 0
    for token in range(1, len(vocabulary.length)):
        length = signed(vocabulary.length[token])
        if length >= SHORTEST:
            for without in range(length + 1):
                keys[n] = _deletion(vocabulary.letters[token], length, without)
                tokens[n] = token
                n += 1
    return keys, tokens


def neighbour_index(vocabulary: Vocabulary) -> BlockIndex:
    """File every token of three letters or more under its deletions; postings are token ids, commonest first."""
    keys, tokens = _pairs(vocabulary)
    bits = max(len(keys).bit_length() - 2, 1)
    slots = keys >> np.uint64(64 - bits)
    prints = keys.astype(np.uint32)
    order = np.lexsort((tokens, prints, slots))
    slots, prints, tokens = slots[order], prints[order], tokens[order]
    new = np.ones(len(order), np.bool_)
    new[1:] = (slots[1:] != slots[:-1]) | (prints[1:] != prints[:-1])
    starts = np.flatnonzero(new)
    directory = np.searchsorted(slots[starts], np.arange((1 << bits) + 1, dtype=np.uint64))
    offsets = np.append(starts, len(order))
    return BlockIndex(directory.astype(np.uint32), prints[starts], offsets.astype(np.uint32), tokens)


@inlined
def meant(
    letters: NDArray[np.uint8],
    length: int,
    token: int,
    vocabulary: Vocabulary,
    index: BlockIndex,
    found: NDArray[np.int64],
) -> int:
    """Fill ``found`` with the commonest tokens one edit from ``letters`` (``token`` is its own id); returns how many.

    Token ids rank by frequency, so smaller is commoner.
    """
    n = 0
    if length < SHORTEST:
        return 0
    for without in range(length + 1):
        start, end = block(index, _deletion(letters, length, without))
        for p in range(start, end):
            other = signed(index.postings[p])
            if n == MOST and other >= found[MOST - 1]:
                break
            if (
                other != token
                and alignment_distance(letters, length, vocabulary.letters[other], signed(vocabulary.length[other]))
                == 1
            ):
                n = _insert(found, n, other)
    return n


@inlined
def _insert(found: NDArray[np.int64], n: int, token: int) -> int:
    """Keep the ``MOST`` smallest ids, ascending, each once."""
    place = 0
    while place < n and found[place] < token:
        place += 1
    if place == MOST or (place < n and found[place] == token):
        return n
    last = min(n, MOST - 1)
    for i in range(last, place, -1):
        found[i] = found[i - 1]
    found[place] = token
    return min(n + 1, MOST)
