"""The ledger: one durable row for every record asked for, before its answer leaves.

The same row is the invoice's and the audit's (who asked, for whom, why, what left): see the comment on ``usage`` in
``store/migrations/0001_access.sql``. Rows of concurrent requests share a commit (``group_commit``).
"""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec

from bureau.access.group_commit import GroupCommit
from bureau.access.idempotency import KeptAnswer
from bureau.errors import StoreUnavailable
from bureau.ids import ClientId, EntityId, KeyId, PopulationId, RequestId, sortable
from bureau.model.query import Purpose
from bureau.settings import Settings
from bureau.store import Store, StoreRefused

CHECK_VIOLATION = "23514"  # what PostgreSQL says of a row whose partition is not there yet
PAUSE_SECONDS = 0.1

log = logging.getLogger(__name__)


class UsageRow(msgspec.Struct, frozen=True, kw_only=True):
    """One record asked for: ``units`` is what it costs (0 for whatever is not charged).

    ``fields`` names what left (``name``, ``emails``…), never its content; ``entity_id`` is the opaque one of answers,
    and ``candidates`` are those of entities that were shown as possible.
    """

    at: dt.datetime = msgspec.field(default_factory=lambda: dt.datetime.now(dt.UTC))
    id: str = msgspec.field(default_factory=lambda: sortable("use"))
    request_id: RequestId
    key_id: KeyId
    client: ClientId
    operation: str
    purpose: Purpose | None
    status: str
    units: int
    population: PopulationId | None = None
    entity_id: EntityId | None = None
    fields: tuple[str, ...] = ()
    candidates: tuple[EntityId, ...] | None = None


class Receipt(StrEnum):
    """What became of the rows; only with ``RECORDED`` may the answer leave."""

    RECORDED = "recorded"  # on disk, whatever happens now
    OVERLOADED = "overloaded"  # too much is waiting; nothing was written
    UNAVAILABLE = "unavailable"  # not confirmed in time: not charged, unless the connection broke after the commit
    SUPERSEDED = "superseded"  # another worker answered the same request first: nothing was written
    REFUSED = "refused"  # a bug: the database will never take these rows


class _Entry(NamedTuple):
    rows: Sequence[UsageRow]
    answer: KeptAnswer | None
    deadline: float


class UsageLedger:
    """Writes usage rows. One a process; :meth:`drain` before closing the store."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._lane = store.lane()
        self._patience = settings.usage_patience_seconds
        self._group = GroupCommit[_Entry, Receipt](
            self._write,
            largest=settings.usage_batch_rows,
            longest=settings.usage_waiting_rows,
            weigh=lambda entry: max(len(entry.rows), 1),
        )

    async def record(self, rows: Sequence[UsageRow], answer: KeptAnswer | None = None) -> Receipt:
        """Return when the rows are durable, and with them, in the same transaction, the ``answer`` to repeat.

        All rows of a call are written together or not at all; hand over thousands at a time, not millions, or they
        will not be written in time. Nothing is charged twice: a row keeps its id however often it is sent. Unless
        ``RECORDED``, release the answer's reservation: after ``UNAVAILABLE`` a client repeats the request, and with
        an Idempotency-Key gets the stored answer, should the first one have been charged after all.
        """
        receipt = await self._group.submit(_Entry(rows, answer, time.monotonic() + self._patience))
        return receipt or Receipt.OVERLOADED

    async def drain(self) -> None:
        """Return when everything handed over has its receipt."""
        await self._group.drain()

    async def _write(self, entries: list[_Entry]) -> list[Receipt]:
        deadline = min(entry.deadline for entry in entries)
        while True:
            try:
                async with asyncio.timeout(self._patience):
                    held = await self._send(entries)
            except (StoreUnavailable, TimeoutError):
                if time.monotonic() > deadline:
                    log.error("usage: %d requests not recorded, the database is away", len(entries))
                    return [Receipt.UNAVAILABLE] * len(entries)
                await asyncio.sleep(PAUSE_SECONDS)
            except StoreRefused as refusal:
                return await self._write_apart(entries, refusal)
            else:
                return [_receipt(entry, held) for entry in entries]

    async def _send(self, entries: list[_Entry]) -> set[str]:
        """The reservations that held."""
        statement, arguments = _statement(entries)
        try:
            rows = await self._lane.fetch(statement, *arguments)
        except StoreRefused as refusal:
            if refusal.sqlstate != CHECK_VIOLATION:
                raise
            for month in {row.at.astimezone(dt.UTC).date().replace(day=1) for e in entries for row in e.rows}:
                await self._lane.fetch("usage.ensure_month", month)
            rows = await self._lane.fetch(statement, *arguments)
        return {row["reservation"] for row in rows}

    async def _write_apart(self, entries: list[_Entry], refusal: StoreRefused) -> list[Receipt]:
        """Find the entry that cannot be stored by halving, so that it does not take its neighbours down."""
        if len(entries) == 1:
            log.error("usage: a request's rows were refused (SQLSTATE %s)", refusal.sqlstate or "none")
            return [Receipt.REFUSED]
        half = len(entries) // 2
        return await self._write(entries[:half]) + await self._write(entries[half:])


def _receipt(entry: _Entry, held: set[str]) -> Receipt:
    lost = entry.answer is not None and entry.answer.reservation.id not in held
    return Receipt.SUPERSEDED if lost else Receipt.RECORDED


def _statement(entries: list[_Entry]) -> tuple[str, Sequence[Any]]:
    """Named query and arguments. Without answers to keep, which is nearly always, one text does for all columns:
    encoding an array a column was half of what a commit cost this process."""
    if any(entry.answer for entry in entries):
        return "usage.record", _columns(entries)
    rows = [row for entry in entries for row in entry.rows]
    return "usage.append", [msgspec.json.encode(rows).decode()]


def _columns(entries: list[_Entry]) -> list[Sequence[Any]]:
    """The arguments of ``usage.record``: fourteen columns of rows, six of answers."""
    rows = [
        (r.at, r.id, r.request_id, r.key_id, r.client, r.operation, r.purpose, r.status, r.units, r.population,
         r.entity_id, " ".join(r.fields), " ".join(r.candidates) if r.candidates else None,
         answer.reservation.id if answer else None)
        for entry_rows, answer, _ in entries
        for r in entry_rows
    ]  # fmt: skip
    answers = [
        (a.reservation.client, a.reservation.key, a.reservation.id, a.reservation.fingerprint, a.status, a.body)
        for _, a, _ in entries
        if a
    ]
    return [*_transposed(rows, 14), *_transposed(answers, 6)]


def _transposed(rows: list[tuple[Any, ...]], width: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


class UsageDay(msgspec.Struct, frozen=True):
    """What one client asked for on one day (UTC): rows and units of one operation and status."""

    day: dt.date
    operation: str
    status: str
    requests: int
    units: int


async def usage_by_day(store: Store, client: str, first: dt.date, last: dt.date) -> list[UsageDay]:
    """The client's usage from ``first`` to ``last``, both included, by day, operation and status."""
    since = dt.datetime.combine(first, dt.time(), dt.UTC)
    until = dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), dt.UTC)
    rows = await store.fetch("usage.summary", client, since, until)
    return [msgspec.convert(dict(row), UsageDay) for row in rows]
