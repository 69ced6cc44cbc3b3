"""Repairs of canonical records that need more than one value to see: each is noted with its row.

What one value needs (a lost zero, a ninth digit) is ``normalise``'s. Here are letters broken by a wrong encoding,
words that only say that nothing is known, several values in a cell, and values in each other's columns. Columns are
searched by Arrow; only rows where something is found are looked at one by one.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.intake.canonical import LIST_SEPARATOR
from bureau.intake.misplaced import MISPLACED, rearranged
from bureau.normalise.emails import split_emails
from bureau.normalise.phones import Phone, parse_phone, split_phones
from bureau.normalise.text import MOJIBAKE, fold, is_missing, without_mojibake

REPAIR = pa.struct([pa.field(name, pa.string()) for name in ("field", "from", "to", "rule")])
REPAIRS = pa.field("repairs", pa.list_(REPAIR))

_TEXTS = ("name", "trade_name", "mother_name", "street", "complement", "district", "city", "emails")
_PLACEHOLDERS = ("tax_id", "name", "trade_name", "mother_name", "birth_date", "phones", "emails")
# Cheap to search, and without Unicode classes, which cost more to prepare than a chunk to search; ``is_missing`` then
# decides. One digit over and over is nobody's number either.
_SAYS_NOTHING = (
    r"^[^A-Za-z0-9]*(?:[Nn](?:[ÃãAa][Oo]|[^A-Za-z]?[AaIiDd][^A-Za-z0-9]*$|[UuOoEeAaIi][LlNnDd])|[Ss][Ee][Mm]|[Ii][GgNnSs]"
    r"|[Dd][Ee][Ss][Cc]|[Ee][Mm] [Bb][Rr]|[Vv][Aa][Zz]|[Mm][AaÃã][EeÃã] |[Xx][Xx]|[Uu][Nn])"
    r"|^[\x00-/:-?\[-`{-\x7f]+$|^#|^-[134]$"
)
_ONE_DIGIT = "|".join(rf"^\W*(?:{digit}\W*){{4,}}$" for digit in range(10))
_SEVERAL_PHONES = r"[;,/\\\n]|(?i: e | ou )| {3,}"
_SEVERAL_EMAILS = r"@.*[;,/\s].*@"


class Note(NamedTuple):
    """A repair of a row; the members are those of ``model.answer.Repair``."""

    row: int
    field: str
    before: str
    after: str
    rule: str


def repaired(records: pa.Table) -> pa.Table:
    """Canonical records with what can be put right put right, and a further column ``repairs``, null in most rows."""
    notes: list[Note] = []
    for field in _TEXTS:
        records = _changed(records, field, MOJIBAKE, "mojibake_undone", without_mojibake, notes)
    for field in _PLACEHOLDERS:
        pattern = _SAYS_NOTHING if field not in ("tax_id", "phones") else f"{_SAYS_NOTHING}|{_ONE_DIGIT}"
        records = _changed(records, field, pattern, "placeholder_removed", _without_placeholder, notes)
    records = _changed(records, "phones", _SEVERAL_PHONES, "several_split", _phones_apart, notes)
    records = _changed(records, "emails", _SEVERAL_EMAILS, "several_split", _emails_apart, notes)
    records = _put_in_place(records, notes)
    return records.append_column(REPAIRS, _noted(notes, records.num_rows))


def repair_texts(repairs: pa.Array) -> pa.Array:
    """One text a row, ``field: rule; field: rule``, null where nothing was repaired."""
    rows = repairs.to_pylist()
    return pa.array(
        [None if row is None else "; ".join(f"{one['field']}: {one['rule']}" for one in row) for row in rows],
        pa.string(),
    )


def _changed(
    records: pa.Table, field: str, pattern: str, rule: str, change: Callable[[str], str | None], notes: list[Note]
) -> pa.Table:
    column = records[field]
    if column.null_count == len(column):
        return records
    rows = np.flatnonzero(pc.fill_null(pc.match_substring_regex(column, pattern), False).to_numpy())
    found: dict[int, str | None] = {}
    for row, before in zip(rows.tolist(), column.take(pa.array(rows)).to_pylist(), strict=True):
        after = change(before)
        if after != before:
            found[row] = after
            notes.append(Note(row, field, before, after or "", rule))
    return _with(records, field, found)


def _with(records: pa.Table, field: str, values: dict[int, str | None]) -> pa.Table:
    """Some cells of a column replaced, by row."""
    if not values:
        return records
    mask = np.zeros(records.num_rows, np.bool_)
    mask[list(values)] = True
    replacements = pa.array([values[row] for row in sorted(values)], pa.string())
    column = pc.replace_with_mask(_whole(records[field]), pa.array(mask), replacements)
    return records.set_column(records.schema.get_field_index(field), records.schema.field(field), column)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _without_placeholder(text: str) -> str | None:
    digits = re.sub(r"\W", "", text)
    if is_missing(fold(text)) or (digits.isdecimal() and len(set(digits)) == 1 and len(digits) > 3):
        return None
    return text


def _emails_apart(cell: str) -> str:
    return LIST_SEPARATOR.join(piece for part in cell.split(LIST_SEPARATOR) for piece in split_emails(part))


def _phones_apart(cell: str) -> str:
    """Each number by itself. A short piece is the end of a second number (``3333-4444/4445``), or an extension; one
    without area code has that of the number before it."""
    numbers: list[str] = []
    for piece in split_phones(cell):
        digits = re.sub(r"\D", "", piece)
        if not numbers or len(digits) >= 10 or "@" in piece:
            numbers.append(piece)
        elif len(digits) >= 8:
            numbers.append(f"{_area_code(numbers[-1])} {piece}".strip())
        elif 2 <= len(digits) <= 4 and digits == piece:
            numbers.append(numbers[-1][: -len(digits)] + digits)
        else:
            numbers[-1] = f"{numbers[-1]} {piece}"
    return LIST_SEPARATOR.join(numbers)


def _area_code(phone: str) -> str:
    found = parse_phone(phone)
    return str(found.number)[:2] if isinstance(found, Phone) else ""


def _put_in_place(records: pa.Table, notes: list[Note]) -> pa.Table:
    fields = [field for field in MISPLACED if records[field].null_count < records.num_rows]
    masks = [pc.fill_null(pc.match_substring_regex(records[field], MISPLACED[field]), False) for field in fields]
    if not masks:
        return records
    wrong: NDArray[np.bool_] = np.logical_or.reduce([mask.to_numpy() for mask in masks])
    rows = np.flatnonzero(wrong)
    changes: dict[str, dict[int, str | None]] = {field: {} for field in MISPLACED}
    for row, cells in zip(rows.tolist(), records.select(list(MISPLACED)).take(pa.array(rows)).to_pylist(), strict=True):
        for field, after, rule in rearranged(cells):
            changes[field][row] = after
            notes.append(Note(row, field, cells[field] or "", after or "", rule))
    for field, values in changes.items():
        records = _with(records, field, values)
    return records


def _noted(notes: list[Note], rows: int) -> pa.Array:
    by_row: list[list[dict[str, str]] | None] = [None] * rows
    for note in sorted(notes, key=lambda note: note.row):
        one = {"field": note.field, "from": note.before, "to": note.after, "rule": note.rule}
        by_row[note.row] = [*(by_row[note.row] or ()), one]
    return pa.array(by_row, REPAIRS.type)
