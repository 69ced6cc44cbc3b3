"""The overlay of one process, opened once and handed to whoever answers."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from bureau.deliverability.email.memory import Known
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.syntax import Address, parse
from bureau.deliverability.email.verdict import NOT_CALIBRATED, Confidences, EmailVerdict
from bureau.errors import BureauError
from bureau.ids import ClientId
from bureau.overlay.calibration import Outcomes, calibrated
from bureau.overlay.client_view import ClientView
from bureau.overlay.event_log import EventLog
from bureau.overlay.fingerprints import Fingerprints
from bureau.overlay.memory import SharedMemory
from bureau.overlay.rechecks import Rechecks
from bureau.overlay.standing_ring import StandingRing
from bureau.overlay.write_behind import WriteBehind
from bureau.settings import Settings
from bureau.store import Store

UPKEEP_SECONDS = 3600.0

_REASONS = frozenset(reason.value for reason in Reason)

log = logging.getLogger(__name__)


class _Told(NamedTuple):
    """A row of verdict_told."""

    address: bytes
    reason: str
    told_at: datetime


class Overlay:
    """Safe to use from one event loop, by any number of tasks."""

    def __init__(self, store: Store, secret: bytes, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._fingerprints = Fingerprints(secret)
        self._ring = StandingRing(store)
        self._confidences: Confidences = NOT_CALIBRATED
        self._told = WriteBehind[_Told]("verdicts told", self._keep_told)
        self.memory = SharedMemory(store, self._fingerprints)
        self.events = EventLog(store, self._fingerprints)
        self.rechecks = Rechecks(store)

    @classmethod
    @asynccontextmanager
    async def open(cls, store: Store, secret: bytes, settings: Settings) -> "AsyncIterator[Overlay]":
        """``secret`` is the home's. Raises ``StoreUnavailable``."""
        overlay = cls(store, secret, settings)
        await overlay._ring.start()
        upkeep = asyncio.create_task(overlay._keep_up(), name="overlay upkeep")
        try:
            yield overlay
        finally:
            upkeep.cancel()
            await asyncio.gather(upkeep, return_exceptions=True)
            await overlay.memory.drain()
            await overlay._told.drain()
            await overlay._ring.stop()

    def seen_by(self, client: ClientId) -> ClientView:
        """What stands of contacts, for one client."""
        return ClientView(self._ring.table, self._fingerprints, client)

    def known_to(self, client: ClientId) -> Known:
        """The same for a verifier, with the confidences learnt so far."""
        return Known(self.seen_by(client).email, self._confidences)

    def told(self, verdicts: Iterable[EmailVerdict]) -> None:
        """Remember what was said of addresses, to be held against what becomes of them; written behind."""
        now = datetime.now(UTC)
        addresses = [(parse(verdict.address), verdict) for verdict in verdicts if not verdict.pending]
        self._told.add(
            _Told(self._fingerprints.email(address), verdict.reason.value, now)
            for address, verdict in addresses
            if isinstance(address, Address)
        )

    async def refresh(self) -> None:
        """Read the outcomes anew."""
        rows = await self._store.fetch("events.outcomes")
        known = [row for row in rows if row["reason"] in _REASONS]
        self._confidences = calibrated(Outcomes(Reason(r["reason"]), r["delivered"], r["bounced"]) for r in known)

    async def _keep_told(self, told: list[_Told]) -> None:
        latest = {row.address: row for row in told}
        await self._store.fetch("evidence.store_told", *map(list, zip(*latest.values(), strict=True)))

    async def _keep_up(self) -> None:
        """Purge what is past its time and learn from outcomes, now and every hour; every process does, it is cheap."""
        while True:
            try:
                await self.refresh()
                keep = self._settings.event_days, self._settings.recheck_days * 86_400.0
                await self._store.fetch("evidence.purge", *keep)
            except BureauError as problem:
                log.warning("overlay: upkeep left for later (%s)", problem.code)
            await asyncio.sleep(UPKEEP_SECONDS)
