"""The contacts of a group are those of each answer by itself, over a synthetic population and its companies."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bureau.enrich.contacts import Asked, emails_of, phones_of
from bureau.enrich.group_contacts import GroupAnswers
from bureau.enrich.linked import Holder, holder
from bureau.model.canonical import CanonicalRecord
from bureau.model.query import Kind, Options, Record
from bureau.population import Population, open_population

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@cache
def opened(home: Path) -> tuple[Population, GroupAnswers]:
    population = open_population(home)
    return population, GroupAnswers(population)


def entities(population: Population, kind: Kind) -> list[int]:
    """First those with linked companies, which are few."""
    everybody = range(len(population.register(kind).tax_id))
    return sorted(everybody, key=lambda entity: not holder(population, kind, entity).linked)


@pytest.fixture(scope="module")
def holders(synthetic_home: Path) -> list[Holder]:
    population, _ = opened(synthetic_home)
    found = [holder(population, kind, entity) for kind in Kind for entity in entities(population, kind)[:300]]
    assert 50 < sum(bool(one.linked) for one in found)
    return found


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_as_answer_by_answer(synthetic_home: Path, holders: list[Holder], data: st.DataObject) -> None:
    population, together = opened(synthetic_home)
    held = data.draw(st.lists(st.one_of(st.none(), st.sampled_from(holders)), max_size=16))
    batch = [data.draw(asked_of(population, whose)) for whose in held]
    assert [emails_of(population, whose, one) for whose, one in zip(held, batch, strict=True)] == together.emails(
        batch, held
    )
    assert [phones_of(population, whose, one) for whose, one in zip(held, batch, strict=True)] == together.phones(
        batch, held
    )


def asked_of(population: Population, whose: Holder | None) -> st.SearchStrategy[Asked]:
    """A request that may name contacts of the holder, of its companies and of nobody."""
    emails, phones = ["alguem@exemplo.com.br"], [11_98888_7777]
    everybody = [(whose.kind, whose.entity), *((Kind.COMPANY, one.company) for one in whose.linked)] if whose else []
    for kind, entity in everybody:
        emails += [population.text(int(claim["value"])) for claim in population.emails(kind, entity)]
        phones += [int(claim["value"]) for claim in population.phones(kind, entity)]
    options = st.builds(
        Options, explain=st.sampled_from([False, False, False, True]), max_age_days=st.sampled_from([None, 400, 1500])
    )
    sent = st.tuples(st.lists(st.sampled_from(emails), max_size=3), st.lists(st.sampled_from(phones), max_size=3))
    return st.tuples(sent, options, st.booleans()).map(lambda drawn: _asked(*drawn))


def _asked(sent: tuple[list[str], list[int]], options: Options, unreadable: bool) -> Asked:
    emails, phones = sent
    canonical = CanonicalRecord(Kind.PERSON, emails=tuple(enumerate(emails)), phones=tuple(enumerate(phones)))
    record = Record(name="ANA", emails=[*emails, *["?"] * unreadable], phones=[*map(str, phones), *["?"] * unreadable])
    return Asked(record, canonical, options, NOW)
