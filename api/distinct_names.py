"""Whether a JSON body gives a name twice, in one pass over its bytes: a regular expression took four times as long."""

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled

MOST = 64
"""Names looked at; a body with more is read in full."""

_QUOTE, _COLON = ord('"'), ord(":")
_BLANKS = (ord(" "), ord("\t"), ord("\r"), ord("\n"))
_OFFSET, _PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)  # FNV-1a, 64 bits


def all_distinct(body: bytes) -> bool:
    """Whether no two members have the same name anywhere in ``body``, JSON without backslashes: then none is given
    twice. False may also be said of a body with many names, or by an accident of hashing; whoever asks looks closer."""
    return _all_distinct(np.frombuffer(body, np.uint8))


@compiled
def _all_distinct(body: NDArray[np.uint8]) -> bool:
    """Without backslashes quotation marks do nothing but begin and end texts; a text before a colon is a name."""
    names = np.empty(MOST, np.uint64)
    count, place, size = 0, 0, len(body)
    while place < size:
        if body[place] != _QUOTE:
            place += 1
            continue
        place += 1
        name = _OFFSET
        while place < size and body[place] != _QUOTE:
            name = (name ^ np.uint64(body[place])) * _PRIME
            place += 1
        place += 1
        while place < size and body[place] in _BLANKS:
            place += 1
        if place == size or body[place] != _COLON:
            continue
        if count == MOST:
            return False
        for earlier in range(count):
            if names[earlier] == name:
                return False
        names[count] = name
        count += 1
    return True
