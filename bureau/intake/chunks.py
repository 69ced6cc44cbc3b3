"""Rows as delivered → canonical columns: a pure function of a file's description, so any process can do any chunk.

Every row ends in exactly one place: in ``Chunk.records`` or in ``Chunk.refusals``.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.intake.canonical import Column, as_text, canonical
from bureau.intake.description import Description
from bureau.intake.jsonl import columns_of, opened_object
from bureau.intake.layouts import cut
from bureau.intake.records import Text, parsed
from bureau.intake.repairs import repaired
from bureau.intake.rows import Rows
from bureau.intake.sniff import Form
from bureau.intake.workbook import columns_of_cells

_TOTAL = (
    r"(?i)^[\W_]*(?:(?:sub|grand ?)?total(?: geral)?|totais|soma"
    r"|(?:total|qtde?|quantidade|n[uú]mero|count) (?:de |of )?(?:registros|linhas|clientes|t[ií]tulos|rows|records))"
    r"\W*(?:R\$)?(?:[\d\W]|null)*$"
)
"""A row that holds nothing but the word and figures, in any form of file …"""
_TAX_ID = r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}\b|\d{2}\.?\d{3}\.?\d{3}/?\d{4}-?\d{2}\b"
"""… none of which is a tax id: there is a company called TOTAL."""


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
    """Consecutive rows: ``records`` are canonical and repaired (see ``canonical``, ``repairs``), one for each of
    ``own``."""

    records: pa.Table
    own: Own
    refusals: list[Refusal]


def chunk_of(what: Description, rows: Rows, with_columns: bool = False) -> Chunk:
    """Read rows; ``with_columns`` also gives the client's own columns as a table."""
    own, columns, refusals = _cut(what, rows, None if with_columns else _used(what))
    return Chunk(repaired(canonical(columns, what.meaning, len(own.rows))), own, refusals)


def own_of(what: Description, rows: Rows, with_columns: bool) -> Own:
    """Only the client's side of those rows that ``chunk_of`` finds whole."""
    return _cut(what, rows, None if with_columns else frozenset())[0]


def sample_of(what: Description, rows: Rows, most: int) -> list[list[str]]:
    """The values of each column in the first rows that can be read, blanks left out."""
    _, columns, _ = _cut(what, rows, frozenset(range(len(what.header))))
    return [as_text(column[:most]).drop_null().to_pylist() for column in columns]


def _used(what: Description) -> frozenset[int]:
    return frozenset(range(len(what.header))) - set(what.meaning.unused)


def _cut(what: Description, rows: Rows, wanted: frozenset[int] | None) -> tuple[Own, list[Column], list[Refusal]]:
    """The rows in columns by position; those that are not ``wanted`` (None: all are) may be empty."""
    if what.form is Form.PARQUET:
        columns: list[Column] = rows.content.columns
        client = pa.Table.from_batches([rows.content]) if wanted is None else None
        return Own(rows.numbers.to_numpy(), None, client), columns, []
    reasons = _reasons(what, rows)
    whole = pc.is_null(reasons)
    texts = rows.text.filter(whole)
    columns = _columns(what, texts, wanted)
    client = pa.table(columns, names=list(what.header)) if wanted is None else None
    return Own(rows.numbers.filter(whole).to_numpy(), texts, client), columns, _refusals(rows.numbers, reasons)


def _reasons(what: Description, rows: Rows) -> pa.Array:
    """Why rows cannot be used, null for those that can."""
    if what.opening:  # files pasted together carry their header more than once
        return pc.if_else(pc.equal(rows.text, what.opening[-1]), "repeated_header", _totals(rows))
    if what.form is Form.JSON_LINES:
        objects = map(opened_object, rows.text.to_pylist())
        return pa.array(["not_a_json_object" if one is None else None for one in objects], pa.string())
    return _totals(rows)


def _totals(rows: Rows) -> pa.Array:
    """The reasons so far, and ``total_line`` where a row only adds up the others."""
    totals = pc.match_substring_regex(rows.text, _TOTAL)
    if not pc.any(totals).as_py():
        return rows.refused
    totals = pc.and_(totals, pc.invert(pc.match_substring_regex(rows.text, _TAX_ID)))
    return pc.if_else(totals, "total_line", rows.refused)


def _columns(what: Description, texts: pa.Array, wanted: frozenset[int] | None) -> list[Column]:
    width = len(what.header)
    if what.layout:
        return cut(texts, what.layout)
    if what.sheet:
        return list[Column](columns_of_cells(texts, width))
    if what.dialect is None:
        return list[Column](columns_of([opened_object(line) or {} for line in texts.to_pylist()], what.header))
    absent = pa.nulls(len(texts), pa.string())
    positions = sorted(range(width) if wanted is None else wanted)
    text = Text(what.dialect.delimiter, what.dialect.quote, what.dialect.encoding, width)
    found = parsed(texts, text, positions) if positions else {}
    return [found.get(position, absent) for position in range(width)]


def _refusals(numbers: pa.Array, reasons: pa.Array) -> list[Refusal]:
    refused = pc.is_valid(reasons)
    pairs = zip(numbers.filter(refused).to_pylist(), reasons.filter(refused).to_pylist(), strict=True)
    return [Refusal(number, "", reason) for number, reason in pairs]
