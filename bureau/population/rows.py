"""Source tables to numeric columns: one row a source row, texts and name tokens as numbers.

What stays in memory is about 150 bytes a row beside the texts; that part is not bounded by ``--memory``.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.errors import BuildFailed
from bureau.matching.layout import ALIAS_TOKENS, NAME_TOKENS, NO_TAX_ID
from bureau.population.intern import Interner

MAX_SOURCES = 32
"""A claim's sources are one bit each of a 32-bit mask."""


@dataclass(slots=True)
class Names:
    """Names as token rows: one a source row for people, two for companies (legal name, then trade name).

    ``tokens[ends[i - 1]:ends[i]]`` is the whole name i, to show; ``content`` leaves particles and suffix out.
    """

    content: NDArray[np.int32]  # (n, NAME_TOKENS)
    suffix: NDArray[np.uint8]
    date: NDArray[np.int32]  # yyyymmdd, 0 unknown
    alias: NDArray[np.int32]  # (n, ALIAS_TOKENS)
    ends: NDArray[np.int64]
    tokens: NDArray[np.uint32]

    @classmethod
    def empty(cls, n: int) -> "Names":
        return cls(
            np.zeros((n, NAME_TOKENS), np.int32),
            np.zeros(n, np.uint8),
            np.zeros(n, np.int32),
            np.zeros((n, ALIAS_TOKENS), np.int32),
            np.zeros(n, np.int64),
            np.zeros(0, np.uint32),
        )


@dataclass(slots=True)
class Rows:
    """The columns that people and companies share. Unknown is 0, except ``tax_id``: NO_TAX_ID.

    ``broken`` are the broken tax ids, as :func:`~bureau.normalise.neighbours.near_cpfs` reads them.
    """

    source: NDArray[np.uint8]
    row: NDArray[np.int64]
    seen: NDArray[np.int32]  # days since 1970-01-01
    tax_id: NDArray[np.int64]
    municipality: NDArray[np.uint16]
    postal_code: NDArray[np.int32]
    texts: NDArray[np.uint32]  # (n, 4): street, number, complement, district
    phone_ends: NDArray[np.int64]  # as Names.ends
    phones: NDArray[np.int64]
    email_ends: NDArray[np.int64]
    emails: NDArray[np.uint32]
    names: Names
    sex: NDArray[np.uint8]  # empty for companies
    broken: NDArray[np.int64]  # empty for companies

    @classmethod
    def empty(cls, n: int, names: Names) -> "Rows":
        return cls(
            np.zeros(n, np.uint8),
            np.zeros(n, np.int64),
            np.zeros(n, np.int32),
            np.full(n, NO_TAX_ID, np.int64),
            np.zeros(n, np.uint16),
            np.zeros(n, np.int32),
            np.zeros((n, 4), np.uint32),
            np.zeros(n, np.int64),
            np.zeros(0, np.int64),
            np.zeros(n, np.int64),
            np.zeros(0, np.uint32),
            names,
            np.zeros(0, np.uint8),
            np.zeros(0, np.int64),
        )

    def __len__(self) -> int:
        return len(self.row)


@dataclass(slots=True)
class Parts:
    """Columns whose length is not known beforehand, gathered batch by batch."""

    found: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    lengths: dict[str, int] = field(default_factory=dict)

    def add(self, name: str, values: NDArray[Any], ends: NDArray[np.int64]) -> NDArray[np.int64]:
        """Append ``values``; returns ``ends`` shifted to where they now lie."""
        start = self.lengths.get(name, 0)
        self.found.setdefault(name, []).append(values)
        self.lengths[name] = start + len(values)
        return ends + start

    def take(self, name: str, dtype: type[np.generic]) -> NDArray[Any]:
        """All of ``name`` as one array; its pieces are let go."""
        pieces = self.found.pop(name, [])
        return np.concatenate(pieces) if pieces else np.zeros(0, dtype)


class SourceNames:
    """The sources met so far; a row may name its own source, else it belongs to its release's."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def numbers(self, column: pa.Array, otherwise: str) -> NDArray[np.uint8]:
        """The bit of each row's source; BuildFailed when there are more than a mask holds."""
        coded = pc.fill_null(column, otherwise).dictionary_encode()
        known = np.array([self._number(name) for name in coded.dictionary.to_pylist()], np.uint8)
        return known[coded.indices.to_numpy()] if len(known) else np.zeros(0, np.uint8)

    def _number(self, name: str) -> int:
        if name not in self.names:
            self.names.append(name)
        if len(self.names) > MAX_SOURCES:
            raise BuildFailed(f"More than {MAX_SOURCES} sources are named in the source tables; merge some of them.")
        return self.names.index(name)


def fill_common(rows: Rows, parts: Parts, batch: pa.RecordBatch, start: int, texts: Interner) -> None:
    """Tax id, place and contacts of one batch, whose first row becomes row ``start``."""
    part = slice(start, start + len(batch))
    rows.row[part] = plain(batch["row"], 0)
    rows.seen[part] = plain(batch["seen_at"].cast(pa.int32()), 0)
    rows.tax_id[part] = plain(batch["tax_id"], NO_TAX_ID)
    rows.municipality[part] = plain(batch["municipality"], 0)
    rows.postal_code[part] = plain(batch["postal_code"], 0)
    for i, column in enumerate(("street", "number", "complement", "district")):
        rows.texts[part, i] = texts.rows(batch[column])
    ends, values = _lists(batch["phones"])
    rows.phone_ends[part] = parts.add("phones", plain(values, 0), ends)
    ends, values = _lists(batch["emails"])
    rows.email_ends[part] = parts.add("emails", texts.rows(values), ends)


def plain(column: pa.Array, unknown: int) -> NDArray[Any]:
    """A numeric Arrow column as an array, null as ``unknown``."""
    found: NDArray[Any] = pc.fill_null(column, unknown).to_numpy(zero_copy_only=False)
    return found


def yyyymmdd(column: pa.Array) -> NDArray[np.int32]:
    """Dates as decimal numbers, null as 0."""
    known = column.is_valid().to_numpy(zero_copy_only=False)
    return np.where(known, _calendar(plain(column.cast(pa.int32()), 0)), 0).astype(np.int32)


@compiled
def _calendar(days: NDArray[np.int32]) -> NDArray[np.int32]:
    """Days since 1970-01-01 to yyyymmdd in the Gregorian calendar (civil_from_days, H. Hinnant)."""
    found = np.empty(len(days), np.int32)
    for i in range(len(days)):
        since = days[i] + 719468  # 0000-03-01: years then end with February
        era = since // 146097
        day_of_era = since - era * 146097
        year = (day_of_era - day_of_era // 1460 + day_of_era // 36524 - day_of_era // 146096) // 365
        day = day_of_era - (365 * year + year // 4 - year // 100)
        month = (5 * day + 2) // 153
        day = day - (153 * month + 2) // 5 + 1
        month = month + 3 if month < 10 else month - 9
        found[i] = (year + era * 400 + (month <= 2)) * 10000 + month * 100 + day
    return found


def _lists(column: pa.Array) -> tuple[NDArray[np.int64], pa.Array]:
    """(ends, values) of a list column; a null list is an empty one."""
    lengths = plain(column.value_lengths(), 0).astype(np.int64)
    return np.cumsum(lengths), column.flatten()
