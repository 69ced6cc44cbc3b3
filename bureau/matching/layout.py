"""The arrays that matching reads: one cache line a record, and an inverted index of 64-bit blocking keys.

A *record* is one way an entity was seen (a name, a birth date, a mother's name, up to two places). An entity has
one record or more; a woman seen under her maiden and her married name has two. Companies use the same row: their
trade name is one more record, their opening date the date, their legal form the suffix.

``records`` is an ``int32[R + 0, 16]`` matrix, 64 bytes a row, sorted by entity; its columns are named below.
Token ids are rows of the vocabulary, 1 is the commonest token, 0 means "none".
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

NAME = 0  # columns 0..5: content tokens of the name in order, particles and suffix taken out
NAME_TOKENS = 6
ALIAS = 6  # columns 6..9: mother's name (first token, then the last three); unused for companies
ALIAS_TOKENS = 4
ENTITY = 10
DATE = 11  # yyyymmdd; 0 unknown
POSTAL_CODE = 12  # columns 12, 13: CEP of the latest and of the one before; 0 unknown
MUNICIPALITY = 14  # low 16 bits: municipality of the latest place, high 16: of the one before; 0 unknown
FLAGS = 15  # bits 0-7 suffix code, 8-9 sex (1 male, 2 female), 16-31 house number of the latest place
WIDTH = 16

TOKEN_BYTES = 16  # tokens are compared on their first 16 letters

NO_TAX_ID = np.iinfo(np.int64).max  # sorts after every tax id


class Vocabulary(NamedTuple):
    """The distinct name tokens of one register, commonest first; row 0 is the absent token.

    ``letters`` are the first 16 ASCII letters, zero padded. ``sound`` is the phonetic code of blocking (0 for the
    absent token). ``as_first`` and ``as_other`` count the records that carry the token as first and as later token
    of a name.
    """

    letters: NDArray[np.uint8]  # (V + 1, 16)
    length: NDArray[np.uint8]
    sound: NDArray[np.uint32]
    as_first: NDArray[np.uint32]
    as_other: NDArray[np.uint32]


class BlockIndex(NamedTuple):
    """An inverted index from blocking key to records.

    Keys are spread over ``2**bits`` slots by their top bits; ``directory[s]..directory[s + 1]`` are the slot's
    entries, sorted by ``fingerprint`` (the key's low 32 bits). Entry e owns ``postings[offsets[e]:offsets[e + 1]]``,
    record numbers in ascending order. A false positive (same slot and fingerprint) only costs a comparison.
    """

    directory: NDArray[np.uint32]  # (2**bits + 1,)
    fingerprints: NDArray[np.uint32]  # (K,)
    offsets: NDArray[np.uint32]  # (K + 1,)
    postings: NDArray[np.uint32]  # (P,)


class Register(NamedTuple):
    """Everything matching reads about one kind of entity (people, or companies)."""

    records: NDArray[np.int32]  # (R, 16)
    first_record: NDArray[np.uint32]  # (N + 1,) records of entity e are first_record[e]..first_record[e + 1]
    tax_id: NDArray[np.int64]  # (N,) ascending; NO_TAX_ID where unknown
    vocabulary: Vocabulary
    neighbours: BlockIndex  # tokens by deletion (see neighbours.py)
    blocks: BlockIndex
