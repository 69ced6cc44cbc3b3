"""Requests sent again (``Idempotency-Key``, draft-ietf-httpapi-idempotency-key-header-07): charged and run once.

A request first reserves its key; its answer is stored by the ledger, in the transaction that charges it. A repeated
request gets the stored answer byte for byte. A reservation whose worker died may be taken over after
``request_seconds``; should that worker only have been slow, the first of the two to answer is charged and the other
finds itself ``SUPERSEDED``.
"""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from bureau.access.group_commit import GroupCommit
from bureau.errors import BureauError, InvalidArgument, StoreUnavailable
from bureau.ids import ClientId, sortable
from bureau.settings import Settings
from bureau.store import Store

LONGEST_KEY = 255

log = logging.getLogger(__name__)


class Reservation(msgspec.Struct, frozen=True):
    """The right to run the request that carries ``key``; ends with an answer, a release, or by age."""

    client: ClientId
    key: str
    id: str
    fingerprint: bytes


class KeptAnswer(msgspec.Struct, frozen=True):
    """What to repeat: handed to ``UsageLedger.record`` with the rows that it is charged with."""

    reservation: Reservation
    status: int
    body: bytes


class StoredAnswer(msgspec.Struct, frozen=True):
    """The answer an earlier request with the same key and body was given."""

    status: int
    body: bytes


class Refusal(StrEnum):
    """Why a request may not run now."""

    OTHER_BODY = "other_body"  # the key was used with another request
    STILL_RUNNING = "still_running"
    UNAVAILABLE = "unavailable"  # the database is away or too many are waiting


def fingerprint(operation: str, body: bytes) -> bytes:
    """What makes two requests the same one: the operation and the bytes of the body."""
    digest = hashlib.blake2b(operation.encode() + b"\0", digest_size=32)
    digest.update(body)
    return digest.digest()


class Idempotency:
    """Keys in use, shared by all workers through the database; concurrent look-ups share a statement."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._request_seconds = settings.request_seconds
        self._keep_hours = settings.idempotency_hours
        self._patience = settings.usage_patience_seconds
        self._group = GroupCommit[Reservation, Reservation | StoredAnswer | Refusal](
            self._begin_all, largest=settings.usage_batch_rows, longest=settings.usage_waiting_rows
        )

    async def begin(self, client: ClientId, key: str, fingerprint: bytes) -> Reservation | StoredAnswer | Refusal:
        """Reserve ``key`` for this request, or say what stands in the way.

        Raises :class:`InvalidArgument` for a key that is not 1 to 255 visible ASCII characters.
        """
        if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
            raise InvalidArgument(f"Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters.")
        wanted = Reservation(client, key, sortable("res"), fingerprint)
        return await self._group.submit(wanted) or Refusal.UNAVAILABLE

    async def release(self, reservation: Reservation) -> None:
        """Give the key back unanswered (our own fault, nothing charged), so that the client may try again at once."""
        try:
            await self._store.fetch("idempotency.release", reservation.client, reservation.key, reservation.id)
        except StoreUnavailable:
            log.warning("idempotency: a key was not released; it falls free by age")

    async def purge(self) -> None:
        """Delete answers older than ``idempotency_hours``; to be called about hourly, by one process or by many."""
        await self._store.fetch("idempotency.purge", self._keep_hours * 3600, self._request_seconds)

    async def _begin_all(self, wanted: list[Reservation]) -> list[Reservation | StoredAnswer | Refusal]:
        first: dict[tuple[str, str], Reservation] = {}
        for one in wanted:
            first.setdefault((one.client, one.key), one)
        try:
            async with asyncio.timeout(self._patience):
                rows = await self._store.fetch("idempotency.begin", *_columns(first), self._request_seconds)
        except (BureauError, TimeoutError):
            log.warning("idempotency: %d keys could not be looked up", len(wanted))
            return [Refusal.UNAVAILABLE] * len(wanted)
        found = {row["reservation"]: row for row in rows}
        return [_outcome(one, first[one.client, one.key], found) for one in wanted]


def _columns(first: Mapping[tuple[str, str], Reservation]) -> list[list[Any]]:
    """The arguments of ``idempotency.begin``; one row a key, since a statement can touch a row only once."""
    ones = list(first.values())
    return [
        [one.client for one in ones],
        [one.key for one in ones],
        [one.fingerprint for one in ones],
        [one.id for one in ones],
    ]


def _outcome(
    one: Reservation, first: Reservation, found: Mapping[str, Mapping[str, Any]]
) -> Reservation | StoredAnswer | Refusal:
    row = found[first.id]
    if row["held"]:
        if one is first:
            return one
        return Refusal.STILL_RUNNING if one.fingerprint == first.fingerprint else Refusal.OTHER_BODY
    if row["body_hash"] is None:  # reserved by another worker a moment ago: its body is not visible yet
        return Refusal.STILL_RUNNING
    if row["body_hash"] != one.fingerprint:
        return Refusal.OTHER_BODY
    if row["status"] is None:
        return Refusal.STILL_RUNNING
    return StoredAnswer(row["status"], row["answer"])
