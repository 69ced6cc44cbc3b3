"""Who may know how much of a data subject, and that reports of their contacts are told."""

import datetime as dt

import pytest

from bureau.access.keys import Principal
from bureau.access.roles import Role
from bureau.access.usage import UsageLedger, UsageRow
from bureau.ids import ClientId, EntityId, KeyId, RequestId
from bureau.model.query import Kind, Purpose
from bureau.overlay.event_log import EventLog
from bureau.overlay.events import Event
from bureau.overlay.events import Kind as Happening
from bureau.overlay.fingerprints import Fingerprints
from bureau.population import Population
from bureau.privacy import subjects
from bureau.privacy.holdings import Held, held
from bureau.privacy.subjects import Records, Scope, subject_access
from bureau.settings import Settings
from bureau.store import Store

ANA, NOBODY = 52998224725, 39053344705
NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)
EVER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)
OFFICER = Principal(KeyId("key_o"), ClientId("officer"), None, Role.OFFICER)
ACME = Principal(KeyId("key_a"), ClientId("acme"), Purpose.BILLING)


class Here:
    """What an answering process says of its population, in this process."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.manifest = population.manifest

    def entity_id_of(self, kind: Kind, tax_id: int) -> EntityId:
        return self.population.entity_id_of(kind, tax_id)

    async def holdings(self, kind: Kind, tax_id: int) -> Held:
        return held(self.population, kind, tax_id)


@pytest.fixture
def records(population: Population, store: Store) -> Records:
    return Records(Here(population), store, EventLog(store, Fingerprints(b"s" * 32)))


async def tell(records: Records, settings: Settings, *clients: str) -> None:
    """Ana's e-mails were given to each of them, a minute apart."""
    entity: EntityId = records.holdings.entity_id_of(Kind.PERSON, ANA)
    await UsageLedger(records.store, settings).record([
        UsageRow(
            at=NOON + dt.timedelta(minutes=minute), request_id=RequestId("req"), key_id=KeyId("key"),
            client=ClientId(client), operation="enrich", purpose=Purpose.BILLING, status="matched", units=1,
            entity_id=entity, fields=("emails",),
        )
        for minute, client in enumerate(clients)
    ])  # fmt: skip


async def test_an_officer_sees_everything_and_everybody(records: Records, store_settings: Settings) -> None:
    await tell(records, store_settings, "acme", "other")
    found = await subject_access(records, Kind.PERSON, ANA, OFFICER, EVER)
    assert Scope.EVERYTHING is found.scope
    assert ["other", "acme"] == [one.client for one in found.disclosures]
    assert found.entities
    assert ("entities", "companies", "disclosures") == found.told


async def test_a_client_sees_what_it_was_told_and_nothing_that_is_held(
    records: Records, store_settings: Settings
) -> None:
    await tell(records, store_settings, "acme", "other")
    found = await subject_access(records, Kind.PERSON, ANA, ACME, EVER)
    assert (Scope.OWN, None, None) == (found.scope, found.entities, found.companies)
    assert ["acme"] == [one.client for one in found.disclosures]
    assert ("disclosures",) == found.told


async def test_reports_of_their_contacts_are_told(records: Records) -> None:
    def bounce(event_id: str, email: str, at: dt.datetime) -> Event:
        return Event(source="client", event_id=event_id, kind=Happening.HARD_BOUNCE, happened_at=at, email=email)

    opposed = Event(source="client", event_id="3", kind=Happening.OPT_OUT, happened_at=NOON, phone=11987654321)
    later = NOON + dt.timedelta(minutes=1)
    events = [bounce("1", "ana@exemplo.com.br", later), bounce("2", "other@exemplo.com.br", NOON), opposed]
    await records.events.record(ClientId("acme"), [*events, bounce("4", "ANA@exemplo.com.br", NOON)])
    found = await subject_access(records, Kind.PERSON, ANA, OFFICER, EVER)
    assert found.entities
    (email,), (phone,) = found.entities[0].emails, found.entities[0].phones
    assert [("hard_bounce", NOON), ("hard_bounce", later)] == [(one.kind, one.at) for one in email.reports]
    assert [("opt_out", "acme")] == [(one.kind, one.client) for one in phone.reports]


async def test_that_nothing_is_held_is_an_answer(records: Records) -> None:
    found = await subject_access(records, Kind.PERSON, NOBODY, OFFICER, EVER)
    assert ([], [], [], ()) == (found.entities, found.companies, found.disclosures, found.told)


async def test_many_disclosures_come_page_by_page(
    records: Records, store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subjects, "MOST", 2)
    await tell(records, store_settings, "one", "two", "three")
    first = await subject_access(records, Kind.PERSON, ANA, OFFICER, EVER)
    assert ["three", "two"] == [one.client for one in first.disclosures]
    assert first.next_before is not None
    second = await subject_access(records, Kind.PERSON, ANA, OFFICER, first.next_before)
    assert (["one"], None) == ([one.client for one in second.disclosures], second.next_before)
