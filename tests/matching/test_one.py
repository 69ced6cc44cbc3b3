"""One record packed for a single call is the batch of one, and is decided as it is."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.matching.engine import match, no_matches
from bureau.matching.layout import DATE
from bureau.matching.model import default_model
from bureau.matching.one import Decision, match_one, packed, unpacked
from bureau.matching.posterior import Rule, decide, no_decisions
from bureau.matching.prepare import subjects
from bureau.matching.subject import NO_TAX, Subjects
from bureau.model.canonical import CanonicalRecord, TaxEvidence
from bureau.model.query import Kind

GIVEN, FAMILY = ("ANA", "JOSE", "MARIA", "RITA"), ("SILVA", "SOUZA", "LIMA", "ROCHA")
TOKEN_IDS = {token: i for i, token in enumerate([*GIVEN, *FAMILY], 1)}

tokens = st.sampled_from([*GIVEN, *FAMILY, "JOZE", "XAVANTE", "Z", "ABCDEFGHIJKLMNOPQRST"])
taxes = st.none() | st.builds(
    lambda kind, number: TaxEvidence(**{kind: (number, number + 11) if kind == "near" else number}),
    st.sampled_from(["valid", "near", "visible"]),
    st.integers(1, 10**6 - 1),
)
records = st.builds(
    CanonicalRecord,
    kind=st.just(Kind.PERSON),
    name=st.lists(tokens, max_size=8).map(tuple),
    mother=st.lists(tokens, max_size=6).map(tuple),
    suffix=st.integers(0, 9),
    sex=st.integers(0, 2),
    house=st.sampled_from([0, 12, 70_000 & 0xFFFF, 65_535]),
    date=st.sampled_from([0, 19800228, 19800102]),
    municipality=st.sampled_from([0, 1, 5000]),
    postal_code=st.sampled_from([0, 1310100]),
    tax=taxes,
    phones=st.lists(st.integers(1_100_000_000, 99_999_999_999), max_size=3).map(lambda n: tuple(enumerate(n))),
    emails=st.lists(st.text("abã@.", min_size=1, max_size=9), max_size=3).map(lambda n: tuple(enumerate(n))),
)


@st.composite
def questions(draw: st.DrawFn) -> tuple[list[CanonicalRecord], CanonicalRecord]:
    """People, half of them with a CPF, some of them again as another source knows them (without it and with other
    gaps), so that they compete with themselves; and who is asked for: one of them, or whoever."""
    people = draw(st.lists(records.filter(lambda r: bool(r.name)), min_size=1, max_size=12))
    known = [
        msgspec.structs.replace(person, tax=TaxEvidence(valid=number + 1) if number % 2 else None)
        for number, person in enumerate(people)
    ]
    gaps = {"tax": None} | draw(st.sampled_from([{}, {"date": 0}, {"mother": ()}, {"phones": (), "municipality": 0}]))
    again = [msgspec.structs.replace(person, **gaps) for person in known[: draw(st.integers(0, 3))]]
    return known + again, draw(st.sampled_from(known) | records)


@settings(deadline=None, max_examples=300)
@given(records)
def test_a_packed_record_is_the_batch_of_one(record: CanonicalRecord) -> None:
    expected = subjects([record], TOKEN_IDS)
    found = Subjects(*unpacked(*packed(record, TOKEN_IDS)))
    for name, one, other in zip(Subjects._fields, expected, found, strict=True):
        assert (one.dtype, one.shape) == (other.dtype, other.shape), name
        np.testing.assert_array_equal(one, other, name)


@settings(deadline=None, max_examples=100)
@given(questions(), st.sampled_from([0.5, 0.95]))
def test_it_is_decided_as_the_batch_of_one(
    small_register: Callable[[Sequence[CanonicalRecord]], Any],
    question: tuple[list[CanonicalRecord], CanonicalRecord],
    threshold: float,
) -> None:
    people, asked = question
    small = small_register(people)
    target = small.target(default_model("people"))
    prepared, matches = subjects([asked], small.token_ids), no_matches(1)
    match(prepared, target, True, matches)
    sparse = (prepared.rows[:, DATE] == 0) & (prepared.tax_state == NO_TAX)
    decided = no_decisions(1)
    decide(matches, Rule(threshold, target.weights.twice, people=True), sparse, small.register, decided)
    chosen = decided.chosen[0]
    expected = Decision(
        decided.outcome[0], matches.entity[0, chosen], matches.record[0, chosen], decided.probability[0],
        matches.score[0, chosen], decided.gap[0], matches.considered[0], matches.budget_hit[0],
    )  # fmt: skip
    assert expected == Decision(*match_one(*packed(asked, small.token_ids), target, True, threshold))
