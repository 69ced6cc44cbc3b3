"""What stands against or for contacts, in the memory of every process: a suppression holds everywhere within a second.

Ten bytes and a bit for each contact (sorted keys, coded values; news beside them until there are enough to merge), so
that millions of deliveries fit. A key is half a fingerprint: of ten million, two of them meet once in 4e5 databases.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import numpy as np

from bureau.overlay.fingerprints import Fingerprint
from bureau.overlay.standing import WRONG_PERSON
from bureau.store import Listener, Row, Store

CHANNEL = "bureau_standings"
MERGE_FROM = 20_000

REASONS = (
    "",  # nothing any more
    "hard_bounced",
    "soft_bounced",
    "confirmed_by_delivery",
    "suppressed_complaint",
    "suppressed_opt_out",
    "suppressed_legal",
    "active",
    "inactive",
    WRONG_PERSON,
)
"""Reasons by their code in memory; what a newer program wrote besides is left out."""
_CODES = {reason: code for code, reason in enumerate(REASONS)}
_EPOCH = date(1970, 1, 1)


class Stands(NamedTuple):
    """``reason`` is one of :data:`REASONS`, ``since`` the day (UTC) it was last confirmed."""

    reason: str
    since: date


class StandingRing:
    """Look-ups without I/O. :meth:`start` it, :meth:`stop` it; in between it follows the database by itself."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._keys = np.zeros(0, np.uint64).data
        self._values = np.zeros(0, np.uint32)
        self._news: dict[int, int] = {}
        self._last = 0
        self._listener = Listener(store, CHANNEL, "events.standings", self._take, arguments=lambda: (self._last,))

    async def start(self) -> None:
        """Read all there is, then follow. Raises ``StoreUnavailable``."""
        while rows := await self._store.fetch("events.standings", self._last):
            self._take(rows)
        await self._listener.start()

    async def stop(self) -> None:
        await self._listener.stop()

    def __len__(self) -> int:
        """How many are held; an upper bound while news are not merged."""
        return len(self._keys) + len(self._news)

    def get(self, fingerprint: Fingerprint) -> Stands | None:
        """What stands of a contact, however long ago."""
        key = int.from_bytes(fingerprint[:8])
        value = self._news.get(key)
        if value is None:
            place = bisect_left(self._keys, key)
            if place == len(self._keys) or self._keys[place] != key:
                return None
            value = int(self._values[place])
        code, day = value & 15, value >> 4
        return Stands(REASONS[code], _EPOCH + timedelta(days=day)) if code else None

    def _take(self, rows: Sequence[Row]) -> None:
        for row in rows:
            code = _CODES.get(row["reason"] or "", 0)
            self._news[int.from_bytes(row["fingerprint"][:8])] = _days(row["since"]) << 4 | code
            self._last = row["change"]
        if len(self._news) >= max(MERGE_FROM, len(self._keys) // 8):
            self._merge()

    def _merge(self) -> None:
        """News into the sorted arrays; what is nothing any more goes."""
        keys = np.concatenate([np.asarray(self._keys), np.fromiter(self._news, np.uint64, len(self._news))])
        values = np.concatenate([self._values, np.fromiter(self._news.values(), np.uint32, len(self._news))])
        order = np.argsort(keys, kind="stable")
        keys, values = keys[order], values[order]
        latest = np.append(keys[1:] != keys[:-1], True) & (values & 15 != 0)
        self._keys, self._values = keys[latest].data, values[latest]
        self._news = {}


def _days(at: datetime) -> int:
    return max((at.astimezone(UTC).date() - _EPOCH).days, 0)
