"""Decisions against a plain statement of the rule."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.matching.engine import BEST, Matches, no_matches
from bureau.matching.layout import DATE, ENTITY, NO_TAX_ID, WIDTH, BlockIndex, Register, Vocabulary
from bureau.matching.posterior import ORDERS, Decisions, Outcome, Rule, decide, no_decisions

SCORES = st.lists(st.floats(-30, 40), max_size=BEST)
TWICE = 0.002
PEOPLE = Rule(0.95, TWICE, people=True)
STRANGERS = [(1 + i, 0) for i in range(BEST)]
"""By entity its tax id (0 none) and birth date (0 unknown): ten people nobody would take for one another."""


def matches_of(queries: list[list[float]], hit: bool = False) -> Matches:
    found = no_matches(len(queries))
    for q, scores in enumerate(queries):
        ordered = sorted(scores, reverse=True)
        found.entity[q, : len(scores)] = range(len(scores))
        found.record[q, : len(scores)] = range(len(scores))
        found.score[q, : len(scores)] = ordered
        found.odds[q] = sum(2.0**s for s in ordered)
        found.budget_hit[q] = hit
    return found


def register_of(people: Sequence[tuple[int, int]]) -> Register:
    """A nameless record an entity, in the order of the scores (rather than by tax id)."""
    records = np.zeros((len(people), WIDTH), np.int32)
    records[:, ENTITY] = np.arange(len(people))
    records[:, DATE] = [date for _, date in people]
    tax_id = np.array([number or NO_TAX_ID for number, _ in people], np.int64)
    none = np.zeros(1, np.uint32)
    index = BlockIndex(none, none, none, none)
    vocabulary = Vocabulary(np.zeros((1, 16), np.uint8), np.zeros(1, np.uint8), none, none, none)
    return Register(records, np.arange(len(people) + 1, dtype=np.uint32), tax_id, vocabulary, index, index)


def decided(scores: list[float], people: Sequence[tuple[int, int]], rule: Rule = PEOPLE) -> Decisions:
    found = no_decisions(1)
    decide(matches_of([scores]), rule, np.zeros(1, np.bool_), register_of(people), found)
    return found


def plainly(
    scores: list[float], people: Sequence[tuple[int, int]], threshold: float, unsure: bool
) -> tuple[Outcome, float, float]:
    odds = sorted((2.0**s for s in scores), reverse=True)
    together: list[int] = []
    rivals = []
    for i, weight in enumerate(odds):
        if i == 0 or (TWICE * weight >= 0.01 and all(one_person(people[i], people[j]) for j in together)):
            together.append(i)
        if i > 0:
            rivals.append(weight / (1 + TWICE * weight) if i in together else weight)
    best = odds[0] if odds else 0.0
    probability = best / (1 + best + math.fsum(rivals))
    gap = math.log2(best / max(rivals)) if rivals else math.inf
    if probability >= threshold:
        return Outcome.MATCHED, probability, gap
    somebody = sum(odds) / (1 + sum(odds)) >= 0.5
    return (Outcome.AMBIGUOUS if somebody or unsure else Outcome.NOT_FOUND), probability, gap


def one_person(a: tuple[int, int], b: tuple[int, int]) -> bool:
    return not (a[0] and b[0]) and (a[1] == b[1] or not a[1] or not b[1])


people = st.lists(st.tuples(st.sampled_from([0, 1]), st.sampled_from([0, 19800102, 19800105])), min_size=10)


@settings(deadline=None)
@given(st.lists(SCORES, min_size=1, max_size=5), people, st.floats(0.5, 0.999), st.booleans(), st.booleans())
def test_decides_as_the_rule_says(
    queries: list[list[float]], people: list[tuple[int, int]], threshold: float, hit: bool, sparse: bool
) -> None:
    everybody, found = np.full(len(queries), sparse), no_decisions(len(queries))
    decide(matches_of(queries, hit), Rule(threshold, TWICE, people=True), everybody, register_of(people), found)
    for q, scores in enumerate(queries):
        outcome, probability, gap = plainly(scores, people, threshold, hit and sparse)
        assert pytest.approx(probability) == found.probability[q]
        assert pytest.approx(gap, abs=1e-9) == found.gap[q]
        if abs(probability - threshold) > 1e-9:
            assert outcome == found.outcome[q]


@settings(deadline=None)
@given(st.lists(st.floats(-30, 40), min_size=1, max_size=BEST), people)
def test_each_candidate_has_a_probability_and_the_best_the_highest(
    scores: list[float], people: list[tuple[int, int]]
) -> None:
    found = decided(scores, people)
    odds = sorted((2.0**s for s in scores), reverse=True)
    assert found.probability[0] == found.each[0, 0]
    assert odds[0] / (1 + sum(odds)) <= found.probability[0] * (1 + 1e-9)
    assert found.probability[0] <= odds[0] / (1 + odds[0]) * (1 + 1e-9)  # never more than without the others
    assert (found.each >= 0).all()
    assert (found.each <= found.each[0, 0] * (1 + 1e-9)).all()
    assert found.each[0].sum() <= 1 + 1e-9 or any(
        one_person(people[i], people[j]) for i in range(len(scores)) for j in range(i)
    )


@pytest.mark.parametrize("other", [(0, 19800102), (0, 0)])
def test_a_person_held_twice_does_not_compete_with_himself(other: tuple[int, int]) -> None:
    found = decided([19.9, 16.9], [(1, 19800102), other])
    assert Outcome.MATCHED == found.outcome[0]
    assert found.probability[0] > 0.99
    assert found.each[0, 1] > 0.99  # the other entity is that person too
    assert pytest.approx(math.log2(2**19.9 * (2**-16.9 + TWICE))) == found.gap[0]


@pytest.mark.parametrize("other", [(2, 19800102), (0, 19800105)])
def test_what_tells_two_people_apart_keeps_them_apart(other: tuple[int, int]) -> None:
    found = decided([19.9, 16.9], [(1, 19800102), other])
    assert Outcome.AMBIGUOUS == found.outcome[0]
    assert pytest.approx(1.0) == found.each[0].sum()


def test_what_family_explains_makes_nobody_held_twice() -> None:
    """Father and son reach some four bits each, twins seven."""
    assert decided([7.0, 7.0], [(1, 0), (0, 0)]).probability[0] < 0.6


def test_who_may_be_either_of_two_is_the_same_as_one_at_most() -> None:
    """A row without CPF and two homonyms with one: whose it is, nobody knows."""
    found = decided([15.0, 14.9, 14.8], [(0, 0), (1, 0), (2, 0)])
    assert Outcome.AMBIGUOUS == found.outcome[0]
    assert found.probability[0] < 0.6


def test_establishments_of_one_company_share_and_the_head_office_answers_a_tie() -> None:
    root = 123 * ORDERS
    companies = [(root + 2, 0), (root + 1, 0), (77 * ORDERS + 1, 0)]
    found = decided([5.0, 5.0, -9.0], companies, Rule(0.95, 0.0, people=False))
    assert (Outcome.MATCHED, 1) == (found.outcome[0], found.chosen[0])
    assert found.probability[0] > 0.98
    assert found.gap[0] > 14


def test_two_people_too_close_to_call_are_ambiguous() -> None:
    assert Outcome.AMBIGUOUS == decided([20.0, 20.0], STRANGERS).outcome[0]
