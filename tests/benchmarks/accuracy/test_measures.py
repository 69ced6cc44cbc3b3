"""The arithmetic of the accuracy report, on answers small enough to count by hand."""

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from benchmarks.accuracy.measures import (
    Quality,
    answered_person,
    best_threshold,
    curve,
    joined,
    merge_quality,
    quality,
    reliability,
)
from benchmarks.accuracy.task import NOBODY, Answers

# Right, somebody else, nobody answered, an absent person answered, an absent one rightly not.
FOUND = np.array([1, 9, NOBODY, 4, NOBODY])
TRUTH = np.array([1, 2, 3, NOBODY, NOBODY])
SCORE = np.array([0.9, 0.8, 0.0, 0.6, 0.0])


def test_another_person_is_both_wrong_and_missed() -> None:
    assert Quality(1 / 3, 1 / 3, 1 / 3, wrong=2, missed=2) == quality(FOUND, SCORE, TRUTH, 0.5)


def test_below_the_threshold_there_is_no_answer() -> None:
    assert Quality(1.0, 1 / 3, 0.5, wrong=0, missed=2) == quality(FOUND, SCORE, TRUTH, 0.85)
    assert Quality(1.0, 0.0, 0.0, wrong=0, missed=3) == quality(FOUND, SCORE, TRUTH, 0.99)


def test_nobody_asked_for_and_nobody_answered_is_perfect() -> None:
    nobody = np.array([NOBODY])
    assert Quality(1.0, 1.0, 1.0, wrong=0, missed=0) == quality(nobody, np.zeros(1), nobody, 0.5)


def test_the_best_row_stands_for_its_person() -> None:
    answers = Answers(np.array([2, NOBODY, 0]), np.zeros(3), 0.0, 0.0)
    assert [30, NOBODY, 10] == answered_person(answers, np.array([10, 20, 30])).tolist()


def test_the_curve_has_a_point_for_each_distinct_score() -> None:
    precision, recall, thresholds = curve(np.array([1, 2, 8]), np.array([0.9, 0.7, 0.7]), np.array([1, 2, 3]))
    assert ([0.9, 0.7], [1.0, 2 / 3], [1 / 3, 2 / 3]) == (thresholds.tolist(), precision.tolist(), recall.tolist())


def test_best_threshold_stops_before_the_wrong_answers() -> None:
    assert best_threshold(np.array([1, 2, 9]), np.array([0.9, 0.7, 0.3]), np.array([1, 2, 3])) == 0.7
    assert best_threshold(np.array([NOBODY]), np.zeros(1), np.array([1])) == 1.0


answered = st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 3), st.integers(0, 10)), min_size=1)


@given(answered)
@example([(0, NOBODY, 0), (NOBODY, NOBODY, 1)])  # nobody was to be found
def test_no_threshold_is_better_than_the_best_one(rows: list[tuple[int, int, int]]) -> None:
    found, truth, tenths = (np.array(column) for column in zip(*rows, strict=True))
    score = tenths / 10
    best = quality(found, score, truth, best_threshold(found, score, truth)).f1
    assert best >= max(quality(found, score, truth, t / 10).f1 for t in range(11) if (score >= t / 10).any())


@given(answered)
def test_every_point_of_the_curve_is_the_quality_at_its_threshold(rows: list[tuple[int, int, int]]) -> None:
    found, truth, tenths = (np.array(column) for column in zip(*rows, strict=True))
    score = tenths / 10
    for precision, recall, threshold in zip(*curve(found, score, truth), strict=True):
        there = quality(found, score, truth, threshold)
        present = (truth != NOBODY).any()
        assert (precision, recall if present else 1.0) == (there.precision, there.recall)


def test_honest_probabilities_have_no_calibration_error() -> None:
    found, truth = np.arange(10), np.array([0, 1, 2, 3, 4, 5, 6, 7, 99, 99])
    rows, error = reliability(found, np.full(10, 0.8), truth)
    assert ([(pytest.approx(0.8), 0.8, 10)], pytest.approx(0.0)) == (rows, error)


def test_calibration_error_weighs_bins_by_their_answers() -> None:
    found, truth = np.array([1, 1, 1, NOBODY]), np.array([1, 2, 2, 3])
    rows, error = reliability(found, np.array([1.0, 1.0, 0.02, 0.0]), truth)
    assert [(0.01, 0.0, 2), (1.0, 0.5, 2)] == rows
    assert pytest.approx(0.5 * 0.01 + 0.5 * 0.5) == error


def test_merges_are_judged_by_pairs_of_rows() -> None:
    original = [1, 1, 1, 2, 2, 3]
    assert Quality(1.0, 1.0, 1.0, 0, 0) == merge_quality(original, original)
    apart, one = list(range(6)), [0] * 6
    assert Quality(1.0, 0.0, 0.0, wrong=0, missed=4) == merge_quality(apart, original)
    assert Quality(4 / 15, 1.0, 8 / 19, wrong=11, missed=0) == merge_quality(one, original)
    assert Quality(0.5, 0.25, 1 / 3, wrong=1, missed=3) == merge_quality([1, 1, 2, 2, 3, 4], original)


def test_bins_of_few_answers_are_drawn_with_their_neighbours() -> None:
    assert [] == joined([])
    assert [(0.5, 1.0, 3)] == joined([(0.5, 1.0, 3)])
    rows = [(0.0, 0.0, 20), (0.3, 0.6, 40), (0.6, 0.5, 30), (0.9, 1.0, 10)]
    assert [(pytest.approx(0.2), pytest.approx(0.4), 60), (pytest.approx(0.675), pytest.approx(0.625), 40)] == joined(
        rows
    )
