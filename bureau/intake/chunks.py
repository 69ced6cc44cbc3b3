"""Rows as delivered → canonical columns: a pure function of a file's description, so any process can do any chunk.

Every row ends in exactly one place: in ``Chunk.records`` or in ``Chunk.refusals``.
"""

from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.intake.canonical import Column, canonical
from bureau.intake.description import Description
from bureau.intake.jsonl import columns_of, opened_object
from bureau.intake.records import Text, parsed
from bureau.intake.rows import Rows
from bureau.intake.sniff import Form


class Refusal(NamedTuple):
    """A row that could not be used: its number in the file, column (empty: the whole row) and reason."""

    row: int
    column: str
    reason: str


class Own(NamedTuple):
    """The client's side of some rows: their numbers, each row as delivered (None for Parquet), and the client's own
    columns as a table, None unless asked for."""

    rows: NDArray[np.int64]
    text: pa.Array | None
    client: pa.Table | None

    def filter(self, kept: pa.Array) -> "Own":
        """The rows marked true."""
        return Own(
            self.rows[kept.to_numpy(zero_copy_only=False)],
            None if self.text is None else self.text.filter(kept),
            None if self.client is None else self.client.filter(kept),
        )


class Chunk(NamedTuple):
    """Consecutive rows: ``records`` are canonical (see ``canonical``), one for each of ``own``."""

    records: pa.Table
    own: Own
    refusals: list[Refusal]


def chunk_of(what: Description, rows: Rows, with_columns: bool = False) -> Chunk:
    """Read rows; ``with_columns`` also gives the client's own columns as a table."""
    own, columns, refusals = _cut(what, rows, None if with_columns else _used(what))
    return Chunk(canonical(columns, what.meaning, len(own.rows)), own, refusals)


def own_of(what: Description, rows: Rows, with_columns: bool) -> Own:
    """Only the client's side of those rows that ``chunk_of`` finds whole."""
    return _cut(what, rows, None if with_columns else frozenset())[0]


def _used(what: Description) -> frozenset[int]:
    return frozenset(range(len(what.header))) - set(what.meaning.unused)


def _cut(what: Description, rows: Rows, wanted: frozenset[int] | None) -> tuple[Own, list[Column], list[Refusal]]:
    """The rows in columns by position; those that are not ``wanted`` (None: all are) may be empty."""
    reasons = rows.refused
    if what.form is Form.PARQUET:
        columns: list[Column] = rows.content.columns
        own = Own(rows.numbers.to_numpy(), None, pa.Table.from_batches([rows.content]) if wanted is None else None)
        return own, columns, []
    if what.form is Form.JSON_LINES:
        objects = [opened_object(line) for line in rows.text.to_pylist()]
        reasons = pa.array([None if isinstance(one, dict) else "not_a_json_object" for one in objects], pa.string())
        columns = columns_of([one for one in objects if one is not None], what.header)
    else:
        # Files pasted together carry their header more than once.
        reasons = pc.if_else(pc.equal(rows.text, what.opening[-1]), "repeated_header", reasons)
        columns = _fields(what, rows.text.filter(pc.is_null(reasons)), wanted)
    whole = pc.is_null(reasons)
    client = pa.table(columns, names=list(what.header)) if wanted is None else None
    own = Own(rows.numbers.filter(whole).to_numpy(), rows.text.filter(whole), client)
    return own, columns, _refusals(rows.numbers, reasons)


def _fields(what: Description, texts: pa.Array, wanted: frozenset[int] | None) -> list[Column]:
    dialect, width = what.csv, len(what.header)
    positions = sorted(range(width) if wanted is None else wanted)
    if not positions:
        return [pa.nulls(len(texts), pa.string())] * width
    found = parsed(texts, Text(dialect.delimiter, dialect.quote, dialect.encoding, width), positions)
    absent = pa.nulls(len(texts), pa.string())
    return [found.get(position, absent) for position in range(width)]


def _refusals(numbers: pa.Array, reasons: pa.Array) -> list[Refusal]:
    refused = pc.is_valid(reasons)
    pairs = zip(numbers.filter(refused).to_pylist(), reasons.filter(refused).to_pylist(), strict=True)
    return [Refusal(number, "", reason) for number, reason in pairs]


def encoded(what: Description) -> bytes:
    """A description as JSON; ``decoded`` reads it again."""
    return msgspec.json.encode(what)


def decoded(text: Any) -> Description:
    return msgspec.json.decode(text, type=Description)
