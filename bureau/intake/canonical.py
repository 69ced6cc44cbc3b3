"""From a file's own columns to the canonical ones: names found in the header, pieces joined, lists made one text."""

import re
from collections.abc import Sequence
from functools import reduce
from typing import TypeAlias, cast

import pyarrow as pa
import pyarrow.compute as pc

from bureau.intake.headers import SINGLE, ColumnMap, PhoneColumns

Column: TypeAlias = "pa.Array | pa.ChunkedArray"

LIST_SEPARATOR = "|"
_NEXT_NUMBER = r"([;,/\\|]\s*)([0-9]{4,5}[-. ]?[0-9]{4}\b)"
CANONICAL = pa.schema([pa.field(name, pa.string()) for name in (*SINGLE, "phones", "emails")])


def canonical(columns: Sequence[Column], found: ColumnMap, rows: int) -> pa.Table:
    """The canonical table of ``CANONICAL``, raw text in every cell and null where there is none.

    ``columns`` are the file's, by position. Several phones or e-mails of a row are separated by ``|``, an area code
    and its number by a blank.
    """
    values = {
        field: joined([as_text(columns[at]) for at in positions], " ") for field, positions in found.fields.items()
    }
    if found.phones:
        values["phones"] = joined([_dialled(columns, phone) for phone in found.phones], LIST_SEPARATOR)
    if found.emails:
        values["emails"] = joined([as_text(columns[at]) for at in found.emails], LIST_SEPARATOR)
    absent = pa.nulls(rows, pa.string())
    return pa.table([values.get(name, absent) for name in CANONICAL.names], schema=CANONICAL)


def as_text(column: Column) -> Column:
    """Cells as trimmed text; lists joined, blanks null. Whole floats lose their ``.0`` (spreadsheets make them)."""
    kind = column.type
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        column = pc.binary_join(pc.cast(column, pa.list_(pa.string())), LIST_SEPARATOR)
    elif pa.types.is_nested(kind):
        column = pa.nulls(len(column), pa.string())
    elif pa.types.is_floating(kind):
        whole = pc.if_else(pc.equal(column, pc.floor(column)), column, pa.scalar(None, kind))
        column = pc.coalesce(pc.cast(pc.cast(whole, pa.int64(), safe=False), pa.string()), pc.cast(column, pa.string()))
    trimmed = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
    # With its type said, Arrow need not guess the scalar's, which takes longer than comparing a column to it.
    return cast(
        Column, pc.if_else(pc.equal(trimmed, pa.scalar("", pa.string())), pa.scalar(None, pa.string()), trimmed)
    )


def joined(columns: Sequence[Column], separator: str) -> Column:
    """The cells of each row that are not null, joined; null where all of them are."""
    if len(columns) == 1:
        return columns[0]
    # Arrow's own "skip" leaves a row out altogether when every cell is null, so one cell never is.
    alone = reduce(pc.and_, map(pc.is_null, columns))
    first = pc.if_else(alone, "", columns[0])
    text = pc.binary_join_element_wise(first, *columns[1:], separator, null_handling="skip")
    return cast(Column, pc.if_else(alone, pa.scalar(None, pa.string()), text))


def _dialled(columns: Sequence[Column], phone: PhoneColumns) -> Column:
    """A phone with its area code; an area code without a number is nothing, a number without area code stays."""
    number = as_text(columns[phone.number])
    if phone.area_code is None:
        return number
    area_code = as_text(columns[phone.area_code])
    # Several numbers in the cell share the area code: 11 and "3333-4444 / 5555-6666".
    several = pc.match_substring_regex(number, _NEXT_NUMBER)
    if pc.any(several).as_py():
        number = _area_code_for_each(number, area_code)
    dialled = joined([area_code, number], " ")
    return cast(Column, pc.if_else(pc.is_valid(number), dialled, number))


def _area_code_for_each(numbers: Column, area_codes: Column) -> pa.Array:
    """``3333-4444 / 5555-6666`` → ``3333-4444 / 11 5555-6666``."""
    pairs = zip(numbers.to_pylist(), area_codes.to_pylist(), strict=True)
    texts = [re.sub(_NEXT_NUMBER, rf"\g<1>{code} \g<2>", text) if text and code else text for text, code in pairs]
    return pa.array(texts, pa.string())
