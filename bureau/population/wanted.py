"""Which blocking keys somebody will look up: a bit table of hashes (Bloom 1970, with one hash function).

A key that only looks wanted costs its room in the index and nothing else.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled

_BITS_A_KEY = 8


class Wanted(NamedTuple):
    """One bit for each value of a key's top ``64 - shift`` bits; keys are hashes, so their bits are even."""

    table: NDArray[np.uint8]
    shift: np.uint64


def none_wanted(expected: int) -> Wanted:
    """An empty table for about ``expected`` keys; up to an eighth of what is not wanted will look so."""
    bits = max((expected * _BITS_A_KEY - 1).bit_length(), 3)
    return Wanted(np.zeros(1 << (bits - 3), np.uint8), np.uint64(64 - bits))


@compiled
def want(wanted: Wanted, keys: NDArray[np.uint64]) -> None:
    """Note that ``keys`` will be looked up."""
    for key in keys:
        place = key >> wanted.shift
        wanted.table[place >> np.uint64(3)] |= np.uint8(1) << np.uint8(place & np.uint64(7))


@compiled
def are_wanted(wanted: Wanted, keys: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """True for every key noted, and for some others."""
    found = np.empty(len(keys), np.bool_)
    for i in range(len(keys)):
        place = keys[i] >> wanted.shift
        found[i] = (wanted.table[place >> np.uint64(3)] >> np.uint8(place & np.uint64(7))) & np.uint8(1) != 0
    return found
