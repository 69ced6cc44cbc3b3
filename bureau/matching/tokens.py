"""How alike two name tokens are: identical, alike in sound, an edit or two apart, an initial, or unlike.

Distances are optimal string alignments (Damerau-Levenshtein without repeated edits) on the first 16 letters; the
tests hold them equal to rapidfuzz's ``OSA``.
"""

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import inlined, signed

SAME = 0
VARIANT = 1
ONE_EDIT = 2
TWO_EDITS = 3
INITIAL = 4
UNLIKE = 5

# A short token is a neighbour of many others (ANA, ADA): the rarity of what was typed decides, for NA is nobody's name.
# One edit is believed when one of the tokens has 3 letters, two when both have 7.
ONE_EDIT_FROM = 2
ONE_EDIT_LONGER = 3
TWO_EDITS_FROM = 7

_GIVEN = 4  # a given name stands first in at least a quarter as many names as it stands later in


@inlined
def is_given_name(as_first: int, as_other: int) -> bool:
    """Whether a token is a given name, by how many names it stands first in, and later."""
    return as_first > 0 and signed(as_first) * _GIVEN >= signed(as_other)


@inlined
def alignment_distance(a: NDArray[np.uint8], a_length: int, b: NDArray[np.uint8], b_length: int) -> int:
    """Optimal string alignment distance of two tokens, exact up to 2; 3 stands for "more"."""
    start, a_end, b_end = 0, a_length, b_length
    while start < a_end and start < b_end and a[start] == b[start]:
        start += 1
    while a_end > start and b_end > start and a[a_end - 1] == b[b_end - 1]:
        a_end -= 1
        b_end -= 1
    rows, columns = a_end - start, b_end - start
    if abs(rows - columns) > 2:
        return 3
    if rows == 0 or columns == 0:
        return max(rows, columns)
    before = np.empty(17, np.int64)
    previous = np.empty(17, np.int64)
    current = np.empty(17, np.int64)
    for j in range(columns + 1):
        previous[j] = j
    for i in range(1, rows + 1):
        current[0] = i
        least = i
        for j in range(1, columns + 1):
            x, y = a[start + i - 1], b[start + j - 1]
            cost = previous[j - 1] + (0 if x == y else 1)
            cost = min(cost, previous[j] + 1, current[j - 1] + 1)
            if i > 1 and j > 1 and x == b[start + j - 2] and a[start + i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current[j] = cost
            least = min(least, cost)
        if least > 2:
            return 3
        before, previous, current = previous, current, before
    return signed(min(3, previous[columns]))


@inlined
def _other_letters(a: NDArray[np.uint8], a_length: int, b: NDArray[np.uint8], b_length: int, edits: int) -> bool:
    """Whether two tokens have too many letters not in common to be ``edits`` apart: one edit changes which letters a
    token has by two at most. Nearly all pairs of different names are told apart by this, without their distance."""
    mine, theirs, one = np.uint64(0), np.uint64(0), np.uint64(1)
    for i in range(a_length):
        mine |= one << np.uint64(a[i] & 63)
    for i in range(b_length):
        theirs |= one << np.uint64(b[i] & 63)
    apart = mine ^ theirs
    for _ in range(2 * edits):
        if apart != 0:
            apart &= apart - one  # without its lowest bit
    return bool(apart != 0)


@inlined
def likeness(
    a: NDArray[np.uint8], a_length: int, a_sound: int, b: NDArray[np.uint8], b_length: int, b_sound: int
) -> int:
    """The likeness (``VARIANT`` … ``UNLIKE``) of two tokens known not to be identical."""
    if a_length == 1 or b_length == 1:
        return INITIAL if a[0] == b[0] else UNLIKE
    if a_sound == b_sound:
        return VARIANT
    shorter = min(a_length, b_length)
    if shorter < ONE_EDIT_FROM or max(a_length, b_length) < ONE_EDIT_LONGER:
        return UNLIKE
    if _other_letters(a, a_length, b, b_length, 2 if shorter >= TWO_EDITS_FROM else 1):
        return UNLIKE
    distance = alignment_distance(a, a_length, b, b_length)
    if distance <= 1:
        return ONE_EDIT
    if distance == 2 and shorter >= TWO_EDITS_FROM:
        return TWO_EDITS
    return UNLIKE
