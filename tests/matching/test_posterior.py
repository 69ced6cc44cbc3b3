"""Decisions against a plain statement of the rule."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.matching.engine import BEST, Matches, no_matches
from bureau.matching.posterior import ORDERS, Outcome, decide

SCORES = st.lists(st.floats(-30, 40), max_size=BEST)


def matches_of(queries: list[list[float]], hit: bool = False) -> Matches:
    found = no_matches(len(queries))
    for q, scores in enumerate(queries):
        ordered = sorted(scores, reverse=True)
        found.entity[q, : len(scores)] = range(len(scores))
        found.score[q, : len(scores)] = ordered
        found.odds[q] = sum(2.0**s for s in ordered)
        found.budget_hit[q] = hit
    return found


def plainly(scores: list[float], threshold: float, unsure: bool) -> tuple[Outcome, float, float]:
    p = sorted((2.0**s / (1 + sum(2.0**t for t in scores)) for s in scores), reverse=True)
    best, rest = (p[0], p[1:]) if p else (0.0, [])
    gap = math.log2(best / rest[0]) if rest else math.inf
    if best >= threshold:
        return Outcome.MATCHED, best, gap
    return (Outcome.AMBIGUOUS if sum(p) >= 0.5 or unsure else Outcome.NOT_FOUND), best, gap


@settings(deadline=None)
@given(st.lists(SCORES, min_size=1, max_size=5), st.floats(0.5, 0.999), st.booleans(), st.booleans())
def test_decides_as_the_rule_says(queries: list[list[float]], threshold: float, hit: bool, sparse: bool) -> None:
    tax_ids = np.arange(BEST, dtype=np.int64) * ORDERS
    found = decide(matches_of(queries, hit), threshold, np.full(len(queries), sparse), tax_ids, people=True)
    for q, scores in enumerate(queries):
        outcome, probability, gap = plainly(scores, threshold, hit and sparse)
        assert pytest.approx(probability) == found.probability[q]
        assert pytest.approx(gap) == found.gap[q]
        if abs(probability - threshold) > 1e-9:
            assert outcome == found.outcome[q]


def test_establishments_of_one_company_share_and_the_head_office_answers_a_tie() -> None:
    root = 123 * ORDERS
    tax_ids = np.array([root + 2, root + 1, 77 * ORDERS + 1], np.int64)
    found = decide(matches_of([[5.0, 5.0, -9.0]]), 0.95, np.zeros(1, np.bool_), tax_ids, people=False)
    assert (Outcome.MATCHED, 1) == (found.outcome[0], found.chosen[0])
    assert found.probability[0] > 0.98


def test_two_people_too_close_to_call_are_ambiguous() -> None:
    found = decide(matches_of([[20.0, 20.0]]), 0.95, np.zeros(1, np.bool_), np.zeros(2, np.int64), people=True)
    assert Outcome.AMBIGUOUS == found.outcome[0]
