"""Excel workbooks (XLSX): the first visible sheet that holds anything, its header found below titles, its cells typed.

A row is kept as the JSON list of its cells, so that a result can give numbers and dates back as what they were:
a date is ``{"d": "2026-11-22"}``, a date with a time ``{"t": …}``.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, Any, NamedTuple

import msgspec
import pyarrow as pa
import python_calamine as calamine

from bureau.errors import UnreadableInput
from bureau.intake.content import looks_like_data
from bureau.intake.headers import is_recognised, made_up

Cell = str | float | bool | dict[str, str] | None

_MOST_CELLS = 40_000_000  # the reader holds the whole rectangle in memory, 32 bytes a cell
_MOST_BYTES = 4 << 30
_TITLES = 20  # rows above a header, at most
_FIRST_ROWS = 300  # read on opening, to judge the columns by
_BLOCK = 1 << 20
_COLUMN = re.compile(rb'\sr="([A-Z]{1,3})[0-9]')  # of a cell, r="AB12"
_ROW = re.compile(rb'\sr="[A-Z]{0,3}([0-9]{1,7})"')  # of a row or a cell
_LONGEST_PLACE = 16
_UNUSABLE = "is damaged or protected by a password; save it again as XLSX or CSV."


class Sheet(NamedTuple):
    """``header`` stands in row ``header_row`` (from 1) of the sheet ``name``, which ends in ``last_row``."""

    name: str
    header: tuple[str, ...]
    header_row: int
    last_row: int


def find_sheet(path: Path, wanted: str | None = None) -> tuple[Sheet, list[tuple[int, str]]]:
    """The sheet to read, by name or the first visible one with a table on it, and its first rows as ``sheet_rows``
    gives them: opening a workbook takes as long as reading all of it."""
    _within_bounds(path)
    workbook = _workbook(path)
    visible = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet and sheet.visible == calamine.SheetVisibleEnum.Visible
    ]
    if wanted is not None and wanted not in workbook.sheet_names:
        raise UnreadableInput(f'{path.name} has no sheet "{wanted}".')
    for name in [wanted] if wanted is not None else visible:
        page = workbook.get_sheet_by_name(name)
        top = list(islice(_rows(page), _FIRST_ROWS))
        if top:
            sheet = _headed(name, top[:_TITLES], page.total_height)
            return sheet, [(number, _json(cells)) for number, cells in top if number > sheet.header_row]
    raise UnreadableInput(f"{path.name} has no visible sheet with anything on it.")


def sheet_rows(path: Path, sheet: Sheet) -> Iterator[tuple[int, str]]:
    """The rows below the header: number and cells as JSON; rows without a filled cell are none."""
    for number, cells in _rows(_workbook(path).get_sheet_by_name(sheet.name)):
        if number > sheet.header_row:
            yield number, _json(cells)


def columns_of_cells(texts: pa.Array, width: int) -> list[pa.Array]:
    """Rows of :func:`sheet_rows` as text columns."""
    decoder = msgspec.json.Decoder(list[Any])
    rows = [list(map(shown, decoder.decode(text))) for text in texts.to_pylist()]
    return [pa.array([row[at] if at < len(row) else None for row in rows], pa.string()) for at in range(width)]


def shown(cell: Cell) -> str | None:
    """A cell as text: whole numbers without decimals, dates as ISO."""
    match cell:
        case None | "":
            return None
        case str():
            return cell
        case bool():
            return "TRUE" if cell else "FALSE"
        case {"d": text} | {"t": text}:
            return text
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case _:
            return str(cell)


def _json(cells: list[Cell]) -> str:
    return msgspec.json.encode(cells).decode()


def _rows(page: calamine.CalamineSheet) -> Iterator[tuple[int, list[Cell]]]:
    """Rows with a filled cell, by number; columns begin at the first that is used."""
    for number, cells in enumerate(page.iter_rows(), start=1):
        typed = [_cell(cell) for cell in cells]
        if any(cell is not None for cell in typed):
            yield number, typed


def _cell(cell: Any) -> Cell:
    match cell:
        case "":
            return None
        case str() | bool() | float():
            return cell
        case int():
            return float(cell)
        case datetime() if cell.time() != time():
            return {"t": cell.isoformat(sep=" ")}
        case date():
            return {"d": cell.isoformat()[:10]}
        case _:
            return str(cell)  # a time of day or a span of time


def _headed(name: str, top: Sequence[tuple[int, list[Cell]]], last_row: int) -> Sheet:
    """The row with most names we know; where there is none, the first of those with most text.

    An empty cell has the name above it (two rows of names, cells merged downwards).
    """
    rows = [[cell or over for cell, over in zip(cells, above, strict=True)] for cells, above in _with_above(top)]
    at = max(range(len(top)), key=lambda i: (*_merit(rows[i]), -i))
    names = [(shown(cell) or made_up(i)).strip() for i, cell in enumerate(rows[at], start=1)]
    if _merit(rows[at])[0] == 0 and looks_like_data(names, datetime.now(UTC).date()):
        made = tuple(made_up(i) for i in range(1, len(names) + 1))
        return Sheet(name, made, top[0][0] - 1, last_row)
    return Sheet(name, tuple(names), top[at][0], last_row)


def _with_above(top: Sequence[tuple[int, list[Cell]]]) -> Iterator[tuple[list[Cell], list[Cell]]]:
    above: list[Cell] = [None] * len(top[0][1])
    for _, cells in top:
        yield cells, above
        above = cells


def _merit(cells: Sequence[Cell]) -> tuple[int, int]:
    texts = [cell for cell in cells if isinstance(cell, str)]
    return sum(map(is_recognised, texts)), len(texts)


def _workbook(path: Path) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_path(path)
    except (calamine.CalamineError, OSError):
        raise UnreadableInput(f"{path.name} {_UNUSABLE}") from None


def _within_bounds(path: Path) -> None:
    """Refuse what would not fit in memory: of two far cells the reader keeps the whole rectangle between them."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
                raise UnreadableInput(f"{path.name} unpacks to more than {_MOST_BYTES >> 30} GB; save it as CSV.")
            for member in archive.infolist():
                # Reading to the end also finds out whether the size it declares is the true one.
                with archive.open(member) as stream:
                    if _rectangle(stream) > _MOST_CELLS:
                        raise UnreadableInput(f"{path.name} has cells too far apart to be read; save it as CSV.")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError):
        raise UnreadableInput(f"{path.name} {_UNUSABLE}") from None


def _rectangle(sheet: IO[bytes]) -> int:
    """The cells from A1 to the last row and column that an XML file of a sheet speaks of; 0 for any other file."""
    columns, row, rest = set[bytes](), 0, b""
    while block := sheet.read(_BLOCK):
        block = rest + block
        columns.update(_COLUMN.findall(block))
        row = max(row, *map(int, set(_ROW.findall(block))), 0)
        rest = block[-_LONGEST_PLACE:]
    widths = [sum((letter - 64) * 26**power for power, letter in enumerate(reversed(name))) for name in columns]
    return max(widths, default=0) * row
