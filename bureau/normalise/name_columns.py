"""Names of whole columns as token lists: the columnar form of ``names.person_name`` and ``companies.company_name``."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.normalise.columns import Column, as_strings, normal_names
from bureau.normalise.companies import company_name
from bureau.normalise.names import PARTICLES, SUFFIXES, TITLES

_TITLE, _PARTICLE = 254, 255  # roles of a word; below them the code of its suffix, 0 for none


class Words(NamedTuple):
    """Token lists: those of row r are ``dictionary[code]`` of ``codes[offsets[r]:offsets[r + 1]]``."""

    offsets: NDArray[np.int64]
    codes: NDArray[np.int32]
    dictionary: list[str]

    @classmethod
    def none(cls, rows: int) -> "Words":
        """Rows without tokens."""
        return cls(np.zeros(rows + 1, np.int64), np.zeros(0, np.int32), [])


def person_names(column: Column) -> tuple[Words, NDArray[np.uint8]]:
    """Content tokens and suffix code of every name, as ``names.person_name`` has them."""
    words = _encoded(pc.split_pattern(normal_names(column), " "))
    roles = [_PARTICLE if w in PARTICLES else _TITLE if w in TITLES else SUFFIXES.get(w, 0) for w in words.dictionary]
    counts, suffix = np.zeros(len(words.offsets) - 1, np.int64), np.zeros(len(words.offsets) - 1, np.uint8)
    content = np.zeros(len(words.codes), np.int32)
    _content(words.offsets, words.codes, np.array(roles, np.uint8), counts, suffix, content)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return Words(offsets, content[: offsets[-1]], words.dictionary), suffix


def company_names(column: Column) -> tuple[Words, NDArray[np.uint8]]:
    """Content tokens and legal form of every company's name; distinct names are read once."""
    encoded = as_strings(column).fill_null("").dictionary_encode()
    read = [company_name(text) for text in encoded.dictionary.to_pylist()]
    forms = np.array([name.legal_form if name else 0 for name in read], np.uint8)
    lists = pa.array([name.content if name else () for name in read], pa.list_(pa.string())).take(encoded.indices)
    return _encoded(lists), forms[encoded.indices.to_numpy()]


def _encoded(lists: pa.Array) -> Words:
    tokens = lists.flatten().dictionary_encode()
    offsets = lists.offsets.to_numpy().astype(np.int64)
    return Words(offsets - offsets[0], tokens.indices.to_numpy(), tokens.dictionary.to_pylist())


@compiled
def _content(
    offsets: NDArray[np.int64],
    codes: NDArray[np.int32],
    roles: NDArray[np.uint8],
    counts: NDArray[np.int64],
    suffix: NDArray[np.uint8],
    content: NDArray[np.int32],
) -> None:
    """Fill ``counts`` and ``suffix`` by row and ``content`` with all their tokens; see ``names.person_name``."""
    total = 0
    for row in range(len(counts)):
        start = total
        for place in range(offsets[row], offsets[row + 1]):
            if roles[codes[place]] != _PARTICLE:
                content[total] = codes[place]
                total += 1
        first = start
        while total - first > 2 and roles[content[first]] == _TITLE:
            first += 1
        for place in range(first, total):
            content[start + place - first] = content[place]
        total -= first - start
        if total - start > 2:
            role = roles[content[total - 1]]
            suffix[row] = role if role < _TITLE else 0
            total -= suffix[row] > 0
        if total == start:
            for place in range(offsets[row], offsets[row + 1]):
                content[total] = codes[place]
                total += 1
        counts[row] = total - start
