"""The vocabulary of one register: its tokens renumbered, commonest first, with their letters and sounds."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, signed
from bureau.matching.layout import TOKEN_BYTES
from bureau.normalise.names import sound_code
from bureau.population.intern import Interner


class Tokens(NamedTuple):
    """Token t is ``bytes[offsets[t]:offsets[t + 1]]``; row 0 is the absent token.

    ``number`` turns rows of the interner that gathered them into tokens.
    """

    offsets: NDArray[np.int64]
    bytes: NDArray[np.uint8]
    letters: NDArray[np.uint8]
    length: NDArray[np.uint8]
    sound: NDArray[np.uint32]
    number: NDArray[np.uint32]


def commonest_first(interner: Interner) -> Tokens:
    """The tokens in their final order."""
    seen = interner.seen().astype(np.int64)
    seen[0] = np.iinfo(np.int64).max  # the absent token stays first
    order = np.argsort(-seen, kind="stable")
    number = np.empty(len(order), np.uint32)
    number[order] = np.arange(len(order), dtype=np.uint32)
    offsets, heap = interner.heap()
    lengths = np.diff(offsets)[order]
    new_offsets = np.concatenate([[0], np.cumsum(lengths)])
    letters = np.zeros((len(order), TOKEN_BYTES), np.uint8)
    new_heap = np.empty(len(heap), np.uint8)
    _copy_tokens(offsets[order], new_offsets, heap, new_heap, letters)
    text = new_heap.tobytes()
    bounds = new_offsets.tolist()
    sounds = [0] + [sound_code(text[bounds[i] : bounds[i + 1]].decode()) for i in range(1, len(order))]
    length = np.minimum(lengths, TOKEN_BYTES).astype(np.uint8)
    return Tokens(new_offsets, new_heap, letters, length, np.array(sounds, np.uint32), number)


def pick_names(
    ends: NDArray[np.int64], tokens: NDArray[np.uint32], chosen: NDArray[np.int64]
) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """(offsets, tokens) of the chosen name rows in that order; -1 chooses the empty name."""
    known = chosen >= 0
    rows = chosen[known]
    lengths = np.zeros(len(chosen), np.int64)
    lengths[known] = ends[rows] - np.where(rows > 0, ends[rows - 1], 0)
    offsets = np.zeros(len(chosen) + 1, np.uint32)
    offsets[1:] = np.cumsum(lengths)
    found = np.empty(int(lengths.sum()), np.uint32)
    _copy_names(ends, tokens, chosen, offsets, found)
    return offsets, found


@compiled
def _copy_tokens(
    starts: NDArray[np.int64],
    offsets: NDArray[np.int64],
    heap: NDArray[np.uint8],
    new_heap: NDArray[np.uint8],
    letters: NDArray[np.uint8],
) -> None:
    for i in range(len(starts)):
        for j in range(offsets[i + 1] - offsets[i]):
            letter = heap[starts[i] + j]
            new_heap[offsets[i] + j] = letter
            if j < letters.shape[1]:
                letters[i, j] = letter


@compiled
def _copy_names(
    ends: NDArray[np.int64],
    tokens: NDArray[np.uint32],
    chosen: NDArray[np.int64],
    offsets: NDArray[np.uint32],
    found: NDArray[np.uint32],
) -> None:
    for i in range(len(chosen)):
        start, end = signed(offsets[i]), signed(offsets[i + 1])
        if end > start:
            found[start:end] = tokens[ends[chosen[i]] - (end - start) : ends[chosen[i]]]
