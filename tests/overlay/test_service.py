"""The overlay of one process: what was told of addresses is held against what became of them."""

from datetime import UTC, datetime

from bureau.deliverability.email.reasons import JUDGEMENTS, Reason
from bureau.deliverability.email.verdict import Mailbox, Stages, check_email
from bureau.ids import ClientId
from bureau.overlay.events import Event, Kind
from bureau.overlay.service import Overlay
from bureau.settings import Settings
from bureau.store import Store

ACME = ClientId("acme")


async def test_outcomes_calibrate_the_confidence_of_later_verdicts(store: Store, store_settings: Settings) -> None:
    now = datetime.now(UTC)
    stages = Stages(mailbox=Mailbox(Reason.ACCEPTED_NOT_CATCH_ALL, False))
    addresses = [f"a{number}@example.com" for number in range(120)]

    def event(number: int, round_: int) -> Event:
        kind = Kind.HARD_BOUNCE if number % 2 else Kind.DELIVERED
        return Event(source="t", event_id=f"{round_}-{number}", kind=kind, happened_at=now, email=addresses[number])

    async with Overlay.open(store, b"s" * 32, store_settings) as overlay:
        overlay.told(check_email(address, now, stages) for address in addresses)
        await overlay._told.drain()
        for round_ in range(2):  # a verdict is counted once, however much happens afterwards
            await overlay.events.record(ACME, [event(number, round_) for number in range(120)])
        await overlay.refresh()
        learnt = overlay.known_to(ACME).confidences
        (row,) = await store.fetch("events.outcomes")
    assert ("accepted_not_catch_all", 60, 60) == tuple(row.values())
    assert {Reason.ACCEPTED_NOT_CATCH_ALL} == set(learnt)
    assert 0.5 < learnt[Reason.ACCEPTED_NOT_CATCH_ALL] < 0.7 < JUDGEMENTS[Reason.ACCEPTED_NOT_CATCH_ALL].confidence


async def test_upkeep_forgets_what_is_past_its_time(store: Store) -> None:
    async with store.session() as connection:
        await connection.execute(
            "INSERT INTO contact_event (client, source, event_id, contact, kind, happened_at, received_at)"
            " SELECT 'acme', 't', n::text, decode(repeat('00', 16), 'hex'), 'block', now(), now() - n * interval '24h'"
            " FROM generate_series(1, 1000) AS n"
        )
        await store.fetch("evidence.purge", 730, 7 * 86_400.0)
        assert 729 == await connection.fetchval("SELECT count(*) FROM contact_event")
