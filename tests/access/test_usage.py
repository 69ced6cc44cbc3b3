"""The ledger: durable before it answers, never twice, never one request's fault on another."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import msgspec
import pytest

from bureau.access.idempotency import Idempotency, KeptAnswer, Reservation, StoredAnswer, fingerprint
from bureau.access.usage import Receipt, UsageDay, UsageLedger, UsageRow, usage_by_day
from bureau.errors import StoreUnavailable
from bureau.ids import ClientId, EntityId, KeyId, PopulationId, RequestId
from bureau.model.query import Purpose
from bureau.settings import Settings
from bureau.store import Row, Store

NOW = dt.datetime(2026, 11, 22, 23, 59, tzinfo=dt.UTC)


def row(**changes: Any) -> UsageRow:
    values: dict[str, Any] = {
        "at": NOW, "request_id": RequestId("req_1"), "key_id": KeyId("key_1"), "client": ClientId("Acme"),
        "operation": "enrich", "purpose": Purpose.COLLECTION, "status": "matched", "units": 1,
        "population": PopulationId("pop_1"), "entity_id": EntityId("ent_1"), "fields": ("name", "emails"),
    }  # fmt: skip
    return UsageRow(**(values | changes))


@pytest.fixture
def ledger(store: Store, store_settings: Settings) -> UsageLedger:
    return UsageLedger(store, store_settings)


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[Any]:
    opened = await asyncpg.connect(database_url)
    yield opened
    await opened.close()


@pytest.mark.parametrize("keeping", [False, True])
async def test_what_is_recorded_is_read_back_whole(
    store: Store, store_settings: Settings, ledger: UsageLedger, connection: Any, keeping: bool
) -> None:
    given = row(candidates=(EntityId("ent_2"), EntityId("ent_3")))
    bare = row(purpose=None, population=None, entity_id=None, fields=(), status="not_found", units=0)
    kept = KeptAnswer(await _reserve(store, store_settings), 200, b"{}") if keeping else None
    assert Receipt.RECORDED == await ledger.record([given, bare], kept)
    stored = {read["id"]: dict(read) for read in await connection.fetch("SELECT * FROM usage")}
    for expected in (given, bare):
        assert _read_back(expected) == stored[expected.id]


def _read_back(expected: UsageRow) -> dict[str, Any]:
    shown = list(expected.candidates) if expected.candidates else None
    return msgspec.structs.asdict(expected) | {"fields": list(expected.fields), "candidates": shown}


async def test_concurrent_requests_each_keep_their_rows(ledger: UsageLedger, connection: Any) -> None:
    requests = [[row() for _ in range(n % 4)] for n in range(200)]
    receipts = await asyncio.gather(*(ledger.record(rows) for rows in requests))
    assert [Receipt.RECORDED] * 200 == receipts
    expected = {one.id for rows in requests for one in rows}
    assert expected == {read["id"] for read in await connection.fetch("SELECT id FROM usage")}


async def test_a_row_is_visible_to_others_when_its_receipt_is_there(ledger: UsageLedger, connection: Any) -> None:
    async def record_and_look() -> int:
        one = row()
        await ledger.record([one])
        async with lock:
            found: int = await connection.fetchval("SELECT count(*) FROM usage WHERE id = $1", one.id)
            return found

    lock = asyncio.Lock()
    assert [1] * 50 == await asyncio.gather(*(record_and_look() for _ in range(50)))


async def test_the_same_row_twice_is_charged_once(ledger: UsageLedger, connection: Any) -> None:
    one = row()
    assert Receipt.RECORDED == await ledger.record([one])
    assert Receipt.RECORDED == await ledger.record([one])
    assert 1 == await connection.fetchval("SELECT count(*) FROM usage")


async def test_months_are_made_when_they_are_needed_and_by_utc(ledger: UsageLedger, connection: Any) -> None:
    sao_paulo = dt.timezone(dt.timedelta(hours=-3))
    late = row(at=dt.datetime(2026, 12, 31, 22, 0, tzinfo=sao_paulo))  # already 2027 in UTC
    assert [Receipt.RECORDED] * 2 == await asyncio.gather(ledger.record([row(), late]), ledger.record([row()]))
    assert {"usage_2026_11": 2, "usage_2027_01": 1} == {
        read["part"]: read["rows"]
        for read in await connection.fetch(
            "SELECT tableoid::regclass::text part, count(*) AS rows FROM usage GROUP BY 1"
        )
    }


async def test_a_month_is_vacuumed_little_by_little_and_sampled_thinly(ledger: UsageLedger, connection: Any) -> None:
    assert Receipt.RECORDED == await ledger.record([row()])
    options = await connection.fetchval("SELECT reloptions FROM pg_class WHERE relname = 'usage_2026_11'")
    assert {"autovacuum_vacuum_insert_scale_factor=0", "autovacuum_freeze_min_age=0"} < set(options)
    sampled = (
        "SELECT DISTINCT attstattarget FROM pg_attribute WHERE attrelid = 'usage_2026_11'::regclass AND attnum > 0"
    )
    assert [10] == [read["attstattarget"] for read in await connection.fetch(sampled)]


async def test_a_row_the_database_refuses_fails_alone(ledger: UsageLedger, connection: Any) -> None:
    bad = [row(units=-1), row(status="nul\0"), row(units=2**40)]
    good = [row() for _ in range(20)]
    receipts = await asyncio.gather(*(ledger.record([one]) for one in [*good[:7], *bad, *good[7:]]))
    assert [*[Receipt.RECORDED] * 7, *[Receipt.REFUSED] * 3, *[Receipt.RECORDED] * 13] == receipts
    assert {one.id for one in good} == {read["id"] for read in await connection.fetch("SELECT id FROM usage")}


async def test_the_rows_of_one_request_stand_or_fall_together(ledger: UsageLedger, connection: Any) -> None:
    assert Receipt.REFUSED == await ledger.record([row(), row(units=-1)])
    assert 0 == await connection.fetchval("SELECT count(*) FROM usage")


@pytest.mark.parametrize("statement", ["UPDATE usage SET units = 0", "DELETE FROM usage", "TRUNCATE usage",
                                       "DELETE FROM usage_2026_11", "TRUNCATE usage_2026_11"])  # fmt: skip
async def test_rows_are_never_changed(ledger: UsageLedger, connection: Any, statement: str) -> None:
    await ledger.record([row()])
    with pytest.raises(asyncpg.RestrictViolationError, match="never changed or deleted"):
        await connection.execute(statement)


class Interrupted:
    """A store whose connection breaks ``before`` or ``after`` the commit, for the first ``failures`` writes."""

    def __init__(self, store: Store, moment: str, failures: int) -> None:
        self._store = store
        self._moment = moment
        self.failures = failures

    def lane(self) -> "Interrupted":
        return self

    async def fetch(self, name: str, *arguments: Any) -> Sequence[Row]:
        if self.failures and self._moment == "before":
            self.failures -= 1
            raise StoreUnavailable("cut")
        rows = await self._store.fetch(name, *arguments)
        if self.failures:
            self.failures -= 1
            raise StoreUnavailable("cut")
        return rows


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_rows_alone_are_neither_lost_nor_doubled_either(
    store: Store, store_settings: Settings, connection: Any, moment: str
) -> None:
    ledger = UsageLedger(Interrupted(store, moment, failures=2), store_settings)  # type: ignore[arg-type]  # as below
    assert [Receipt.RECORDED] * 10 == await asyncio.gather(*(ledger.record([row()]) for _ in range(10)))
    assert 10 == await connection.fetchval("SELECT count(*) FROM usage")


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_broken_connection_neither_loses_nor_doubles(
    store: Store, store_settings: Settings, connection: Any, moment: str
) -> None:
    await UsageLedger(store, store_settings).record([row()])  # makes the month
    interrupted = Interrupted(store, moment, failures=2)
    ledger = UsageLedger(interrupted, store_settings)  # type: ignore[arg-type]  # a stand-in with what is used
    reservation = await _reserve(store, store_settings)
    kept = KeptAnswer(reservation, 200, b"answer")
    receipts = await asyncio.gather(*(ledger.record([row()], kept if n == 0 else None) for n in range(10)))
    assert [Receipt.RECORDED] * 10 == receipts
    assert 0 == interrupted.failures
    assert 11 == await connection.fetchval("SELECT count(*) FROM usage")
    assert b"answer" == await connection.fetchval("SELECT answer FROM idempotency_answer")


async def test_a_database_that_stays_away_is_given_up_after_the_patience(store: Store) -> None:
    ledger = UsageLedger(Interrupted(store, "before", failures=10**9), Settings(usage_patience_seconds=0.05))  # type: ignore[arg-type]  # as above
    assert [Receipt.UNAVAILABLE] * 3 == await asyncio.gather(*(ledger.record([row()]) for _ in range(3)))


async def test_more_than_may_wait_is_turned_away(store: Store) -> None:
    ledger = UsageLedger(store, Settings(usage_waiting_rows=5))
    receipts = await asyncio.gather(*(ledger.record([row()]) for _ in range(7)))
    assert [*[Receipt.RECORDED] * 5, *[Receipt.OVERLOADED] * 2] == receipts


async def _reserve(store: Store, settings: Settings, key: str = "k1") -> Reservation:
    reservation = await Idempotency(store, settings).begin(ClientId("Acme"), key, fingerprint("enrich", b"body"))
    assert isinstance(reservation, Reservation)
    return reservation


async def test_an_answer_is_stored_with_its_charge(store: Store, ledger: UsageLedger, store_settings: Settings) -> None:
    reservation = await _reserve(store, store_settings)
    assert Receipt.RECORDED == await ledger.record([row()], KeptAnswer(reservation, 200, b"{}"))
    again = await Idempotency(store, store_settings).begin(ClientId("Acme"), "k1", fingerprint("enrich", b"body"))
    assert StoredAnswer(200, b"{}") == again


@pytest.mark.parametrize("together", [True, False])
async def test_of_two_workers_that_ran_one_request_the_first_to_answer_is_charged(
    store: Store, connection: Any, together: bool
) -> None:
    impatient = Settings(request_seconds=0.001)
    slow = await _reserve(store, impatient)
    await connection.execute("UPDATE idempotency_running SET started_at = started_at - interval '1 second'")
    quick = await _reserve(store, impatient)
    first, second = UsageLedger(store, impatient), UsageLedger(store, impatient)
    charged = row()
    receipt = await first.record([charged], KeptAnswer(quick, 200, b"quick"))
    late = (first if together else second).record([row()], KeptAnswer(slow, 200, b"slow"))
    assert [Receipt.RECORDED, Receipt.SUPERSEDED] == [receipt, await late]
    assert [charged.id] == [read["id"] for read in await connection.fetch("SELECT id FROM usage")]
    assert b"quick" == await connection.fetchval("SELECT answer FROM idempotency_answer")


async def test_two_answers_to_one_request_in_one_write_charge_once(store: Store, connection: Any) -> None:
    impatient = Settings(request_seconds=0.001)
    slow = await _reserve(store, impatient)
    await connection.execute("UPDATE idempotency_running SET started_at = started_at - interval '1 second'")
    quick = await _reserve(store, impatient)
    ledger = UsageLedger(store, impatient)
    receipts = await asyncio.gather(
        *(ledger.record([row()], KeptAnswer(reservation, 200, b"")) for reservation in (slow, quick))
    )
    assert {Receipt.SUPERSEDED, Receipt.RECORDED} == set(receipts)
    assert 1 == await connection.fetchval("SELECT count(*) FROM usage")


async def test_an_answer_is_charged_though_a_crash_lost_its_reservation(
    store: Store, ledger: UsageLedger, store_settings: Settings, connection: Any
) -> None:
    reservation = await _reserve(store, store_settings)
    await connection.execute("TRUNCATE idempotency_running")  # what a crash does to an unlogged table
    assert Receipt.RECORDED == await ledger.record([row()], KeptAnswer(reservation, 200, b"{}"))


async def test_usage_by_day_counts_what_one_client_asked_for(store: Store, ledger: UsageLedger) -> None:
    next_day = NOW + dt.timedelta(minutes=2)
    await ledger.record([row(), row(units=2), row(status="not_found", units=0), row(at=next_day)])
    await ledger.record([row(client=ClientId("Bravo")), row(at=NOW - dt.timedelta(days=2))])
    days = await usage_by_day(store, "Acme", dt.date(2026, 11, 22), dt.date(2026, 11, 23))
    assert [
        UsageDay(dt.date(2026, 11, 22), "enrich", "matched", 2, 3),
        UsageDay(dt.date(2026, 11, 22), "enrich", "not_found", 1, 0),
        UsageDay(dt.date(2026, 11, 23), "enrich", "matched", 1, 1),
    ] == days


async def test_drain_leaves_nothing_behind(ledger: UsageLedger, connection: Any) -> None:
    waiting = [asyncio.ensure_future(ledger.record([row()])) for _ in range(30)]
    await asyncio.sleep(0)
    await ledger.drain()
    assert 30 == await connection.fetchval("SELECT count(*) FROM usage")
    await asyncio.gather(*waiting)
