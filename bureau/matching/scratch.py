"""Working memory of the compiled loops: allocated once a batch, filled once a query."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, inlined, signed
from bureau.matching import tokens
from bureau.matching.layout import ALIAS, ALIAS_TOKENS, NAME, NAME_TOKENS, TOKEN_BYTES, Vocabulary
from bureau.matching.levels import HYPOTHESES
from bureau.matching.statistics import Statistics
from bureau.matching.subject import Subjects

SLOTS = NAME_TOKENS + ALIAS_TOKENS
MEMO = 64
UNSEEN_BITS = 99.0  # information of a token the population never showed: no bound on a misspelling's weight


class Scratch(NamedTuple):
    """``SLOTS`` places hold the query's tokens: 0..5 the name, 6..9 the alias."""

    token: NDArray[np.int64]  # vocabulary row, or beyond it when unknown
    letters: NDArray[np.uint8]
    length: NDArray[np.int64]
    sound: NDArray[np.uint32]
    first_bits: NDArray[np.float64]
    other_bits: NDArray[np.float64]
    memo_token: NDArray[np.int32]  # (SLOTS, MEMO) candidate token last compared in this place …
    memo_likeness: NDArray[np.int8]  # … and what came out
    matched: NDArray[np.int64]  # (SLOTS,) for each query token the candidate's, or -1
    alike: NDArray[np.int64]  # (SLOTS,) their likeness
    used: NDArray[np.int64]  # (SLOTS,) 1 where the candidate's token is taken
    bits: NDArray[np.float64]  # (HYPOTHESES,)


@compiled
def new_scratch() -> Scratch:
    return Scratch(
        np.zeros(SLOTS, np.int64),
        np.zeros((SLOTS, TOKEN_BYTES), np.uint8),
        np.zeros(SLOTS, np.int64),
        np.zeros(SLOTS, np.uint32),
        np.zeros(SLOTS, np.float64),
        np.zeros(SLOTS, np.float64),
        np.zeros((SLOTS, MEMO), np.int32),
        np.zeros((SLOTS, MEMO), np.int8),
        np.zeros(SLOTS, np.int64),
        np.zeros(SLOTS, np.int64),
        np.zeros(SLOTS, np.int64),
        np.zeros(HYPOTHESES, np.float64),
    )


@inlined
def load_subject(
    subjects: Subjects, query: int, vocabulary: Vocabulary, statistics: Statistics, scratch: Scratch
) -> tuple[int, int]:
    """Fetch the tokens of one query; returns how many its name and its alias have."""
    row = subjects.rows[query]
    name = _load(subjects, row[NAME : NAME + NAME_TOKENS], 0, vocabulary, statistics, scratch)
    alias = _load(subjects, row[ALIAS : ALIAS + ALIAS_TOKENS], NAME_TOKENS, vocabulary, statistics, scratch)
    return name, alias


@inlined
def _load(
    subjects: Subjects,
    ids: NDArray[np.int32],
    slot: int,
    vocabulary: Vocabulary,
    statistics: Statistics,
    scratch: Scratch,
) -> int:
    known = len(vocabulary.length)
    count = 0
    for i in range(len(ids)):
        token = signed(ids[i])
        if token == 0:
            break
        s = slot + i
        scratch.token[s] = token
        if token < known:
            scratch.letters[s] = vocabulary.letters[token]
            scratch.length[s] = vocabulary.length[token]
            scratch.sound[s] = vocabulary.sound[token]
            scratch.first_bits[s] = statistics.first_bits[token]
            scratch.other_bits[s] = statistics.other_bits[token]
        else:
            scratch.letters[s] = subjects.unknown_letters[token - known]
            scratch.length[s] = subjects.unknown_length[token - known]
            scratch.sound[s] = subjects.unknown_sound[token - known]
            scratch.first_bits[s] = UNSEEN_BITS
            scratch.other_bits[s] = UNSEEN_BITS
        scratch.memo_token[s] = 0
        count += 1
    return count


@inlined
def likeness(scratch: Scratch, slot: int, token: int, vocabulary: Vocabulary) -> int:
    """How alike the query's token in ``slot`` and a vocabulary token are, remembered for the next candidate."""
    if scratch.token[slot] == token:
        return tokens.SAME
    place = token & (MEMO - 1)
    if scratch.memo_token[slot, place] == token:
        return signed(scratch.memo_likeness[slot, place])
    found = tokens.likeness(
        scratch.letters[slot],
        scratch.length[slot],
        scratch.sound[slot],
        vocabulary.letters[token],
        signed(vocabulary.length[token]),
        vocabulary.sound[token],
    )
    scratch.memo_token[slot, place] = token
    scratch.memo_likeness[slot, place] = found
    return signed(found)
