"""Booked rechecks made when they are due, by any number of processes at once; one that dies loses none."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from bureau.deliverability.email.memory import Known
from bureau.deliverability.email.pending import pending
from bureau.deliverability.email.verdict import EmailVerdict
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.errors import BureauError
from bureau.ids import ClientId
from bureau.model.query import Depth
from bureau.store import Row, Store
from bureau.webhooks.messages import Event, tell

LARGEST = 200  # bookings taken at once
WAIT_SECONDS = 60.0  # for their verdicts: longer than a whole check of a mailbox (45 s)
LEASE_SECONDS = 120.0
LATE_FOR = timedelta(hours=1)  # after that a verdict that is always late stays as it is
LATE_PAUSE = timedelta(minutes=1)

_encode = msgspec.json.Encoder().encode

log = logging.getLogger(__name__)


class RecheckWorker:
    """``known`` is what counts for a client besides the check itself; ``told`` takes note of what verdicts say by now.
    A client with webhooks is told once all verdicts of a verification are final."""

    def __init__(
        self,
        store: Store,
        verifier: EmailVerifier,
        known: Callable[[ClientId], Known],
        told: Callable[[Iterable[EmailVerdict]], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._verifier = verifier
        self._known = known
        self._told = told

    async def run(self, every_seconds: float) -> None:
        """For ever: all that is due, then a pause. What goes wrong is logged, and tried again when its lease ends."""
        while True:
            try:
                while await self.once():
                    pass
            except BureauError as problem:
                log.warning("rechecks: not made now (%s)", problem.code)
            except Exception:
                log.exception("rechecks: a bug in making them")
            await asyncio.sleep(every_seconds)

    async def once(self) -> int:
        """Make the rechecks that are due now, a few hundred at most; how many there were."""
        rows = await self._store.fetch("rechecks.claim", LARGEST, LEASE_SECONDS)
        groups: dict[tuple[str, str, bool], list[Row]] = defaultdict(list)
        for row in rows:
            groups[row["client"], row["depth"], row["expects_role"]].append(row)
        await asyncio.gather(*(self._check(list(group)) for group in groups.values()))
        return len(rows)

    async def _check(self, rows: Sequence[Row]) -> None:
        client, first = ClientId(rows[0]["client"]), rows[0]
        verdicts = await self._verifier.verify(
            [row["address"] for row in rows],
            Depth(first["depth"]),
            WAIT_SECONDS,
            expects_role=first["expects_role"],
            known=self._known(client),
        )
        self._told(verdicts)
        columns = zip(*(_outcome(row, verdict) for row, verdict in zip(rows, verdicts, strict=True)), strict=True)
        async with self._store.transaction() as transaction:
            await transaction.fetch("rechecks.lock", sorted({row["verification"] for row in rows}))
            done = await transaction.fetch("rechecks.finish", *map(list, columns))
            perhaps = sorted({row["verification"] for row in done if row["is_final"]})
            for row in await transaction.fetch("rechecks.all_final", perhaps) if perhaps else ():
                await tell(transaction, client, Event.VERIFICATION_FINAL, {"verification": row["verification"]})


def _outcome(row: Row, verdict: EmailVerdict) -> tuple[str, int, bytes, int, datetime | None, datetime]:
    """The arguments of ``rechecks.finish`` for one booking."""
    now = datetime.now(UTC)
    again = pending(verdict, row["attempts"])
    if verdict.pending:
        too_late = now - row["created_at"] > LATE_FOR
        again = None if too_late else again
        due = None if too_late else now + LATE_PAUSE
    else:
        due = again.verdict.recheck_at if again else None
    shown = again.verdict if again else msgspec.structs.replace(verdict, pending=False)
    shown = msgspec.structs.replace(shown, recheck_at=due)
    attempts = again.attempt if again else row["attempts"]
    return row["verification"], row["position"], _encode(shown), attempts, due, row["leased_until"]
