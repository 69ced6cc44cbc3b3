"""One query against one candidate record, field by field, under the four hypotheses of ``levels``.

The compiled twin of ``reference.py``, which is the readable statement of the same rules; tests hold them equal.
"""

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import inlined, real, signed
from bureau.matching.align import align, joins
from bureau.matching.layout import (
    ALIAS,
    ALIAS_TOKENS,
    FLAGS,
    MUNICIPALITY,
    NAME,
    NAME_TOKENS,
    POSTAL_CODE,
    Vocabulary,
)
from bureau.matching.levels import HYPOTHESES, Hypothesis, Level
from bureau.matching.scratch import Scratch, likeness
from bureau.matching.statistics import FIRST_YEAR, YEARS, Statistics
from bureau.matching.tokens import INITIAL, SAME, UNLIKE, is_given_name
from bureau.matching.weights import Weights

NAMESAKE = int(Hypothesis.NAMESAKE)
GIVEN_SAME, GIVEN_INITIAL = int(Level.GIVEN_SAME), int(Level.GIVEN_INITIAL)
GIVEN_MOVED, GIVEN_DIFFERENT = int(Level.GIVEN_MOVED), int(Level.GIVEN_DIFFERENT)
SURNAME_SAME, SURNAME_INITIAL = int(Level.SURNAME_SAME), int(Level.SURNAME_INITIAL)
SURNAME_JOINED, SURNAME_ORDER = int(Level.SURNAME_JOINED), int(Level.SURNAME_ORDER)
SURNAME_ADDED, SURNAME_DROPPED = int(Level.SURNAME_ADDED), int(Level.SURNAME_DROPPED)
MIDDLE_REPLACED = int(Level.MIDDLE_REPLACED)
LAST_DROPPED, LAST_REPLACED = int(Level.LAST_DROPPED), int(Level.LAST_REPLACED)
SUFFIX_SAME, SUFFIX_COMPATIBLE = int(Level.SUFFIX_SAME), int(Level.SUFFIX_COMPATIBLE)
SUFFIX_MISSING, SUFFIX_DIFFERENT = int(Level.SUFFIX_MISSING), int(Level.SUFFIX_DIFFERENT)
SUFFIX_NONE = int(Level.SUFFIX_NONE)
DATE_SAME, DATE_DAY, DATE_MONTH = int(Level.DATE_SAME), int(Level.DATE_DAY), int(Level.DATE_MONTH)
DATE_YEAR_DIGIT, DATE_YEAR = int(Level.DATE_YEAR_DIGIT), int(Level.DATE_YEAR)
DATE_SWAPPED, DATE_SAME_YEAR = int(Level.DATE_SWAPPED), int(Level.DATE_SAME_YEAR)
DATE_GENERATION, DATE_DIFFERENT = int(Level.DATE_GENERATION), int(Level.DATE_DIFFERENT)
MOTHER_SAME, MOTHER_COMPATIBLE = int(Level.MOTHER_SAME), int(Level.MOTHER_COMPATIBLE)
MOTHER_GIVEN, MOTHER_SURNAME = int(Level.MOTHER_GIVEN), int(Level.MOTHER_SURNAME)
MOTHER_DIFFERENT = int(Level.MOTHER_DIFFERENT)
PLACE_HOUSE, PLACE_POSTAL, PLACE_CITY = int(Level.PLACE_HOUSE), int(Level.PLACE_POSTAL), int(Level.PLACE_CITY)
PLACE_STATE, PLACE_ELSEWHERE = int(Level.PLACE_STATE), int(Level.PLACE_ELSEWHERE)
SEX_SAME, SEX_DIFFERENT = int(Level.SEX_SAME), int(Level.SEX_DIFFERENT)
COMMON_NAME, MISSING = int(Level.COMMON_NAME), int(Level.MISSING)
NAMED_ALIKE = int(Level.NAMED_ALIKE)


@inlined
def add(scratch: Scratch, weights: Weights, level: int, information: float) -> None:
    """Count one level under every hypothesis."""
    for h in range(HYPOTHESES):
        scratch.bits[h] += weights.table[level, h] + information


@inlined
def _add_token(
    scratch: Scratch, weights: Weights, level: int, alike: int, submitted_bits: float, found_bits: float
) -> float:
    """Count a pair of tokens; ``level`` is the one for identical tokens. Returns the information of the pair.

    A misspelling is worth at most its candidate's rarity less a penalty, as far as a hypothesis has the two bear that
    name, and less still when what was typed is itself a name that others bear: LUIS against LUIZ says little, SLVA
    against SILVA nearly as much as SILVA.
    """
    if alike == SAME:
        add(scratch, weights, level, submitted_bits)
        return submitted_bits
    if alike == INITIAL:
        add(scratch, weights, GIVEN_INITIAL if level == GIVEN_SAME else SURNAME_INITIAL, weights.initial)
        return weights.initial
    for h in range(HYPOTHESES):
        typed = weights.table[level + alike, h] + submitted_bits - weights.space[alike]
        borne = weights.table[level, h] - weights.table[level, 0]
        scratch.bits[h] += min(found_bits - weights.penalty[alike] + borne, typed)
    return found_bits


@inlined
def compare_names(
    row: NDArray[np.int32], n: int, scratch: Scratch, vocabulary: Vocabulary, statistics: Statistics, weights: Weights
) -> tuple[bool, float]:
    """Count the names; says whether they are identical token by token, and with how much information."""
    found = row[NAME : NAME + NAME_TOKENS]
    m = align(scratch, 0, n, found, vocabulary)
    if n == 0 or m == 0:
        return False, 0.0
    joined, parts = joins(scratch, 0, n, found, m, vocabulary)
    identical = n == m and joined < 0
    information = 0.0
    if joined >= 0:
        for j in range(joined, joined + parts):
            information += statistics.other_bits[found[j]]
        add(scratch, weights, SURNAME_JOINED, information)
    given, moved = joined == 0, False
    order, last = False, -1
    for i in range(n):
        j = scratch.matched[i]
        identical = identical and j >= 0
        if j < 0 or j == joined:
            continue
        alike = scratch.alike[i]
        identical = identical and alike == SAME and i == j
        if j == 0 and i == 0:
            information += _add_token(
                scratch, weights, GIVEN_SAME, alike, scratch.first_bits[i], statistics.first_bits[found[j]]
            )
            given = True
        elif (j == 0 or i == 0) and not moved:
            bits = real(statistics.other_bits[found[j]])
            add(scratch, weights, GIVEN_MOVED, min(bits, bits - weights.penalty[alike]))
            given = moved = True
        else:  # also the other half of an exchange, which happened once
            information += _add_token(
                scratch, weights, SURNAME_SAME, alike, scratch.other_bits[i], statistics.other_bits[found[j]]
            )
            if j > 0 and i > 0:
                order = order or j < last
                last = j
    if not given:
        add(scratch, weights, GIVEN_DIFFERENT, 0.0)
        identical = False
    if order:
        add(scratch, weights, SURNAME_ORDER, 0.0)
    if joined != 1 and _named_alike(scratch, n):
        add(scratch, weights, NAMED_ALIKE, 0.0)
    _count_unmatched(scratch, n, m, _own_given_names(scratch, n, found[:m], vocabulary), weights)
    return identical, information


@inlined
def _named_alike(scratch: Scratch, n: int) -> bool:
    """Whether the first two tokens are the very same: no second given name tells brothers or sisters apart."""
    first = scratch.matched[0] == 0 and scratch.alike[0] == SAME
    return n > 1 and first and scratch.matched[1] == 1 and scratch.alike[1] == SAME


@inlined
def _own_given_names(scratch: Scratch, n: int, found: NDArray[np.int32], vocabulary: Vocabulary) -> tuple[int, int]:
    """Where each of the two has a given name that the other lacks, or (-1, -1): the second tokens of MARIA CLARA and
    MARIA LUIZA; the first of JUSSARA SABRINA and the second of SABRINA JESUS, whose first name moved.

    The last token of one is a surname, unless both tokens are given names elsewhere and the first names agree.
    """
    mine, theirs, m = 1, 1, len(found)
    if scratch.matched[0] < 0 and scratch.used[0] == 1:
        mine = 0
    elif scratch.matched[0] >= 0 and scratch.used[0] == 0:
        theirs = 0
    if mine >= n or theirs >= m or scratch.matched[mine] >= 0 or scratch.used[theirs] == 1:
        return -1, -1
    last = (mine == n - 1) + (theirs == m - 1)
    if last == 2 or (last == 1 and mine != theirs):
        return -1, -1
    if likeness(scratch, mine, found[theirs], vocabulary) != UNLIKE:
        return -1, -1
    if last == 1 and not (_is_given(scratch.token[mine], vocabulary) and _is_given(signed(found[theirs]), vocabulary)):
        return -1, -1
    return mine, theirs


@inlined
def _is_given(token: int, vocabulary: Vocabulary) -> bool:
    known = token < len(vocabulary.as_first)
    return known and is_given_name(vocabulary.as_first[token], vocabulary.as_other[token])


@inlined
def _count_unmatched(scratch: Scratch, n: int, m: int, own: tuple[int, int], weights: Weights) -> None:
    mine, theirs = own
    added, dropped = 0, 0
    for i in range(1, n):
        added += scratch.matched[i] < 0 and i != mine
    for j in range(1, m - 1):
        dropped += scratch.used[j] == 0 and j != theirs
    last_dropped = m > 1 and scratch.used[m - 1] == 0 and m - 1 != theirs
    if last_dropped and n > 1 and scratch.matched[n - 1] < 0 and n - 1 != mine:
        add(scratch, weights, LAST_REPLACED, 0.0)
        added -= 1
    elif last_dropped:
        add(scratch, weights, LAST_DROPPED, 0.0)
    if mine >= 0:
        add(scratch, weights, MIDDLE_REPLACED, 0.0)
    for _ in range(added):
        add(scratch, weights, SURNAME_ADDED, 0.0)
    for _ in range(dropped):
        add(scratch, weights, SURNAME_DROPPED, 0.0)


# By suffix code of bureau.normalise.names: JUNIOR, FILHO and SEGUNDO are said of one son, NETO and TERCEIRO of one
# grandson; every other suffix is a generation of its own.
GENERATION = (0, 1, 1, 2, 3, 1, 2, 4, 5, 6)


@inlined
def suffix_level(submitted: int, found: int) -> int:
    """Same, compatible, missing on one side, or another generation; companies: the legal form."""
    if submitted == found:
        return SUFFIX_NONE if submitted == 0 else SUFFIX_SAME
    if submitted == 0 or found == 0:
        return SUFFIX_MISSING
    known = len(GENERATION)
    if submitted < known and found < known and GENERATION[submitted] == GENERATION[found]:
        return SUFFIX_COMPATIBLE
    return SUFFIX_DIFFERENT


@inlined
def date_level(a: int, b: int) -> int:
    """The level of two dates, yyyymmdd; 0 is unknown."""
    if a == 0 or b == 0:
        return MISSING
    if a == b:
        return DATE_SAME
    year_a, month_a, day_a = a // 10000, a // 100 % 100, a % 100
    year_b, month_b, day_b = b // 10000, b // 100 % 100, b % 100
    gap = abs(year_a - year_b)
    if month_a == month_b and day_a == day_b:
        digits = (year_a % 10 != year_b % 10) + (year_a // 10 % 10 != year_b // 10 % 10)
        if digits == 1 and year_a // 100 == year_b // 100:
            return DATE_YEAR_DIGIT
        return DATE_GENERATION if 15 <= gap <= 50 else DATE_YEAR
    if year_a == year_b:
        if month_a == month_b:
            return DATE_DAY
        if day_a == day_b:
            return DATE_MONTH
        return DATE_SWAPPED if month_a == day_b and day_a == month_b else DATE_SAME_YEAR
    return DATE_GENERATION if 15 <= gap <= 50 else DATE_DIFFERENT


@inlined
def compare_dates(a: int, b: int, scratch: Scratch, statistics: Statistics, weights: Weights) -> None:
    level = date_level(a, b)
    year = min(max(a // 10000 - FIRST_YEAR, 0), YEARS - 1)
    add(scratch, weights, level, statistics.year_bits[year] if level == DATE_SAME else 0.0)


@inlined
def compare_mothers(
    row: NDArray[np.int32], n: int, scratch: Scratch, vocabulary: Vocabulary, statistics: Statistics, weights: Weights
) -> None:
    """Maiden or married, in full or short: her first name decides, surnames confirm."""
    found = row[ALIAS : ALIAS + ALIAS_TOKENS]
    m = align(scratch, NAME_TOKENS, n, found, vocabulary)
    if n == 0 or m == 0:
        return
    first, surnames, shared, identical, given = 0.0, 0.0, 0, n == m, False
    for i in range(n):
        j, alike = scratch.matched[NAME_TOKENS + i], scratch.alike[NAME_TOKENS + i]
        identical = identical and alike == SAME and i == j
        if j < 0:
            continue
        if j == 0 and i == 0:
            given = True
            bits = real(statistics.first_bits[found[0]])
            first = _mother_token(scratch.first_bits[NAME_TOKENS], bits, alike, weights) - (alike != INITIAL)
        else:
            shared += 1
            bits = real(statistics.other_bits[found[j]])
            surnames += _mother_token(scratch.other_bits[NAME_TOKENS + i], bits, alike, weights)
    level = MOTHER_DIFFERENT
    if identical:
        level = MOTHER_SAME
    elif given:
        level = MOTHER_COMPATIBLE if shared > 0 else MOTHER_GIVEN
    elif shared > 0:
        level = MOTHER_SURNAME
    for h in range(HYPOTHESES):
        # A namesake's mother is another woman of the family: she may share surnames, her first name is chance.
        information = surnames if h == NAMESAKE else first + surnames
        scratch.bits[h] += weights.table[level, h] + min(max(information, 0.0), weights.mother_limit)


@inlined
def _mother_token(submitted_bits: float, found_bits: float, alike: int, weights: Weights) -> float:
    """The information of a pair of tokens, a misspelling's bounded as in :func:`_add_token`: MARTA is not MARIA."""
    if alike == INITIAL:
        return weights.initial
    information = found_bits - weights.penalty[alike]
    if alike != SAME:
        information = min(information, submitted_bits - weights.space[alike])
    return real(max(information, 0.0))


@inlined
def place_level(a: NDArray[np.int32], b: NDArray[np.int32], statistics: Statistics) -> int:
    """The best level of the query's place over the candidate's two."""
    city = a[MUNICIPALITY] & 0xFFFF
    level = MISSING
    for k in range(2):
        if a[POSTAL_CODE] > 0 and a[POSTAL_CODE] == b[POSTAL_CODE + k]:
            number = (a[FLAGS] >> 16) & 0xFFFF
            return PLACE_HOUSE if k == 0 and number > 0 and number == ((b[FLAGS] >> 16) & 0xFFFF) else PLACE_POSTAL
        other = (b[MUNICIPALITY] >> (16 * k)) & 0xFFFF
        if city > 0 and other > 0:
            here = PLACE_CITY
            if city != other:
                here = PLACE_STATE if statistics.state_of[city] == statistics.state_of[other] else PLACE_ELSEWHERE
            level = min(level, here)
    return level


@inlined
def sex_level(a: int, b: int) -> int:
    """Flags of both; sex is bits 8 and 9."""
    x, y = (a >> 8) & 3, (b >> 8) & 3
    if x == 0 or y == 0:
        return MISSING
    return SEX_SAME if x == y else SEX_DIFFERENT
