"""The compiled engine equals the reference rules, and a query answers the same alone and in a batch."""

import random
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bureau.matching.engine import Matches, match, no_matches
from bureau.matching.explain import RegisterKnowledge, found_record
from bureau.matching.model import default_model
from bureau.matching.prepare import compared, subjects
from bureau.matching.reference import weigh
from bureau.model.canonical import CanonicalRecord, TaxEvidence
from bureau.model.query import Kind
from bureau.normalise.check_digits import cpf_check_digits

GIVEN = [
    "MARIA",
    "JOSE",
    "JOAO",
    "LUIZ",
    "LUIS",
    "ANA",
    "MATHEUS",
    "MATEUS",
    "MARIANA",
    "MARIANE",
    "J",
    "NA",
    "MARIAJOSE",
]
SURNAMES = ["SILVA", "SLVA", "SOUZA", "SOUSA", "SANTOS", "TEIXEIRA", "TEXEIRA", "OLIVEIRA", "OLVIEIRA", "LIMA", "S"]
MODEL = default_model("people")


@st.composite
def people(draw: st.DrawFn) -> CanonicalRecord:
    date = draw(st.sampled_from([0, 19800102, 19800201, 19800103, 19810102, 19500102, 19900102, 20050317, 19800504]))
    serial = draw(st.sampled_from([*range(10_000_000, 10_000_020), 10_000_127, 10_000_217]))  # the last: a swap apart
    phones = tuple(enumerate(draw(st.lists(st.sampled_from([11987654321, 21987654321, 1133334444]), max_size=2))))
    emails = tuple(enumerate(draw(st.lists(st.sampled_from(["a@b.br", "c@d.br"]), max_size=2, unique=True))))
    return CanonicalRecord(
        kind=Kind.PERSON,
        name=(draw(st.sampled_from(GIVEN)), *draw(st.lists(st.sampled_from(GIVEN + SURNAMES), max_size=6))),
        suffix=draw(st.integers(0, 6)),
        mother=tuple(draw(st.lists(st.sampled_from(GIVEN + SURNAMES), max_size=5))),
        date=date,
        sex=draw(st.integers(0, 2)),
        municipality=draw(st.sampled_from([0, 1, 2, 900, 5000])),
        postal_code=draw(st.sampled_from([0, 1310100, 13000000])),
        house=draw(st.sampled_from([0, 10, 40000])),
        tax=draw(st.sampled_from([None, TaxEvidence(valid=serial * 100 + cpf_check_digits(serial))])),
        phones=phones,
        emails=emails,
    )


@st.composite
def asked(draw: st.DrawFn) -> CanonicalRecord:
    person = draw(people())
    near = draw(
        st.sampled_from([None, TaxEvidence(near=tuple(n * 100 + cpf_check_digits(n) for n in (10_000_003, 5)))])
    )
    return msgspec.structs.replace(person, tax=near or person.tax)


def run(register: Any, queries: Sequence[CanonicalRecord]) -> Matches:
    out = no_matches(len(queries))
    match(subjects(queries, register.token_ids), register.target(MODEL), True, out)
    return out


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(people(), min_size=1, max_size=12), st.lists(asked(), min_size=1, max_size=4))
def test_scores_equal_the_reference(
    small_register: Callable[..., Any], population: list[CanonicalRecord], queries: list[CanonicalRecord]
) -> None:
    register = small_register(population)
    known = RegisterKnowledge(register.register, register.statistics, register.token_ids)
    out = run(register, queries)
    for q, query in enumerate(queries):
        for record, score in zip(out.record[q], out.score[q], strict=True):
            if record < 0:
                continue
            person = register.people[record]
            found = found_record(
                register.register,
                register.tokens,
                int(record),
                frozenset(n for _, n in person.phones),
                frozenset(a for _, a in person.emails),
            )
            assert weigh(compared(query), found, MODEL, known).score == pytest.approx(score, abs=1e-4)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(people(), min_size=1, max_size=20), st.lists(asked(), min_size=2, max_size=6), st.randoms())
def test_a_batch_answers_as_its_queries_alone(
    small_register: Callable[..., Any],
    population: list[CanonicalRecord],
    queries: list[CanonicalRecord],
    chance: random.Random,
) -> None:
    register = small_register(population)
    chance.shuffle(queries)
    together = run(register, queries)
    for q, query in enumerate(queries):
        alone = run(register, [query])
        for name in Matches._fields:
            np.testing.assert_array_equal(getattr(alone, name)[0], getattr(together, name)[q])


@pytest.mark.parametrize(
    ("typed", "meant"), [("GABIREL", "GABRIEL"), ("OSVALD", "OSVALDO"), ("XGABRIEL", "GABRIEL"), ("GABRIAL", "GABRIEL")]
)
def test_a_misspelt_first_name_is_found_without_a_date(
    small_register: Callable[..., Any], typed: str, meant: str
) -> None:
    others = [person(name=("MARIA", surname), municipality=7) for surname in SURNAMES]
    register = small_register([*others, person(name=(meant, "MENDES", "LIMA"), municipality=7)])
    out = run(register, [person(name=(typed, "MENDES", "LIMA"), municipality=7)])
    assert out.considered[0] >= 1
    assert register.people[out.record[0, 0]].name[0] == meant


def person(**fields: Any) -> CanonicalRecord:
    return CanonicalRecord(kind=Kind.PERSON, **fields)


@pytest.mark.parametrize(
    "typed",
    [
        {"name": ("ROBERTA", "MENDES", "LIMA"), "date": 19800102},
        {"name": ("LIMA", "MENDES", "GABRIEL"), "date": 19800102},
        {"name": ("GABRIEL", "MENDES", "LIMA"), "date": 19800201, "municipality": 0},
        {"name": ("XIMENA", "LIMA"), "date": 19990909, "postal_code": 1310100},
    ],
)
def test_what_misleads_is_looked_for_by_other_keys(small_register: Callable[..., Any], typed: dict[str, Any]) -> None:
    others = [person(name=("MARIA", surname), municipality=9) for surname in SURNAMES]
    place = {"municipality": 7, "postal_code": 1310100}
    register = small_register([*others, person(name=("GABRIEL", "MENDES", "LIMA"), date=19800102, **place)])
    out = run(register, [person(**{"municipality": 7, **typed})])
    assert "GABRIEL" in [register.people[record].name[0] for record in out.record[0] if record >= 0]
