"""Pairs of rows → agreement patterns, or the sum of them: all that training needs to know of the pairs.

Pairs are compared by the engine's own compiled rules. Those add up bits; given weights whose bits are digits, 8 to the
power of a level's place, the sum spells how often each level was counted.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import borrowed, compiled, inlined, outlives, signed
from bureau.matching.compare import compare_mothers, compare_names, date_level, place_level, sex_level, suffix_level
from bureau.matching.layout import DATE, FLAGS, NO_TAX_ID, Vocabulary
from bureau.matching.levels import HYPOTHESES, LEVELS, Level
from bureau.matching.questions import OUTCOMES, Otherwise
from bureau.matching.scratch import Scratch, load_subject, new_scratch
from bureau.matching.statistics import YEARS, Statistics
from bureau.matching.subject import Subjects, known_subjects
from bureau.matching.weights import Weights

_CHUNK = 1 << 16  # pairs compared before their patterns are added up
_DIGITS = -(-LEVELS // HYPOTHESES)  # levels spelt by each sum: 15 of 3 bits, exact in a float
_BEYOND = 1e18  # a bound that never binds

SURNAME_SAME, SURNAME_INITIAL, SURNAME_ADDED = map(
    int, (Level.SURNAME_SAME, Level.SURNAME_INITIAL, Level.SURNAME_ADDED)
)
SURNAME_DROPPED, LAST_DROPPED = int(Level.SURNAME_DROPPED), int(Level.LAST_DROPPED)
LAST_REPLACED, MIDDLE_REPLACED = int(Level.LAST_REPLACED), int(Level.MIDDLE_REPLACED)
SURNAME_JOINED, SURNAME_ORDER = int(Level.SURNAME_JOINED), int(Level.SURNAME_ORDER)
PHONE_SAME, EMAIL_SAME, MISSING = int(Level.PHONE_SAME), int(Level.EMAIL_SAME), int(Level.MISSING)
TAX_SAME, TAX_DIFFERENT = int(Level.TAX_SAME), int(Level.TAX_DIFFERENT)
NOT_JOINED, IN_ORDER = int(Otherwise.NOT_JOINED), int(Otherwise.IN_ORDER)
NOT_ADDED, NOT_DROPPED = int(Otherwise.NOT_ADDED), int(Otherwise.NOT_DROPPED)
LAST_KEPT, MIDDLE_KEPT = int(Otherwise.LAST_KEPT), int(Otherwise.MIDDLE_KEPT)
SUFFIX_APPEARED = int(Otherwise.SUFFIX_APPEARED)
PHONE_DIFFERENT, EMAIL_DIFFERENT = int(Otherwise.PHONE_DIFFERENT), int(Otherwise.EMAIL_DIFFERENT)


class Compared(NamedTuple):
    """The rows that pairs are made of. ``records`` is laid out as in ``layout``, one a row; phones and e-mails of row
    i are ``phones[phone_ends[i - 1]:phone_ends[i]]``, 0 unknown."""

    records: NDArray[np.int32]
    tax_id: NDArray[np.int64]
    phone_ends: NDArray[np.int64]
    phones: NDArray[np.int64]
    email_ends: NDArray[np.int64]
    emails: NDArray[np.int64]
    vocabulary: Vocabulary
    state_of: NDArray[np.uint8]


class _Ruler(NamedTuple):
    subjects: Subjects
    vocabulary: Vocabulary
    statistics: Statistics
    weights: Weights


def patterns(rows: Compared, submitted: NDArray[np.int64], found: NDArray[np.int64]) -> NDArray[np.uint8]:
    """How often each outcome was seen in each of the pairs ``(submitted[i], found[i])``, which are row numbers."""
    outcomes = np.zeros((len(submitted), OUTCOMES), np.uint8)
    _observe(rows, _ruler(rows), submitted, found, outcomes)
    return outcomes


def counts(
    rows: Compared, submitted: NDArray[np.int64], found: NDArray[np.int64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How often each outcome was seen in all of the pairs together, a pair counting ``weight`` times."""
    total = np.zeros(OUTCOMES)
    for start in range(0, len(submitted), _CHUNK):
        part = slice(start, start + _CHUNK)
        total += weight[part] @ patterns(rows, submitted[part], found[part])
    return total


def _ruler(rows: Compared) -> _Ruler:
    """The engine's arguments for counting: no value tells anything, and a level's weight is its digit."""
    table = np.zeros((LEVELS, HYPOTHESES))
    for level in range(LEVELS):
        table[level, level // _DIGITS] = 8.0 ** (level % _DIGITS)
    no, tokens = np.zeros(0), np.zeros(len(rows.vocabulary.length), np.float32)
    silent = np.zeros(YEARS, np.float32)
    statistics = Statistics(1, 1, tokens, tokens, tokens, silent, silent, rows.state_of, np.zeros(0, np.int32), silent)
    penalty = np.array([0.0, -_BEYOND, -_BEYOND, -_BEYOND])
    weights = Weights(
        table, no, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, penalty, np.zeros(4), 0.0, 0, 0, 0.0, 0, False, 0.0
    )
    return _Ruler(known_subjects(rows.records), rows.vocabulary, statistics, weights)


@compiled
def _observe(
    rows: Compared, ruler: _Ruler, submitted: NDArray[np.int64], found: NDArray[np.int64], outcomes: NDArray[np.uint8]
) -> None:
    scratch = new_scratch()
    _observe_all(borrowed(rows), borrowed(ruler), borrowed(scratch), submitted, found, outcomes)
    outlives(scratch)


@inlined
def _observe_all(
    rows: Compared,
    ruler: _Ruler,
    scratch: Scratch,
    submitted: NDArray[np.int64],
    found: NDArray[np.int64],
    outcomes: NDArray[np.uint8],
) -> None:
    for p in range(len(submitted)):
        a, b, out = submitted[p], found[p], outcomes[p]
        mine, theirs = rows.records[a], rows.records[b]
        name, alias = load_subject(ruler.subjects, a, ruler.vocabulary, ruler.statistics, scratch)
        scratch.bits[:] = 0.0
        compare_names(theirs, name, scratch, ruler.vocabulary, ruler.statistics, ruler.weights)
        compare_mothers(theirs, alias, scratch, ruler.vocabulary, ruler.statistics, ruler.weights)
        _spell(scratch, out)
        _count_otherwise(out, name, _name_length(theirs))
        _count_suffix(mine[FLAGS] & 0xFF, theirs[FLAGS] & 0xFF, out)
        out[date_level(mine[DATE], theirs[DATE])] += 1
        out[place_level(mine, theirs, ruler.statistics)] += 1
        out[sex_level(mine[FLAGS], theirs[FLAGS])] += 1
        _count_shared(rows.phone_ends, rows.phones, a, b, out[PHONE_SAME:], out[PHONE_DIFFERENT:])
        _count_shared(rows.email_ends, rows.emails, a, b, out[EMAIL_SAME:], out[EMAIL_DIFFERENT:])
        if rows.tax_id[a] != NO_TAX_ID and rows.tax_id[b] != NO_TAX_ID:
            out[TAX_SAME if rows.tax_id[a] == rows.tax_id[b] else TAX_DIFFERENT] += 1
        out[MISSING] = 0


@inlined
def _spell(scratch: Scratch, out: NDArray[np.uint8]) -> None:
    """The digits of the four sums."""
    for h in range(HYPOTHESES):
        total = np.int64(scratch.bits[h])
        for level in range(h * _DIGITS, min((h + 1) * _DIGITS, LEVELS)):
            out[level] = total & 7
            total >>= 3


@inlined
def _name_length(record: NDArray[np.int32]) -> int:
    count = 0
    while count < 6 and record[count] != 0:
        count += 1
    return count


@inlined
def _count_otherwise(out: NDArray[np.uint8], n: int, m: int) -> None:
    """What could have happened to two names of ``n`` and ``m`` tokens and did not."""
    if n == 0 or m == 0:
        return
    paired = 0
    for level in range(SURNAME_SAME, SURNAME_INITIAL + 1):
        paired += signed(out[level])
    out[NOT_JOINED] = 1 - out[SURNAME_JOINED]
    out[NOT_ADDED] = paired
    out[IN_ORDER] = 1 - out[SURNAME_ORDER] if paired > 1 else 0
    out[LAST_KEPT] = 1 - out[LAST_DROPPED] - out[LAST_REPLACED] if m > 1 else 0
    out[MIDDLE_KEPT] = 1 - out[MIDDLE_REPLACED] if n > 2 and m > 2 else 0
    out[NOT_DROPPED] = max(m - 2 - signed(out[SURNAME_DROPPED]) - signed(out[MIDDLE_REPLACED]), 0)


@inlined
def _count_suffix(submitted: int, found: int, out: NDArray[np.uint8]) -> None:
    out[suffix_level(submitted, found)] += 1
    if submitted == 0 and found != 0:
        out[SUFFIX_APPEARED] += 1


@inlined
def _count_shared(
    ends: NDArray[np.int64],
    values: NDArray[np.int64],
    a: int,
    b: int,
    same: NDArray[np.uint8],
    other: NDArray[np.uint8],
) -> None:
    """Whether two rows share a value; nothing is counted where one of them has none."""
    known = False
    for i in range(ends[a - 1] if a > 0 else 0, ends[a]):
        for j in range(ends[b - 1] if b > 0 else 0, ends[b]):
            if values[i] != 0 and values[j] != 0:
                known = True
                if values[i] == values[j]:
                    same[0] = 1
                    return
    other[0] = known
