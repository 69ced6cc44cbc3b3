"""Which rows of the source tables training looks at together: drawn at random, and by blocking rules.

Every draw is made over rows in the order of a hash of what they say, so input in another order draws the same pairs.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, inlined
from bureau.matching.blocking import key, mixed
from bureau.matching.layout import ALIAS, ALIAS_TOKENS, DATE, FLAGS, MUNICIPALITY, NAME, NAME_TOKENS, POSTAL_CODE
from bureau.matching.patterns import Compared
from bureau.matching.questions import Field

CROWD = 100
"""Rows of one block beyond which it is left out: its pairs are strangers, and random pairs speak for those."""

RULES = {
    "birth date, first name": frozenset({Field.DATE, Field.GIVEN}),
    "birth date, last name": frozenset({Field.DATE, Field.SURNAMES}),
    "first name, mother": frozenset({Field.GIVEN, Field.MOTHER}),
    "name, postal code": frozenset({Field.GIVEN, Field.SURNAMES, Field.PLACE}),
}
"""What each rule compares, by sound where names are. Every field is left free by a rule or more."""


class Pairs(NamedTuple):
    """Row numbers; ``submitted`` was seen no later than ``found``, as a client's record is older than a source's."""

    submitted: NDArray[np.int64]
    found: NDArray[np.int64]


class Traced(NamedTuple):
    """By row: a hash of what it says, when it was seen, and the source it came from."""

    hashes: NDArray[np.uint64]
    seen: NDArray[np.int32]
    source: NDArray[np.uint8]


def trace(
    rows: Compared, text_hashes: NDArray[np.uint64], seen: NDArray[np.int32], source: NDArray[np.uint8]
) -> Traced:
    """``text_hashes`` is by the number that stands for an e-mail."""
    letters = rows.vocabulary.letters.view(np.uint64)
    return Traced(_hashes(rows, letters, text_hashes, seen), seen, source)


def random_pairs(traced: Traced, count: int, seed: int) -> Pairs:
    """``count`` pairs of two rows; with fewer than two rows there is none."""
    order, draw = np.argsort(traced.hashes, kind="stable"), np.random.default_rng([seed, 0])
    if len(order) < 2:
        return Pairs(np.zeros(0, np.int64), np.zeros(0, np.int64))
    one = draw.integers(0, len(order), count)
    two = (one + draw.integers(1, len(order), count)) % len(order)
    return _oldest_first(traced, order[one], order[two])


def blocked_pairs(rows: Compared, traced: Traced, rule: str, count: int, seed: int) -> Pairs:
    """Up to about ``count`` pairs of rows of different sources that agree on what a rule compares: of all blocks, or
    of as many, drawn at random, as it takes."""
    number = list(RULES).index(rule)
    keys = _rule_keys(rows, number)
    order = np.lexsort((traced.hashes, keys))
    order = order[np.searchsorted(keys[order], 1) :]  # 0: the rule cannot be applied to the row
    first = np.flatnonzero(np.diff(keys[order], prepend=np.uint64(0), append=np.uint64(0)))
    blocks = np.random.default_rng([seed, number + 1]).permutation(max(len(first) - 1, 0))
    one, two = _block_pairs(order, first, blocks, traced.source, count)
    return _oldest_first(traced, one, two)


def _oldest_first(traced: Traced, one: NDArray[np.int64], two: NDArray[np.int64]) -> Pairs:
    seen, hashes = traced.seen, traced.hashes
    later = (seen[one] > seen[two]) | ((seen[one] == seen[two]) & (hashes[one] > hashes[two]))
    return Pairs(np.where(later, two, one), np.where(later, one, two))


@compiled
def _block_pairs(
    order: NDArray[np.int64],
    first: NDArray[np.int64],
    blocks: NDArray[np.int64],
    source: NDArray[np.uint8],
    count: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    one, two, n = np.empty(count + CROWD * CROWD, np.int64), np.empty(count + CROWD * CROWD, np.int64), 0
    for block in blocks:
        rows = order[first[block] : first[block + 1]]
        if len(rows) > CROWD:
            continue
        for i in range(len(rows)):
            for j in range(i + 1, len(rows)):
                if source[rows[i]] != source[rows[j]]:
                    one[n], two[n] = rows[i], rows[j]
                    n += 1
        if n >= count:
            break
    return one[:n].copy(), two[:n].copy()


@compiled
def _rule_keys(rows: Compared, rule: int) -> NDArray[np.uint64]:
    """The key of every row under a rule of ``RULES``; 0 where it lacks what the rule compares."""
    keys, sound = np.zeros(len(rows.records), np.uint64), rows.vocabulary.sound
    for i in range(len(keys)):
        row = rows.records[i]
        n, m = _length(row[NAME : NAME + NAME_TOKENS]), _length(row[ALIAS : ALIAS + ALIAS_TOKENS])
        if n < 2:
            continue
        first, last, date = int(sound[row[NAME]]), int(sound[row[NAME + n - 1]]), int(row[DATE])
        if rule == 0 and date > 0:
            keys[i] = key(1, date, first, 0)
        elif rule == 1 and date > 0:
            keys[i] = key(2, date, last, 0)
        elif rule == 2 and m > 1:
            keys[i] = key(3, first, int(sound[row[ALIAS]]), int(sound[row[ALIAS + m - 1]]))
        elif rule == 3 and row[POSTAL_CODE] > 0:
            keys[i] = key(4, first, last, int(row[POSTAL_CODE]))
    return keys


@inlined
def _length(tokens: NDArray[np.int32]) -> int:
    count = 0
    while count < len(tokens) and tokens[count] != 0:
        count += 1
    return count


@compiled
def _hashes(
    rows: Compared, letters: NDArray[np.uint64], text_hashes: NDArray[np.uint64], seen: NDArray[np.int32]
) -> NDArray[np.uint64]:
    found = np.zeros(len(rows.records), np.uint64)
    for i in range(len(found)):
        row, value = rows.records[i], np.uint64(seen[i])
        for column in range(ALIAS + ALIAS_TOKENS):
            value = mixed(value + mixed(letters[row[column], 0]) + letters[row[column], 1])
        for column in (DATE, POSTAL_CODE, MUNICIPALITY, FLAGS):
            value = mixed(value + np.uint64(row[column]))
        value = mixed(value + np.uint64(rows.tax_id[i]))
        for j in range(rows.phone_ends[i - 1] if i > 0 else 0, rows.phone_ends[i]):
            value += mixed(np.uint64(rows.phones[j]))
        for j in range(rows.email_ends[i - 1] if i > 0 else 0, rows.email_ends[i]):
            value += text_hashes[rows.emails[j]]
        found[i] = mixed(value)
    return found
