"""What stands against or for contacts, in memory: twelve bytes for each, so that millions of deliveries fit.

Sorted keys with coded values, and news beside them until there are enough to merge. A key is half a fingerprint: of ten
million, two of them meet once in 4e5 databases.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.overlay.fingerprints import Fingerprint
from bureau.overlay.standing import SCOPED, WRONG_PERSON
from bureau.store import Row

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
    SCOPED,
)
"""Reasons by their code in memory; what a newer program wrote besides is left out."""
_CODES = {reason: code for code, reason in enumerate(REASONS)}
_EPOCH = date(1970, 1, 1)


class Stands(NamedTuple):
    """``reason`` is one of :data:`REASONS`, ``since`` the day (UTC) it was last confirmed."""

    reason: str
    since: date


class StandingTable:
    """``last`` is the highest change number taken in."""

    def __init__(self) -> None:
        self._keys: NDArray[np.uint64] = np.zeros(0, np.uint64)
        self._values: NDArray[np.uint32] = np.zeros(0, np.uint32)
        self._searched = self._keys.data  # several times as fast to bisect as the array itself
        self._news: dict[int, int] = {}
        self.last = 0

    def __len__(self) -> int:
        """How many are held; an upper bound while news are not merged."""
        return len(self._keys) + len(self._news)

    def get(self, fingerprint: Fingerprint) -> Stands | None:
        """What stands of a contact, however long ago."""
        key = int.from_bytes(fingerprint[:8])
        value = self._news.get(key)
        if value is None:
            place = bisect_left(self._searched, key)
            if place == len(self._keys) or self._searched[place] != key:
                return None
            value = int(self._values[place])
        code, day = value & 15, value >> 4
        return Stands(REASONS[code], _EPOCH + timedelta(days=day)) if code else None

    def take(self, rows: Sequence[Row]) -> None:
        """Rows of ``events.standings``, in the order of their change numbers."""
        for row in rows:
            code = _CODES.get(row["reason"] or "", 0)
            self._news[int.from_bytes(row["fingerprint"][:8])] = _days(row["since"]) << 4 | code
            self.last = row["change"]
        if len(self._news) >= max(MERGE_FROM, len(self._keys) // 8):
            self._merge()

    def _merge(self) -> None:
        """News into the sorted arrays; what is nothing any more goes."""
        keys = np.concatenate([self._keys, np.fromiter(self._news, np.uint64, len(self._news))])
        values = np.concatenate([self._values, np.fromiter(self._news.values(), np.uint32, len(self._news))])
        order = np.argsort(keys, kind="stable")
        keys, values = keys[order], values[order]
        latest = np.append(keys[1:] != keys[:-1], True) & (values & 15 != 0)
        self._keys, self._values, self._news = keys[latest], values[latest], {}
        self._searched = self._keys.data

    def save(self, path: Path) -> None:
        """As one file, for processes without a way to the database."""
        if self._news:
            self._merge()
        with path.open("wb") as file:
            np.savez(file, keys=self._keys, values=self._values, last=np.int64(self.last))

    @classmethod
    def load(cls, path: Path) -> "StandingTable":
        table = cls()
        with np.load(path) as arrays:
            table._keys, table._values, table.last = arrays["keys"], arrays["values"], int(arrays["last"])
        table._searched = table._keys.data
        return table


def _days(at: datetime) -> int:
    return max((at.astimezone(UTC).date() - _EPOCH).days, 0)
