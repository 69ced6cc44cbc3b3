"""What each observation about a contact is worth, in bits towards "it reaches this person and nobody else".

Plain data. Steps are multiples of 1/8 bit and ages are rounded to 1/1024, so a sum of them is exact in binary floating
point whatever the order of addition: the scalar and the compiled ranking can never break a tie differently. Figures
marked *assumed* have no published measurement behind them; they wait for clients' reported outcomes.
"""

import functools
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from bureau.evidence import bits

Steps = tuple[tuple[int, float], ...]
"""Lower bounds in ascending order with the bits that hold from there on."""


class Line(IntEnum):
    """What kind of contact it is; the values index :func:`age_bits`."""

    EMAIL = 0
    MOBILE = 1
    LANDLINE = 2


PRIOR = -1.5
"""26 % of dialled contacts reach the right party, the debt-collection industry's average (4-6 phones an account)."""

FRESH = 0.9  # assumed: share of contacts that are right on the day they are recorded

HALF_LIFE = {
    Line.EMAIL: 834,  # 29.7 % of 5,594 people kept their e-mail from the 2014 to the 2018 electoral register
    Line.MOBILE: 1825,  # assumed: five years; numbers outlive carriers since portability (96 million portings)
    Line.LANDLINE: 1095,  # assumed: three years; fixed lines are being given up
}
"""Days after which half of the contacts no longer belong to the person."""

LINE = {
    Line.EMAIL: 0.0,
    Line.MOBILE: 0.375,
    Line.LANDLINE: -1.25,  # a mobile reaches the right party about three times as often: log2(3) = 1.6 bits apart
}

SOURCES: Steps = ((1, 0.0), (2, 1.0), (3, 1.625), (4, 2.0))
"""Number of sources that hold it. *Assumed*, and flattening: sources copy from one another."""

TENURE: Steps = ((0, 0.0), (365, 0.5), (1095, 1.0), (1825, 1.25))
"""Days between first and last sighting: what was kept for years is kept longer. *Assumed.*"""

SHARED: Steps = ((0, 0.0), (2, -1.0), (3, -2.0), (5, -3.0), (10, -5.0), (100, -9.0))
"""Entities that claim it. If it is one of n people's, the odds fall by log2(n); from ten on it is an accountant, a
shop or an office (33.7 % of register e-mails are shared, one by 196 people), from a hundred on it says nothing."""

SAME_AREA = 0.625  # 93.1 % of numbers bear the area code of their owner's city; wrong numbers are mostly local too
SAME_STATE = -0.5
OTHER_STATE = {Line.MOBILE: -1.0, Line.LANDLINE: -2.5}
"""People move and keep a mobile; a fixed line stays where it is. *Assumed.*"""

KNOWN_TO_CLIENT = 1.0  # assumed: as a second source
LINKED = -2.0  # assumed: it reaches the linked company, whose staff or accountant may answer

OLDEST = 36_500  # days; ages beyond a century count as this


@functools.cache
def age_bits() -> NDArray[np.float64]:
    """Bits of a last sighting, by :class:`Line` and age in days, relative to :data:`PRIOR`.

    A contact of that age is right with probability ``FRESH * 2 ** (-age / half-life)``, at least 1 %.
    """
    days = np.arange(OLDEST + 1)
    table = np.empty((len(Line), OLDEST + 1))
    for line in Line:
        survival = np.maximum(FRESH * 2.0 ** (-days / HALF_LIFE[line]), 0.01)
        table[line] = np.round((np.log2(survival / (1 - survival)) - bits(0.26)) * 1024) / 1024
    table.setflags(write=False)
    return table


def step(steps: Steps, observed: int) -> float:
    """The bits of ``observed``; below the first bound nothing is known and it is worth nothing."""
    worth = 0.0
    for bound, bits_from_there in steps:
        if observed < bound:
            break
        worth = bits_from_there
    return worth


def bounds_and_bits(steps: Steps) -> NDArray[np.float64]:
    """A step table as a ``(2, n)`` array for compiled code."""
    return np.array(steps, np.float64).T.copy()
