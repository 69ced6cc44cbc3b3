"""Results as Excel workbooks (XLSX), row by row in constant memory.

XlsxWriter rather than openpyxl: its constant-memory mode needs no other library to be quick, and a text is written as
one whatever it begins with, so that a cell with ``=`` never becomes a formula.
"""

from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from bureau.enrich.results import Answers, ResultFile
from bureau.intake.chunks import Own
from bureau.intake.description import Description
from bureau.workspace import workspace

MOST_ROWS = 1_048_576
_LONGEST_CELL = 32_767


class Page(NamedTuple):
    """Rows of a workbook, each the client's cells and ours."""

    header: list[str]
    rows: list[list[Any]]


class WorkbookForm:
    """The customer's cells, of a workbook with their types, and ours behind them."""

    nested = False

    def __init__(self, what: Description) -> None:
        self._header = list(what.header)
        self._typed = what.sheet is not None
        self.with_columns = not self._typed

    def rendered(self, own: Own, answers: Answers) -> Page:
        client = _typed(own.text) if self._typed and own.text is not None else _rows(own.client)
        rows = [left + right for left, right in zip(client, _rows(answers.columns), strict=True)]
        return Page([*self._header, *answers.columns.column_names], rows)

    def open(self, partial: Path) -> ResultFile:
        return WorkbookFile(partial)


class WorkbookFile:
    """A workbook being written; a sheet that is full is followed by another with the same header."""

    def __init__(self, partial: Path) -> None:
        # What the library keeps of its sheets until the end is the client's too: it is not to outlive a failure.
        self._files = ExitStack()
        sheets = self._files.enter_context(workspace(f"{partial.name}-", partial.parent))
        options = {"constant_memory": True, "tmpdir": str(sheets), "default_date_format": "dd/mm/yyyy"}
        self._book = xlsxwriter.Workbook(str(partial), options)
        self._moment = self._book.add_format({"num_format": "dd/mm/yyyy hh:mm:ss"})
        self._sheet: Worksheet | None = None
        self._row = 0

    def write(self, rendered: Page) -> None:
        for cells in rendered.rows or [[]]:
            if self._sheet is None or self._row == MOST_ROWS:
                self._sheet, self._row = self._book.add_worksheet(), 0
                self._put(self._sheet, rendered.header)
            if cells:
                self._put(self._sheet, cells)

    def close(self) -> None:
        try:
            self._book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise error.args[0] from None
        finally:
            self._files.close()

    def _put(self, sheet: Worksheet, cells: list[Any]) -> None:
        for column, cell in enumerate(cells):
            match cell:
                case None | "":
                    continue
                case str():
                    sheet.write_string(self._row, column, cell[:_LONGEST_CELL])
                case bool():
                    sheet.write_boolean(self._row, column, cell)
                case int() | float():
                    sheet.write_number(self._row, column, cell)
                case datetime():
                    sheet.write_datetime(self._row, column, cell, self._moment)
                case date():
                    sheet.write_datetime(self._row, column, cell)
                case list() if all(isinstance(one, str) for one in cell):
                    sheet.write_string(self._row, column, "|".join(cell)[:_LONGEST_CELL])
                case _:
                    sheet.write_string(self._row, column, msgspec.json.encode(cell).decode()[:_LONGEST_CELL])
        self._row += 1


def _rows(table: pa.Table | None) -> list[list[Any]]:
    columns = [] if table is None else [column.to_pylist() for column in table.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def _typed(texts: pa.Array) -> list[list[Any]]:
    decoder = msgspec.json.Decoder(list[Any])
    return [[_cell(cell) for cell in decoder.decode(text)] for text in texts.to_pylist()]


def _cell(cell: Any) -> Any:
    match cell:
        case {"d": text}:
            return date.fromisoformat(text)
        case {"t": text}:
            return datetime.fromisoformat(text)
        case _:
            return cell
