"""One record to its decision in a single call of compiled code, for answers that a client waits for.

The same as ``prepare.subjects``, ``engine.match`` and ``posterior.decide`` on a batch of one (a property test says
so), which spend more on their two dozen small arrays than on the search. Here the record goes in as two arrays and
the decision comes out as plain numbers.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.matching.blocking import EMAIL, PHONE, claim_keys, text_hashes
from bureau.matching.engine import BEST, Matches, match
from bureau.matching.layout import DATE, TOKEN_BYTES, WIDTH
from bureau.matching.posterior import Decisions, Rule, decide
from bureau.matching.prepare import UnknownTokens, row_of, tax_of
from bureau.matching.search import Target
from bureau.matching.subject import FIRST_MOBILE, LANDLINE, NO_TAX, Subjects
from bureau.model.canonical import CanonicalRecord
from bureau.normalise.names import sound_code

TAX_STATE, TAX_ID, UNKNOWN, NEAR, PHONES, EMAILS, LISTS = range(WIDTH, WIDTH + 7)
"""Places in ``Packed.numbers`` behind the row: two values, four counts, and where the lists begin."""


class Packed(NamedTuple):
    """``numbers``: the row, the tax id's state and value, how many unknown tokens, near tax ids, phones and e-mails,
    then for each unknown token its length and sound, then the other lists, of e-mails their lengths in bytes.
    ``letters``: 16 bytes an unknown token, then the e-mails."""

    numbers: NDArray[np.int64]
    letters: NDArray[np.uint8]


class Decision(NamedTuple):
    """Who one query is: meanings as in ``posterior.Decisions`` and ``engine.Matches``, of the candidate answered
    (``entity`` is -1 when there is none)."""

    outcome: int
    entity: int
    record: int
    probability: float
    score: float
    gap: float
    considered: int
    budget_hit: bool


def packed(record: CanonicalRecord, token_ids: Mapping[str, int]) -> Packed:
    """One record for :func:`match_one`; ``token_ids`` is the register's vocabulary."""
    unknown = UnknownTokens(token_ids)
    near: list[int] = []
    row = row_of(record, unknown)
    state, tax_id = tax_of(record.tax, near)
    emails = [address.encode() for _, address in record.emails]
    numbers = [*row, state, tax_id, len(unknown.tokens), len(near), len(record.phones), len(emails)]
    letters = bytearray()
    for token in unknown.tokens:
        spelled = token.encode()[:TOKEN_BYTES]
        numbers += (len(spelled), sound_code(token))
        letters += spelled.ljust(TOKEN_BYTES, b"\0")
    numbers += near
    numbers += [number for _, number in record.phones]
    numbers += map(len, emails)
    letters += b"".join(emails)
    return Packed(np.array(numbers, np.int64), np.frombuffer(letters or bytearray(1), np.uint8))


@compiled
def unpacked(numbers: NDArray[np.int64], letters: NDArray[np.uint8]) -> Subjects:
    """The batch of one that a packed record stands for."""
    unknown, near, phones, emails = numbers[UNKNOWN], numbers[NEAR], numbers[PHONES], numbers[EMAILS]
    near_at = LISTS + 2 * unknown
    phones_at = near_at + near
    emails_at = phones_at + phones
    rows = np.empty((1, WIDTH), np.int32)
    for i in range(WIDTH):
        rows[0, i] = numbers[i]
    length, sound = np.empty(unknown, np.uint8), np.empty(unknown, np.uint32)
    for i in range(unknown):
        length[i] = numbers[LISTS + 2 * i]
        sound[i] = numbers[LISTS + 2 * i + 1]
    offsets = np.empty(emails + 1, np.int64)
    offsets[0] = unknown * TOKEN_BYTES
    for i in range(emails):
        offsets[i + 1] = offsets[i] + numbers[emails_at + i]
    claims, recipes = np.empty(phones + emails, np.uint64), np.full(phones + emails, EMAIL, np.uint8)
    claims[:phones] = claim_keys(numbers[phones_at:emails_at].astype(np.uint64), PHONE)
    claims[phones:] = claim_keys(text_hashes(offsets, letters), EMAIL)
    for i in range(phones):
        recipes[i] = PHONE if numbers[phones_at + i] >= FIRST_MOBILE else LANDLINE
    return Subjects(
        rows,
        letters[: unknown * TOKEN_BYTES].copy().reshape(unknown, TOKEN_BYTES),
        length,
        sound,
        np.full(1, numbers[TAX_STATE], np.uint8),
        np.full(1, numbers[TAX_ID], np.int64),
        np.array([0, near], np.int32),
        numbers[near_at:phones_at].copy(),
        np.array([0, phones + emails], np.int32),
        claims,
        recipes,
    )


@compiled
def match_one(
    numbers: NDArray[np.int64], letters: NDArray[np.uint8], target: Target, people: bool, threshold: float
) -> tuple[int, int, int, float, float, float, int, bool]:
    """The members of a :class:`Decision`."""
    subjects = unpacked(numbers, letters)
    matches = Matches(
        np.full((1, BEST), -1, np.int32),
        np.full((1, BEST), -1, np.int32),
        np.full((1, BEST), -1e9),
        np.zeros(1),
        np.zeros(1, np.int32),
        np.zeros(1, np.bool_),
    )
    match(subjects, target, people, matches)
    decisions = Decisions(np.empty(1, np.uint8), np.zeros(1, np.int64), np.empty(1), np.empty(1), np.zeros((1, BEST)))
    sparse = np.full(1, numbers[DATE] == 0 and numbers[TAX_STATE] == NO_TAX)
    decide(matches, Rule(threshold, target.weights.twice, people), sparse, target.register, decisions)
    chosen = decisions.chosen[0]
    return (
        int(decisions.outcome[0]),
        int(matches.entity[0, chosen]),
        int(matches.record[0, chosen]),
        decisions.probability[0],
        matches.score[0, chosen],
        decisions.gap[0],
        int(matches.considered[0]),
        bool(matches.budget_hit[0]),
    )
