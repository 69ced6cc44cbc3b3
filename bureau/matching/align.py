"""Which token of one name stands for which of the other.

First names are paired with first names; then identical tokens, then the most alike of what is left; a first name
found elsewhere in the other name last. Greedy, because names have at most six content tokens and rarely repeat one.
"""

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import inlined, signed
from bureau.matching.layout import Vocabulary
from bureau.matching.scratch import Scratch, likeness
from bureau.matching.tokens import SAME, UNLIKE


@inlined
def align(scratch: Scratch, slot: int, n: int, found: NDArray[np.int32], vocabulary: Vocabulary) -> int:
    """Pair the query's ``n`` tokens from ``slot`` on with the candidate's tokens ``found`` (0 ends them).

    Fills ``matched`` (index into ``found`` or -1), ``alike`` and ``used``; returns the candidate's token count.
    """
    m = 0
    while m < len(found) and found[m] != 0:
        scratch.used[m] = 0
        m += 1
    for i in range(n):
        scratch.matched[slot + i] = -1
        scratch.alike[slot + i] = UNLIKE
    if n == 0 or m == 0:
        return m
    first = likeness(scratch, slot, found[0], vocabulary)
    if first != UNLIKE:
        _pair(scratch, slot, 0, first)
    _pair_identical(scratch, slot, n, found, m)
    _pair_alike(scratch, slot, n, found, m, vocabulary)
    _pair_moved(scratch, slot, n, found, m)
    return m


@inlined
def _pair(scratch: Scratch, s: int, j: int, alike: int) -> None:
    scratch.matched[s] = j
    scratch.alike[s] = alike
    scratch.used[j] = 1


@inlined
def _pair_identical(scratch: Scratch, slot: int, n: int, found: NDArray[np.int32], m: int) -> None:
    for i in range(1, n):
        token = scratch.token[slot + i]
        if i < m and scratch.used[i] == 0 and found[i] == token:
            _pair(scratch, slot + i, i, SAME)
            continue
        for j in range(1, m):
            if scratch.used[j] == 0 and found[j] == token:
                _pair(scratch, slot + i, j, SAME)
                break


@inlined
def _pair_alike(scratch: Scratch, slot: int, n: int, found: NDArray[np.int32], m: int, vocabulary: Vocabulary) -> None:
    for i in range(1, n):
        if scratch.matched[slot + i] >= 0:
            continue
        best, where = UNLIKE, -1
        for j in range(1, m):
            if scratch.used[j] == 0:
                alike = likeness(scratch, slot + i, found[j], vocabulary)
                if alike < best:
                    best, where = alike, j
        if where > 0:
            _pair(scratch, slot + i, where, best)


@inlined
def _pair_moved(scratch: Scratch, slot: int, n: int, found: NDArray[np.int32], m: int) -> None:
    if scratch.matched[slot] < 0:
        for j in range(1, m):
            if scratch.used[j] == 0 and found[j] == scratch.token[slot]:
                _pair(scratch, slot, j, SAME)
                break
    if scratch.used[0] == 0:
        for i in range(1, n):
            if scratch.matched[slot + i] < 0 and scratch.token[slot + i] == found[0]:
                _pair(scratch, slot + i, 0, SAME)
                break


@inlined
def joins(
    scratch: Scratch, slot: int, n: int, found: NDArray[np.int32], m: int, vocabulary: Vocabulary
) -> tuple[int, int]:
    """Pair an unmatched query token with two neighbouring candidate tokens written as one (MARIAJOSE), or the other
    way round. Returns the index of the candidate's token (-1: none) and how many of its tokens took part."""
    for i in range(n):
        if scratch.matched[slot + i] >= 0:
            continue
        for j in range(m):
            if scratch.used[j] != 0:
                continue
            token, s = found[j], slot + i
            if j + 1 < m and scratch.used[j + 1] == 0:
                after = found[j + 1]
                if _concatenated(
                    scratch.letters[s],
                    scratch.length[s],
                    vocabulary.letters[token],
                    vocabulary.length[token],
                    vocabulary.letters[after],
                    vocabulary.length[after],
                ):
                    _pair(scratch, s, j, SAME)
                    scratch.used[j + 1] = 1
                    return j, 2
            if (
                i + 1 < n
                and scratch.matched[s + 1] < 0
                and _concatenated(
                    vocabulary.letters[token],
                    vocabulary.length[token],
                    scratch.letters[s],
                    scratch.length[s],
                    scratch.letters[s + 1],
                    scratch.length[s + 1],
                )
            ):
                _pair(scratch, s, j, SAME)
                scratch.matched[s + 1] = j
                return j, 1
    return -1, 0


@inlined
def _concatenated(
    whole: NDArray[np.uint8],
    length: int,
    left: NDArray[np.uint8],
    left_length: int,
    right: NDArray[np.uint8],
    right_length: int,
) -> bool:
    if signed(left_length) + signed(right_length) != signed(length):
        return False
    for i in range(left_length):
        if whole[i] != left[i]:
            return False
    for i in range(right_length):
        if whole[signed(left_length) + i] != right[i]:
            return False
    return True
