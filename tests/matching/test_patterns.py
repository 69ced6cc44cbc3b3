"""What training counts is what the reference rules see."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bureau.matching.explain import RegisterKnowledge, found_record
from bureau.matching.layout import NO_TAX_ID
from bureau.matching.levels import LEVELS, Level
from bureau.matching.model import default_model
from bureau.matching.patterns import Compared, counts, patterns
from bureau.matching.prepare import compared
from bureau.matching.questions import OUTCOMES, QUESTIONS, Otherwise
from bureau.matching.reference import Comparison
from bureau.model.canonical import CanonicalRecord
from bureau.model.query import Kind

NAMES = ["MARIA", "JOSE", "LUIZ", "LUIS", "MATHEUS", "MATEUS", "J", "MARIAJOSE", "SILVA", "SLVA", "SOUZA", "TEIXEIRA"]


@st.composite
def people(draw: st.DrawFn) -> CanonicalRecord:
    return CanonicalRecord(
        kind=Kind.PERSON,
        name=tuple(draw(st.lists(st.sampled_from(NAMES), max_size=6))),
        suffix=draw(st.integers(0, 5)),
        mother=tuple(draw(st.lists(st.sampled_from(NAMES), max_size=4))),
        date=draw(st.sampled_from([0, 19800102, 19800201, 19800103, 19810102, 19500102, 20050317])),
        sex=draw(st.integers(0, 2)),
        municipality=draw(st.sampled_from([0, 1, 2, 900, 5000])),
        postal_code=draw(st.sampled_from([0, 1310100, 13000000])),
        house=draw(st.sampled_from([0, 10])),
        phones=tuple(enumerate(draw(st.lists(st.sampled_from([11987654321, 1133334444]), max_size=2)))),
    )


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people(), people())
def test_levels_are_counted_as_the_reference_sees_them(
    small_register: Callable[..., Any], submitted: CanonicalRecord, found: CanonicalRecord
) -> None:
    register = small_register([submitted, found])
    counted = patterns(rows_of(register), np.array([0]), np.array([1]))
    row = found_record(
        register.register, register.tokens, 1, frozenset(number for _, number in found.phones), frozenset()
    )
    known = RegisterKnowledge(register.register, register.statistics, register.token_ids)
    seen = Counter(row.level for row in Comparison(default_model("people"), known).rows(compared(submitted), row))
    seen[Level.PHONE_SAME] += seen.pop(Level.PHONE_SHARED, 0)  # rows do not say how many claim a phone
    for level in Level:
        if level not in (Level.COMMON_NAME, Level.MISSING):
            assert (level, seen[level]) == (level, counted[0, level])


def test_an_exchange_of_first_and_last_name_is_one_event(small_register: Callable[..., Any]) -> None:
    people = [CanonicalRecord(Kind.PERSON, name=name) for name in (("JOSE", "TEIXEIRA"), ("TEIXEIRA", "JOSE"))]
    seen = patterns(rows_of(small_register(people)), np.array([0]), np.array([1]))[0]
    assert (1, 1, 0) == (seen[Level.GIVEN_MOVED], seen[Level.SURNAME_SAME], seen[Level.SURNAME_ORDER])


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(people(), people())
def test_events_have_an_occasion(
    small_register: Callable[..., Any], submitted: CanonicalRecord, found: CanonicalRecord
) -> None:
    out = patterns(rows_of(small_register([submitted, found])), np.array([0]), np.array([1]))[0]
    both = bool(submitted.name and found.name)
    assert both == out[Level.SURNAME_JOINED] + out[Otherwise.NOT_JOINED]
    last = out[Level.LAST_DROPPED] + out[Level.LAST_REPLACED] + out[Otherwise.LAST_KEPT]
    assert (both and len(found.name) > 1) == last
    phones = {number for _, number in submitted.phones}, {number for _, number in found.phones}
    assert bool(phones[0] & phones[1]) == out[Level.PHONE_SAME]
    assert all(phones) == out[Level.PHONE_SAME] + out[Otherwise.PHONE_DIFFERENT]


def test_counts_are_the_weighted_sum_of_patterns(small_register: Callable[..., Any]) -> None:
    rows = rows_of(small_register([CanonicalRecord(Kind.PERSON, name=(name, "SILVA")) for name in NAMES]))
    draw = np.random.default_rng(1)
    one, two, weight = draw.integers(0, len(NAMES), 300), draw.integers(0, len(NAMES), 300), draw.random(300)
    np.testing.assert_allclose(weight @ patterns(rows, one, two), counts(rows, one, two, weight))


def test_an_outcome_answers_one_question() -> None:
    outcomes = [outcome for question in QUESTIONS for outcome in question.outcomes]
    assert len(outcomes) == len(set(outcomes))
    assert set(Otherwise) < set(outcomes)
    assert LEVELS < max(outcomes) < OUTCOMES


def rows_of(register: Any) -> Compared:
    """A register of two, which has no tax ids, as rows."""
    phones = [[number for _, number in person.phones] for person in register.people]
    return Compared(
        register.register.records,
        np.full(len(phones), NO_TAX_ID),
        np.cumsum([len(numbers) for numbers in phones]),
        np.array([number for numbers in phones for number in numbers], np.int64),
        np.zeros(len(phones), np.int64),
        np.zeros(0, np.int64),
        register.register.vocabulary,
        register.statistics.state_of,
    )
