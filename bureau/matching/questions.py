"""What training asks of a pair of records: questions, each with a few outcomes of which exactly one is given.

A comparison level says what was seen; a probability needs what could have been seen instead. Most levels answer a
question together (a date is the same, or differs in its day, …). Others are events that happen or not (a surname was
dropped); their other outcome, "not", is numbered here beyond the levels.
"""

from enum import Enum, IntEnum, auto
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.matching.levels import LEVELS, Level


class Field(Enum):
    """What a question is about: some fields relatives share with a person."""

    GIVEN = auto()
    SURNAMES = auto()
    SUFFIX = auto()
    DATE = auto()
    MOTHER = auto()
    PLACE = auto()
    SEX = auto()
    PHONE = auto()
    EMAIL = auto()


class Otherwise(IntEnum):
    """Outcomes that are no comparison level."""

    NOT_JOINED = LEVELS
    IN_ORDER = LEVELS + 1  # two later tokens or more were paired
    NOT_ADDED = LEVELS + 2  # a later token submitted that was paired
    NOT_DROPPED = LEVELS + 3  # a middle token of the candidate that was submitted
    LAST_KEPT = LEVELS + 4
    MIDDLE_KEPT = LEVELS + 5
    SUFFIX_APPEARED = LEVELS + 6  # none was submitted, the candidate has one
    PHONE_DIFFERENT = LEVELS + 7  # both have one
    EMAIL_DIFFERENT = LEVELS + 8


OUTCOMES = LEVELS + len(Otherwise)
"""Columns of an outcome table: levels, then ``Otherwise``."""


class Question(NamedTuple):
    field: Field
    outcomes: tuple[int, ...]


QUESTIONS = (
    Question(Field.GIVEN, tuple(range(Level.GIVEN_SAME, Level.GIVEN_DIFFERENT + 1))),
    Question(Field.SURNAMES, tuple(range(Level.SURNAME_SAME, Level.SURNAME_INITIAL + 1))),
    Question(Field.SURNAMES, (Level.SURNAME_JOINED, Otherwise.NOT_JOINED)),
    Question(Field.SURNAMES, (Level.SURNAME_ORDER, Otherwise.IN_ORDER)),
    Question(Field.SURNAMES, (Level.SURNAME_ADDED, Otherwise.NOT_ADDED)),
    Question(Field.SURNAMES, (Level.SURNAME_DROPPED, Otherwise.NOT_DROPPED)),
    Question(Field.SURNAMES, (Level.LAST_DROPPED, Level.LAST_REPLACED, Otherwise.LAST_KEPT)),
    Question(Field.SURNAMES, (Level.MIDDLE_REPLACED, Otherwise.MIDDLE_KEPT)),
    Question(Field.SUFFIX, tuple(range(Level.SUFFIX_SAME, Level.SUFFIX_DIFFERENT + 1))),
    # Where nobody has a suffix the first question is not asked; of those submitted without, how many have none?
    Question(Field.SUFFIX, (Level.SUFFIX_NONE, Otherwise.SUFFIX_APPEARED)),
    Question(Field.DATE, tuple(range(Level.DATE_SAME, Level.DATE_DIFFERENT + 1))),
    Question(Field.MOTHER, tuple(range(Level.MOTHER_SAME, Level.MOTHER_DIFFERENT + 1))),
    Question(Field.PLACE, tuple(range(Level.PLACE_HOUSE, Level.PLACE_ELSEWHERE + 1))),
    Question(Field.SEX, (Level.SEX_SAME, Level.SEX_DIFFERENT)),
    Question(Field.PHONE, (Level.PHONE_SAME, Otherwise.PHONE_DIFFERENT)),
    Question(Field.EMAIL, (Level.EMAIL_SAME, Otherwise.EMAIL_DIFFERENT)),
)  # fmt: skip


def answers(question: Question, levels: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability of each outcome, from the model's of the levels among them; what is left goes to "otherwise".

    A model's levels of one question need not add up to 1; here they do.
    """
    known = np.array([levels[outcome] if outcome < LEVELS else 0.0 for outcome in question.outcomes])
    if question.outcomes[-1] >= LEVELS:
        known[-1] = max(1.0 - known.sum(), 1e-6)
    share: NDArray[np.float64] = known / known.sum()
    return share
