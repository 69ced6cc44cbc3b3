"""Raw text columns → the columns that the tables of people and of companies share, normalised."""

import re
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.intake.canonical import as_text, joined
from bureau.intake.headers import ColumnMap
from bureau.normalise.columns import map_distinct
from bureau.normalise.dates import DateProblem, dates
from bureau.normalise.documents import TaxIdColumn, TaxKind, tax_ids
from loaders.addresses import AddressCells, address_columns
from loaders.contacts import PhoneCells, email_lists, phone_lists
from loaders.report import Tally
from loaders.tables.intake import RawBatch
from loaders.values import count_problems, date_column


class Refused(NamedTuple):
    """Rows (numbers in the batch) that cannot be used, all for one reason; ``column`` names what is to blame."""

    rows: NDArray[np.int64]
    column: str
    reason: str


class SourceRows(NamedTuple):
    rows: pa.RecordBatch
    refused: list[Refused]


class Reader(NamedTuple):
    """What turning batches of one file into rows needs to know; counts go to ``tally``."""

    meaning: ColumnMap
    header: tuple[str, ...]
    source: str
    first_row: int
    today: date
    tally: Tally

    def shared(self, raw: RawBatch) -> dict[str, pa.Array]:
        """The columns of every table; values that cannot be used become null and are counted."""
        count = len(raw.lines)
        return {
            "row": pa.array(raw.lines + self.first_row),
            "source": pc.fill_null(map_distinct(self.cells(raw, "source"), source_name, pa.string()), self.source),
            **address_columns(AddressCells(*(self.cells(raw, name) for name in AddressCells._fields)), self.tally),
            "phones": phone_lists(self._phone_cells(raw), count, self.tally),
            "emails": email_lists([_column(raw, column) for column in self.meaning.emails], count, self.tally),
            "seen_at": self.dates(raw, "seen_at"),
        }

    def repeats_header(self, raw: RawBatch) -> NDArray[np.bool_]:
        """Rows that are the header once more, as when files were pasted together."""
        same = np.ones(len(raw.lines), bool)
        for name, column in zip(self.header, raw.columns, strict=True):
            if column is not None and same.any():
                same &= pc.fill_null(pc.equal(pc.utf8_trim_whitespace(column), name), False).to_numpy(False)
        return same

    def cells(self, raw: RawBatch, field: str) -> pa.Array:
        """A field's text; the pieces of a field in several columns are joined by a blank."""
        columns = [_column(raw, column) for column in self.meaning.fields.get(field, ())]
        if not columns:
            return pa.nulls(len(raw.lines), pa.string())
        return joined([as_text(column) for column in columns], " ") if len(columns) > 1 else columns[0]

    def tax_ids(self, raw: RawBatch, kind: TaxKind) -> TaxIdColumn:
        """Numbers (0 for none) and problems; nothing is counted yet."""
        cells = self.cells(raw, "tax_id")
        # A source without tax ids is normal: its empty cells need no second look.
        filled = pc.fill_null(pc.greater(pc.binary_length(cells), 0), False).to_numpy(False)
        numbers, problems = np.zeros(len(filled), np.int64), np.zeros(len(filled), np.uint8)
        numbers[filled], problems[filled] = tax_ids(cells.filter(pa.array(filled)), kind)
        return TaxIdColumn(numbers, problems)

    def dates(self, raw: RawBatch, field: str) -> pa.Array:
        """Dates up to today; others are counted as not usable."""
        found, problems = dates(self.cells(raw, field), self.today)
        count_problems(self.tally.unusable, field, DateProblem, problems)
        return date_column(np.where(problems == 0, found, 0))

    def _phone_cells(self, raw: RawBatch) -> list[PhoneCells]:
        return [
            PhoneCells(_column(raw, phone.number), None if phone.area_code is None else _column(raw, phone.area_code))
            for phone in self.meaning.phones
        ]


def _column(raw: RawBatch, column: int) -> pa.Array:
    found = raw.columns[column]
    return pa.nulls(len(raw.lines), pa.string()) if found is None else found


def source_name(text: str) -> str | None:
    """A source's name as it can stand in a path; None when there is none."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text).strip("_.-")[:64] or None


def is_total(names: pa.Array) -> NDArray[np.bool_]:
    """``TOTAL`` or ``TOTAL GERAL`` under the last row of a report: nobody's name."""
    found: NDArray[np.bool_] = pc.fill_null(pc.match_substring_regex(names, "^TOTAL( |$)"), False).to_numpy(False)
    return found
