"""The order of contacts, the sums behind it, and the equality of the two forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.contacts.ranking import EMAILS, PHONES, Batch, Circumstances, Parameters, rank, top_three
from bureau.evidence import probability
from bureau.model.snapshot import CLAIM

TODAY = 20_500
MOBILE, LANDLINE = 11_98888_7777, 11_3333_4444

claim_rows = st.tuples(
    st.one_of(
        st.integers(0, 5), st.sampled_from([11_98888_7777, 19_98888_7777, 21_98888_7777, 11_3333_4444, 21_3333_4444])
    ),
    st.sampled_from([0, TODAY - 3000, TODAY - 900, TODAY - 10]),
    st.one_of(st.sampled_from([0, TODAY - 900, TODAY - 10]), st.integers(1, TODAY + 40)),
    st.integers(0, 2**32 - 1),
    st.sampled_from([0, 1, 2, 3, 9, 10, 150]),
)


def claims(*rows: tuple[int, ...]) -> np.ndarray:
    return np.array(list(rows), CLAIM)


def first(one: tuple[int, ...], other: tuple[int, ...], **known: object) -> int:
    circumstances = Circumstances(**{"kind": PHONES, "today": TODAY, **known})  # type: ignore[arg-type]
    return rank(claims(other, one), circumstances)[0].claim


BASE = (MOBILE, TODAY - 100, TODAY - 100, 1, 1)


@pytest.mark.parametrize(
    ("better", "worse", "known"),
    [
        (BASE, (MOBILE, TODAY - 900, TODAY - 900, 1, 1), {}),
        ((MOBILE, TODAY - 100, TODAY - 100, 0b11, 1), BASE, {}),
        ((MOBILE, TODAY - 2000, TODAY - 100, 1, 1), BASE, {}),
        (BASE, (MOBILE, TODAY - 100, TODAY - 100, 1, 2), {}),
        ((MOBILE, TODAY - 900, TODAY - 900, 1, 1), (MOBILE, TODAY, TODAY, 0b111, 200), {}),
        (BASE, (LANDLINE, TODAY - 100, TODAY - 100, 1, 1), {}),
        (BASE, (21_98888_7777, TODAY - 100, TODAY - 100, 1, 1), {"area_code": 11}),
        ((19_98888_7777, TODAY - 9, TODAY - 9, 1, 1), (21_98888_7777, TODAY - 9, TODAY - 9, 1, 1), {"area_code": 11}),
        ((MOBILE + 1, TODAY - 100, TODAY - 100, 1, 1), BASE, {"known": (MOBILE + 1,)}),
    ],
)  # fmt: skip
def test_each_observation_orders_as_it_should(
    better: tuple[int, ...], worse: tuple[int, ...], known: dict[str, object]
) -> None:
    assert first(better, worse, **known) == 1


def test_a_four_year_old_email_is_worth_the_industry_average() -> None:
    [ranked] = rank(claims((7, TODAY - 1461, TODAY - 1461, 1, 1)), Circumstances(kind=EMAILS, today=TODAY))
    assert ranked.right_party == pytest.approx(0.26, abs=0.02)


def test_evidence_adds_up_to_the_probability() -> None:
    [ranked] = rank(claims(BASE), Circumstances(kind=PHONES, today=TODAY, area_code=11, linked=True))
    assert ranked.right_party == probability(-1.5 + sum(row.bits for row in ranked.evidence))


def test_unknown_dates_are_neutral_but_fail_an_age_limit() -> None:
    row = (7, 0, 0, 1, 1)
    assert [-1.5] == [r.bits for r in rank(claims(row), Circumstances(kind=EMAILS, today=TODAY))]
    assert rank(claims(row), Circumstances(kind=EMAILS, today=TODAY, max_age_days=30)) == []
    kept = rank(claims(row), Circumstances(kind=EMAILS, today=TODAY, max_age_days=30, known=(7,)))
    assert [0] == [r.claim for r in kept]


@settings(max_examples=200, deadline=None)
@given(
    entities=st.lists(st.lists(claim_rows, max_size=6), min_size=1, max_size=4),
    kind=st.sampled_from([EMAILS, PHONES]),
    area_code=st.sampled_from([0, 11, 21, 61, 55]),
    linked=st.booleans(),
    max_age_days=st.sampled_from([0, 30, 5000]),
    known=st.lists(st.sampled_from([1, 2, MOBILE]), max_size=2),
)
def test_compiled_form_equals_the_readable_one(
    entities: list[list[tuple[int, ...]]], kind: int, area_code: int, linked: bool, max_age_days: int, known: list[int]
) -> None:
    distinct = [list({row[0]: row for row in rows}.values()) for rows in entities]
    flat = claims(*[row for rows in distinct for row in rows])
    offsets = np.cumsum([0, *map(len, distinct)]).astype(np.uint64)
    n = len(distinct)
    batch = Batch(np.arange(n), np.full(n, area_code), np.array([[*known, -1, -1][:2]] * n, np.int64).reshape(n, 2))
    rows, chance = top_three(flat, offsets, batch, Parameters(kind, TODAY, linked, max_age_days))
    for entity in range(n):
        start = int(offsets[entity])
        circumstances = Circumstances(kind, TODAY, area_code, tuple(known), linked, max_age_days)
        expected = rank(flat[start : int(offsets[entity + 1])], circumstances)[:3]
        assert [r.claim + start for r in expected] == [row for row in rows[entity].tolist() if row >= 0]
        assert [r.right_party for r in expected] == pytest.approx(chance[entity, : len(expected)].tolist(), rel=1e-12)


def test_no_entity_has_no_contacts() -> None:
    rows, chance = top_three(claims(BASE), np.array([0, 1], np.uint64), Batch.of([-1, 0]), Parameters(PHONES, TODAY))
    assert [[-1, -1, -1], [0, -1, -1]] == rows.tolist()
    assert [0.0, 0.0, 0.0] == chance[0].tolist()
