"""Verdicts that were not final when they were given: booked here, fetched by the client, settled by the worker.

When to ask again is the rule of ``deliverability.email.rechecks``; here it is kept, so that no restart forgets it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from bureau.deliverability.email.pending import Pending
from bureau.deliverability.email.verdict import EmailVerdict
from bureau.ids import ClientId
from bureau.model.query import Depth
from bureau.store import Store

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(EmailVerdict).decode


class Asked(NamedTuple):
    """Who asked for verdicts, how deep, and by which id they will be fetched."""

    verification: str
    client: ClientId
    depth: Depth
    expects_role: bool = False


class Verification(msgspec.Struct, frozen=True, omit_defaults=True):
    """The verdicts that were pending in one answer, as they are now. ``final`` when none is any more; until then ask
    again at ``recheck_at``."""

    id: str
    final: bool
    results: list[EmailVerdict]
    recheck_at: datetime | None = None


class Rechecks:
    """Bookings, by the id of the answer they belong to."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def book(self, booked: Sequence[tuple[Asked, Sequence[Pending]]]) -> None:
        """All of them durable when this returns. Raises ``StoreUnavailable``."""
        rows = [
            (
                asked.verification,
                position,
                asked.client,
                one.verdict.address,
                asked.depth.value,
                asked.expects_role,
                _encode(one.verdict),
                one.attempt,
                one.verdict.recheck_at,
            )
            for asked, verdicts in booked
            for position, one in enumerate(verdicts)
        ]
        if rows:
            await self._store.fetch("rechecks.book", *map(list, zip(*rows, strict=True)))

    async def find(self, client: ClientId, verification: str) -> Verification | None:
        """``None`` if this client has no such verification, or it was purged."""
        rows = await self._store.fetch("rechecks.of_verification", client, verification)
        if not rows:
            return None
        due = [row["due_at"] for row in rows if row["due_at"]]
        return Verification(verification, not due, [_decode(row["verdict"]) for row in rows], min(due, default=None))
