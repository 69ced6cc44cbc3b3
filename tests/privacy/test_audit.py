"""The audit trail answers who was given what, and goes by whole months only."""

import datetime as dt
from typing import Any

import pytest

from bureau.access.usage import UsageLedger, UsageRow
from bureau.ids import ClientId, EntityId, KeyId, RequestId
from bureau.model.query import Purpose
from bureau.privacy.audit import Disclosure, disclosures, drop_months_before
from bureau.settings import Settings
from bureau.store import Store

NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
ENTITY = EntityId("ent_1")
EVER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


def given(**changes: Any) -> UsageRow:
    values: dict[str, Any] = {
        "at": NOON, "request_id": RequestId("req_1"), "key_id": KeyId("key_1"), "client": ClientId("Acme"),
        "operation": "enrich", "purpose": Purpose.COLLECTION, "status": "matched", "units": 1, "entity_id": ENTITY,
        "fields": ("name", "emails"),
    }  # fmt: skip
    return UsageRow(**(values | changes))


@pytest.fixture
def ledger(store: Store, store_settings: Settings) -> UsageLedger:
    return UsageLedger(store, store_settings)


async def test_everyone_who_was_given_something_is_named_latest_first(store: Store, ledger: UsageLedger) -> None:
    later = NOON + dt.timedelta(days=40)
    await ledger.record([
        given(at=later, client=ClientId("Bravo"), purpose=None),
        given(),
        given(entity_id=EntityId("ent_2")),
        given(status="ambiguous", fields=()),
        given(at=NOON - dt.timedelta(days=1)),
    ])  # fmt: skip
    fields = ("name", "emails")
    expected = [
        Disclosure(later, RequestId("req_1"), ClientId("Bravo"), "enrich", None, fields),
        Disclosure(NOON, RequestId("req_1"), ClientId("Acme"), "enrich", Purpose.COLLECTION, fields),
    ]
    assert expected == await disclosures(store, ENTITY, EVER, 2)
    assert expected[:1] == await disclosures(store, ENTITY, EVER, 1)
    assert [NOON - dt.timedelta(days=1)] == [one.at for one in await disclosures(store, ENTITY, NOON, 9)]
    assert expected[:1] == await disclosures(store, ENTITY, EVER, 9, ClientId("Bravo"))


async def test_who_was_shown_as_a_candidate_hears_of_it(store: Store, ledger: UsageLedger) -> None:
    others = (EntityId("ent_2"), ENTITY)
    shown = given(status="ambiguous", entity_id=None, fields=("candidates",), candidates=others)
    await ledger.record([shown, given(entity_id=EntityId("ent_3"), candidates=others[:1])])
    assert [("candidates",)] == [one.fields for one in await disclosures(store, ENTITY, EVER, 9)]
    assert 2 == len(await disclosures(store, others[0], EVER, 9))


async def test_a_page_ends_between_two_moments(store: Store, ledger: UsageLedger) -> None:
    earlier = NOON - dt.timedelta(microseconds=1)
    await ledger.record([given(), given(), given(), given(at=earlier)])
    first = await disclosures(store, ENTITY, EVER, 2)
    assert [NOON] * 3 == [one.at for one in first]
    assert [earlier] == [one.at for one in await disclosures(store, ENTITY, first[-1].at, 2)]


async def test_only_whole_months_before_the_first_kept_are_dropped(store: Store, ledger: UsageLedger) -> None:
    months = [dt.datetime(year, month, 15, tzinfo=dt.UTC) for year, month in ((2025, 12), (2026, 10), (2026, 11))]
    await ledger.record([given(at=at) for at in months])
    assert ["usage_2025_12", "usage_2026_10"] == await drop_months_before(store, dt.date(2026, 11, 30))
    left = await disclosures(store, ENTITY, EVER, 9)
    assert [months[2]] == [one.at for one in left]
    assert [] == await drop_months_before(store, dt.date(2026, 11, 1))


async def test_the_look_up_by_entity_uses_its_index(store: Store, ledger: UsageLedger) -> None:
    await ledger.record([given(entity_id=EntityId(f"ent_{n}")) for n in range(2000)])
    async with store.session() as connection:
        await connection.execute("ANALYZE usage")
        plan = await connection.fetch("EXPLAIN " + store.query("audit.disclosures"), ENTITY, EVER, 9, None)
    assert any("Index" in row[0] and "entity_id" in row[0] for row in plan)
    assert not any("Seq Scan" in row[0] for row in plan)
