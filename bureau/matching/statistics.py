"""How common each value is in one register: the information, in bits, that an agreement on it carries."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.matching.layout import DATE, MUNICIPALITY, POSTAL_CODE, Vocabulary

FIRST_YEAR = 1850
YEARS = 300
PLACES = 6000  # more than the 5,572 municipalities


class Counts(NamedTuple):
    """What the builder counts over all records of a register and stores beside them."""

    years: NDArray[np.uint32]  # (300,) births (openings) by year since 1850
    municipalities: NDArray[np.uint32]  # (6000,) records by latest municipality
    postal_codes: NDArray[np.int32]  # distinct CEPs, ascending
    postal_counts: NDArray[np.uint32]  # records behind each


class Statistics(NamedTuple):
    """Information in bits, -log2 of a frequency, by value; what a population never showed counts as half a record."""

    entities: int
    with_tax_id: int  # entities 0..with_tax_id-1 have one
    first_bits: NDArray[np.float32]  # by token, as first name
    other_bits: NDArray[np.float32]  # by token, anywhere later in the name
    women: NDArray[np.float32]  # by token, as first name: the share of women among its bearers, 0 where unknown
    year_bits: NDArray[np.float32]  # by year since 1850: of one date in that year
    city_bits: NDArray[np.float32]
    state_of: NDArray[np.uint8]  # by municipality
    postal_codes: NDArray[np.int32]
    postal_bits: NDArray[np.float32]


@compiled
def _count(records: NDArray[np.int32], years: NDArray[np.uint32], places: NDArray[np.uint32]) -> None:
    for r in range(len(records)):
        year = records[r, DATE] // 10000 - FIRST_YEAR
        if 0 <= year < YEARS:
            years[year] += 1
        places[min(records[r, MUNICIPALITY] & 0xFFFF, PLACES - 1)] += 1


def count(records: NDArray[np.int32]) -> Counts:
    """Count the values of one register's records."""
    years, places = np.zeros(YEARS, np.uint32), np.zeros(PLACES, np.uint32)
    _count(records, years, places)
    codes, counts = np.unique(records[:, POSTAL_CODE], return_counts=True)
    known = codes > 0
    return Counts(years, places, codes[known].astype(np.int32), counts[known].astype(np.uint32))


def statistics(
    tax_id: NDArray[np.int64],
    vocabulary: Vocabulary,
    counts: Counts,
    state_of: NDArray[np.uint8],
    women: NDArray[np.float32],
) -> Statistics:
    """The information of each value, from the stored counts; ``tax_id`` is the register's sorted column,
    ``state_of`` the state of each municipality, ``women`` the share of women among those with each first name."""
    known = int(np.searchsorted(tax_id, np.iinfo(np.int64).max))
    return Statistics(
        len(tax_id),
        known,
        _bits(vocabulary.as_first, int(vocabulary.as_first.sum())),
        _bits(vocabulary.as_other, int(vocabulary.as_first.sum())),  # of people whose name has it, not of tokens
        women,
        (_bits(counts.years, int(counts.years.sum())) + np.float32(np.log2(365.25))).astype(np.float32),
        _bits(counts.municipalities, int(counts.municipalities[1:].sum())),
        state_of,
        np.asarray(counts.postal_codes),
        _bits(counts.postal_counts, int(counts.postal_counts.sum())),
    )


def _bits(counts: NDArray[np.uint32], total: int) -> NDArray[np.float32]:
    bits: NDArray[np.float64] = np.log2(total + 1.0) - np.log2(counts + 0.5)
    return bits.clip(0.0).astype(np.float32)
