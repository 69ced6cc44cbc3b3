"""What every system is given, and what it gives back: known records, records to look up, and one answer for each."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FIELDS = (
    "given_name", "surname", "birth_date", "sex", "mother_name", "tax_id",
    "number", "street", "district", "city", "state", "postal_code", "phone", "email",
)  # fmt: skip
"""Columns of a record; dates are yyyymmdd, the surname is all of a name but its first word, ``""`` is missing."""

Plain = dict[str, str]


class Task(NamedTuple):
    """Look every record of ``asked`` up among ``known``. ``truth`` holds, for each, the entity meant (-1: none);
    ``entity`` the entity of each known record: several records may be of one."""

    name: str
    known: Sequence[Plain]
    asked: Sequence[Plain]
    entity: NDArray[np.int64]
    truth: NDArray[np.int64]


class Answers(NamedTuple):
    """Per record asked: the best entity (-1: none) and its score, with the threshold that the system's own documents
    name; seconds to get ready (once) and to answer all, and the peak memory in bytes."""

    best: NDArray[np.int64]
    score: NDArray[np.float64]
    threshold: float
    prepare_seconds: float
    answer_seconds: float
    memory: int


class Quality(NamedTuple):
    precision: float
    recall: float
    f1: float
    wrong: int
    missed: int


def quality(answers: Answers, truth: NDArray[np.int64], threshold: float | None = None) -> Quality:
    """Of the answers at or above the threshold (the system's own when not given). An answer for somebody who is
    known, but another, is both wrong and missed."""
    cut = answers.threshold if threshold is None else threshold
    accepted = (answers.best >= 0) & (answers.score >= cut)
    right = int((accepted & (answers.best == truth)).sum())
    present, given = int((truth >= 0).sum()), int(accepted.sum())
    precision = right / given if given else 1.0
    recall = right / present if present else 1.0
    f1 = 2 * right / (given + present) if given + present else 1.0
    return Quality(precision, recall, f1, given - right, present - right)
