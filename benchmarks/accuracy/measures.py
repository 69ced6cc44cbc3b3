"""Arithmetic of the report: precision, recall and F1 of look-ups, their curve over thresholds, calibration, and the
pairwise quality of a merge."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.task import NOBODY, Answers

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bin = tuple[float, float, int]
"""Probability said, share that was right, answers."""
FEW = 30  # answers, below which a share says little


class Quality(NamedTuple):
    """``wrong``: answers that are somebody else. ``missed``: people who are known and were not answered."""

    precision: float
    recall: float
    f1: float
    wrong: int
    missed: int


def answered_person(answers: Answers, person: Ints) -> Ints:
    """Whose the best record is, ``NOBODY`` where there is none."""
    return np.where(answers.best >= 0, person[np.maximum(answers.best, 0)], NOBODY)


def quality(found: Ints, score: Floats, truth: Ints, threshold: float) -> Quality:
    """Of the answers that reach the threshold. Naming another than who was meant is both wrong and missed."""
    accepted = (found != NOBODY) & (score >= threshold)
    right = int((accepted & (found == truth)).sum())
    return _quality(right, int(accepted.sum()), int((truth != NOBODY).sum()))


def _quality(right: int, given: int, present: int) -> Quality:
    precision = right / given if given else 1.0
    recall = right / present if present else 1.0
    f1 = 2 * right / (given + present) if given + present else 1.0
    return Quality(precision, recall, f1, given - right, present - right)


def curve(found: Ints, score: Floats, truth: Ints) -> tuple[Floats, Floats, Floats]:
    """Precision and recall at every threshold that changes them, falling, and the thresholds."""
    order = np.argsort(-score, kind="stable")
    order = order[found[order] != NOBODY]
    right = np.cumsum(found[order] == truth[order])
    ends = np.flatnonzero(np.append(np.diff(score[order]) != 0, True)) if len(order) else np.zeros(0, np.int64)
    present = max(int((truth != NOBODY).sum()), 1)
    return right[ends] / (ends + 1), right[ends] / present, score[order][ends]


def best_threshold(found: Ints, score: Floats, truth: Ints) -> float:
    """The threshold of the highest F1, found with the labels: a gift to systems whose scores are no probabilities and
    whose documents name none."""
    precision, recall, thresholds = curve(found, score, truth)
    if len(thresholds) == 0:
        return 1.0
    if not (truth != NOBODY).any():
        return float(np.nextafter(thresholds.max(), np.inf))  # every answer would be wrong: best is none
    total = precision + recall
    f1 = np.divide(2 * precision * recall, total, out=np.zeros_like(total), where=total > 0)
    return float(thresholds[int(np.argmax(f1))])


def reliability(found: Ints, score: Floats, truth: Ints, bins: int = 20) -> tuple[list[Bin], float]:
    """The bins that were answered in, and the expected calibration error: the mean
    distance of the two, weighted by answers. No answer counts as probability 0 of being right."""
    right = (found != NOBODY) & (found == truth)
    said = np.where(found != NOBODY, score, 0.0)
    bin_of = np.minimum((said * bins).astype(np.int64), bins - 1)
    rows = []
    for number in np.unique(bin_of):
        mine = bin_of == number
        rows.append((float(said[mine].mean()), float(right[mine].mean()), int(mine.sum())))
    return rows, sum(abs(s - t) * n for s, t, n in rows) / max(len(said), 1)


def joined(rows: Sequence[Bin]) -> list[Bin]:
    """Neighbouring bins together until each has ``FEW`` answers; what is left over joins the last."""
    found: list[Bin] = []
    for row in rows:
        if found and found[-1][2] < FEW:
            found[-1] = _together(found[-1], row)
        else:
            found.append(row)
    if len(found) > 1 and found[-1][2] < FEW:
        found[-2:] = [_together(*found[-2:])]
    return found


def _together(one: Bin, other: Bin) -> Bin:
    answers = one[2] + other[2]
    said, true = ((one[i] * one[2] + other[i] * other[2]) / answers for i in (0, 1))
    return said, true, answers


def merge_quality(entity: Sequence[int], original: Sequence[int]) -> Quality:
    """Pairwise: a pair of rows is right when both are of one original and of one entity."""

    def pairs(groups: Counter[object]) -> int:
        return sum(n * (n - 1) // 2 for n in groups.values())

    right = pairs(Counter(zip(entity, original, strict=True)))
    return _quality(right, pairs(Counter(entity)), pairs(Counter(original)))
