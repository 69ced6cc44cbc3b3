"""Pairs of rows of the source tables: which of the two is the older, and pairs drawn at random.

Every draw is made over rows in the order of a hash of what they say, so input in another order draws the same pairs.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.matching.blocking import mixed
from bureau.matching.layout import ALIAS, ALIAS_TOKENS, DATE, FLAGS, MUNICIPALITY, POSTAL_CODE
from bureau.matching.patterns import Compared


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
    return oldest_first(traced, order[one], order[two])


def oldest_first(traced: Traced, one: NDArray[np.int64], two: NDArray[np.int64]) -> Pairs:
    """Pairs of rows with the older as the one submitted; of rows of one day the lower hash decides."""
    seen, hashes = traced.seen, traced.hashes
    higher = (hashes[one] > hashes[two]) | ((hashes[one] == hashes[two]) & (one > two))  # rows may say the very same
    later = (seen[one] > seen[two]) | ((seen[one] == seen[two]) & higher)
    return Pairs(np.where(later, two, one), np.where(later, one, two))


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
