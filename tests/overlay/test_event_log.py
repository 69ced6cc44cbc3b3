"""Events in, standings out: once each, in every process, for whom they concern and nobody else."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from bureau.deliverability.email.syntax import Address, parse
from bureau.ids import ClientId, EntityId
from bureau.overlay import standing_table
from bureau.overlay.client_view import ClientView
from bureau.overlay.event_log import EventLog, Recorded
from bureau.overlay.events import Event, Kind
from bureau.overlay.fingerprints import Fingerprints
from bureau.overlay.snapshot import snapshot
from bureau.overlay.standing_ring import StandingRing
from bureau.overlay.standing_table import StandingTable
from bureau.store import Store

ACME, OTHER = ClientId("acme"), ClientId("other")
NOW = datetime.now(UTC)
PHONE = 11987654321


def event(number: int, kind: Kind, email: str = "ana@example.com", days_ago: float = 1) -> Event:
    return Event(
        source="test", event_id=f"e{number}", kind=kind, happened_at=NOW - timedelta(days=days_ago), email=email
    )


def call(number: int, kind: Kind, entity: str | None = None) -> Event:
    who = EntityId(entity) if entity else None
    at = NOW - timedelta(minutes=60 - number)
    return Event(source="test", event_id=f"c{number}", kind=kind, happened_at=at, phone=PHONE, entity_id=who)


def address(text: str) -> Address:
    found = parse(text)
    assert isinstance(found, Address)
    return found


async def ring_of(store: Store) -> StandingRing:
    ring = StandingRing(store)
    await ring.start()
    return ring


async def reasons(store: Store, fingerprints: Fingerprints, client: ClientId, *texts: str) -> list[str | None]:
    """As a process that starts now would see them."""
    ring = await ring_of(store)
    view = ClientView(ring.table, fingerprints, client)
    found = [view.email(address(text)) for text in texts]
    await ring.stop()
    return [box.reason.value if box else None for box in found]


async def test_an_event_counts_once_however_often_it_is_reported(store: Store, fingerprints: Fingerprints) -> None:
    log = EventLog(store, fingerprints)
    notices = [event(1, Kind.SOFT_BOUNCE), event(2, Kind.DELIVERED, "bia@example.com"), event(1, Kind.SOFT_BOUNCE)]
    assert Recorded(2, 1, 0) == await log.record(ACME, notices)
    assert Recorded(0, 3, 0) == await log.record(ACME, notices)
    assert Recorded(1, 0, 1) == await log.record(OTHER, [event(1, Kind.SOFT_BOUNCE), event(2, Kind.DELIVERED, "no")])
    found = await reasons(store, fingerprints, ACME, "ana@example.com", "bia@example.com", "caio@example.com")
    assert ["soft_bounced", "confirmed_by_delivery", None] == found


@pytest.mark.parametrize("at", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
async def test_an_event_of_no_time_does_not_spoil_its_contact(
    store: Store, fingerprints: Fingerprints, at: datetime
) -> None:
    """The driver reads these as infinities, which compare with no other time: all later events would have failed."""
    log = EventLog(store, fingerprints)
    timeless = msgspec.structs.replace(event(1, Kind.SOFT_BOUNCE), happened_at=at)
    assert Recorded(0, 0, 1) == await log.record(ACME, [timeless])
    assert Recorded(1, 0, 0) == await log.record(OTHER, [event(2, Kind.DELIVERED)])
    assert ["confirmed_by_delivery"] == await reasons(store, fingerprints, ACME, "ana@example.com")


async def test_two_processes_that_report_at_once_lose_and_double_nothing(
    store: Store, other_store: Store, fingerprints: Fingerprints
) -> None:
    logs = [EventLog(store, fingerprints), EventLog(other_store, fingerprints)]
    batches = [[event(n, Kind.SOFT_BOUNCE, f"a{n % 7}@example.com") for n in range(start, start + 20)] for start in
               (0, 10, 20, 30, 40)]  # fmt: skip
    done = await asyncio.gather(*(log.record(ACME, batch) for batch in batches for log in logs))
    assert 60 == sum(recorded.accepted for recorded in done)
    assert 140 == sum(recorded.duplicates for recorded in done)


async def test_a_complaint_suppresses_for_its_client_and_a_bounce_holds_for_all(
    store: Store, fingerprints: Fingerprints
) -> None:
    log = EventLog(store, fingerprints)
    await log.record(ACME, [event(1, Kind.COMPLAINT), event(2, Kind.HARD_BOUNCE, "bia@example.com")])
    both = ("ana@example.com", "bia@example.com")
    assert ["suppressed_complaint", "hard_bounced"] == await reasons(store, fingerprints, ACME, *both)
    assert [None, "hard_bounced"] == await reasons(store, fingerprints, OTHER, *both)
    await log.record(ACME, [event(3, Kind.OPT_IN, days_ago=0), event(4, Kind.DELIVERED, "bia@example.com", 0)])
    assert [None, "confirmed_by_delivery"] == await reasons(store, fingerprints, ACME, *both)


async def test_what_is_older_than_its_reason_holds_is_no_news(store: Store, fingerprints: Fingerprints) -> None:
    await EventLog(store, fingerprints).record(ACME, [event(1, Kind.HARD_BOUNCE, days_ago=200)])
    assert [None] == await reasons(store, fingerprints, ACME, "ana@example.com")


async def test_a_running_process_hears_of_it_within_a_second(
    store: Store, other_store: Store, fingerprints: Fingerprints
) -> None:
    ring = await ring_of(other_store)
    view = ClientView(ring.table, fingerprints, ACME)
    assert view.is_empty
    assert view.email(address("ana@example.com")) is None
    async with asyncio.timeout(5):
        await EventLog(store, fingerprints).record(ACME, [event(1, Kind.OPT_OUT)])
        reported = asyncio.get_running_loop().time()
        while view.email(address("ana@example.com")) is None:  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.005)
    assert asyncio.get_running_loop().time() - reported < 1.0
    await ring.stop()


async def test_phones_a_wrong_person_an_opposition_and_a_dead_line(store: Store, fingerprints: Fingerprints) -> None:
    log = EventLog(store, fingerprints)
    ana, bia = EntityId("per_ana"), EntityId("per_bia")

    async def seen(client: ClientId, entity: EntityId | None) -> str | None:
        ring = await ring_of(store)
        found = ClientView(ring.table, fingerprints, client).phone(PHONE, entity)
        await ring.stop()
        return found.reason.value if found else None

    await log.record(ACME, [call(1, Kind.WRONG_PERSON, "per_ana")])
    assert ["wrong_person", "active", "active"] == [await seen(OTHER, who) for who in (ana, bia, None)]
    await log.record(ACME, [call(2, Kind.NOT_IN_SERVICE)])
    assert "inactive" == await seen(OTHER, bia)
    await log.record(ACME, [call(3, Kind.OPT_OUT)])
    assert ["suppressed_opt_out", "inactive"] == [await seen(ACME, bia), await seen(OTHER, bia)]


async def test_the_ring_finds_the_same_before_and_after_it_merges(
    store: Store, fingerprints: Fingerprints, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing_table, "MERGE_FROM", 64)
    log = EventLog(store, fingerprints)
    kinds = [Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE, Kind.DELIVERED, Kind.BLOCK]
    contacts = [f"a{number}@example.com" for number in range(300)]
    follower = await ring_of(store)
    for start in range(0, 300, 50):
        numbered = range(start, start + 50)
        await log.record(ACME, [event(n, kinds[n % 4], contacts[n]) for n in numbered])
        follower.table.take(await store.fetch("events.standings", follower.table.last))
    await log.record(ACME, [event(1000 + n, Kind.DELIVERED, contacts[n], 0) for n in range(0, 300, 8)])
    follower.table.take(await store.fetch("events.standings", follower.table.last))
    fresh = await ring_of(store)
    for ring in (follower, fresh):
        for number, text in enumerate(contacts):
            stands = ring.table.get(fingerprints.email(address(text)))
            expected = "confirmed_by_delivery" if number % 8 == 0 else (
                "hard_bounced", "soft_bounced", "confirmed_by_delivery", None)[number % 4]  # fmt: skip
            assert expected == (stands.reason if stands else None)
        await ring.stop()


async def test_a_snapshot_is_made_of_the_one_before_and_the_news(
    store: Store, fingerprints: Fingerprints, tmp_path: Path
) -> None:
    log = EventLog(store, fingerprints)
    assert 0 == len(StandingTable.load(await snapshot(store, tmp_path)))
    await log.record(ACME, [event(1, Kind.HARD_BOUNCE)])
    first = await snapshot(store, tmp_path)
    assert first == await snapshot(store, tmp_path)
    await log.record(ACME, [event(2, Kind.DELIVERED, days_ago=0), event(3, Kind.HARD_BOUNCE, "bia@example.com")])
    second = await snapshot(store, tmp_path)
    views = [ClientView(StandingTable.load(path), fingerprints, ACME) for path in (first, second)]
    found = [[view.email(address(text)) for text in ("ana@example.com", "bia@example.com")] for view in views]
    reasons = [[box.reason.value if box else None for box in boxes] for boxes in found]
    assert [["hard_bounced", None], ["confirmed_by_delivery", "hard_bounced"]] == reasons
    assert [] == [path for path in second.parent.iterdir() if path.name.startswith(".")]


async def test_a_snapshot_of_another_database_is_none_to_go_by(store: Store, tmp_path: Path) -> None:
    found = await snapshot(store, tmp_path)
    stranger = StandingTable()
    stranger.last = 99
    stranger.save(found.with_name("1-99.npz"))
    stranger.save(found.with_name(found.name.replace("-0.", "-99.")))  # this one's, before it was restored
    assert found == await snapshot(store, tmp_path)
