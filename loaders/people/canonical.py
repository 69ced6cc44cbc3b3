"""Raw text columns of people → rows of ``bureau.model.tables.PEOPLE``, and which of them are refused."""

import re
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.intake.canonical import as_text, joined
from bureau.intake.headers import ColumnMap
from bureau.model.tables import PEOPLE
from bureau.normalise.columns import map_distinct, normal_names
from bureau.normalise.dates import DateProblem, dates
from bureau.normalise.documents import TaxIdProblem, tax_ids
from loaders.addresses import AddressCells, address_columns
from loaders.contacts import PhoneCells, email_lists, phone_lists
from loaders.people.intake import RawBatch
from loaders.report import Tally
from loaders.values import count_problems, date_column, number_column

# Codes 1 and 2 as in ISO/IEC 5218.
_SEXES = {
    **dict.fromkeys(["M", "MASC", "MASCULINO", "MALE", "HOMEM", "1"], 1),
    **dict.fromkeys(["F", "FEM", "FEMININO", "FEMALE", "MULHER", "2"], 2),
}
_UNKNOWN_SEXES = {"", "0", "9", "I", "N", "NI", "ND", "IGNORADO", "NAO INFORMADO", "OUTRO", "OTHER", "O", "U", "X", "-"}
_SOMETHING_ELSE = 255


class Refused(NamedTuple):
    """Rows (numbers in the batch) that cannot be used, all for one reason; ``column`` names what is to blame."""

    rows: NDArray[np.int64]
    column: str
    reason: str


class PeopleRows(NamedTuple):
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

    def read(self, raw: RawBatch) -> PeopleRows:
        """Normalise every column; values that cannot be used become null and are counted."""
        count = len(raw.lines)
        tax_ids_found, company = self._tax_ids(raw)
        columns = {
            "row": pa.array(raw.lines + self.first_row),
            "source": self._sources(raw),
            "tax_id": tax_ids_found,
            "name": normal_names(self.cells(raw, "name")),
            "birth_date": self._dates(raw, "birth_date"),
            "sex": self._sexes(raw),
            "mother_name": normal_names(self.cells(raw, "mother_name")),
            **address_columns(AddressCells(*(self.cells(raw, name) for name in AddressCells._fields)), self.tally),
            "phones": phone_lists(self._phone_cells(raw), count, self.tally),
            "emails": email_lists([_column(raw, column) for column in self.meaning.emails], count, self.tally),
            "seen_at": self._dates(raw, "seen_at"),
        }
        rows = pa.RecordBatch.from_arrays([columns[name] for name in PEOPLE.names], schema=PEOPLE)
        return _sifted(rows, company)

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

    def _tax_ids(self, raw: RawBatch) -> tuple[pa.Array, NDArray[np.bool_]]:
        cells = self.cells(raw, "tax_id")
        # A source without tax ids is normal: its empty cells need no second look.
        filled = pc.fill_null(pc.greater(pc.binary_length(cells), 0), False).to_numpy(False)
        numbers, problems = np.zeros(len(filled), np.int64), np.zeros(len(filled), np.uint8)
        numbers[filled], problems[filled] = tax_ids(cells.filter(pa.array(filled)), "person")
        company = problems == TaxIdProblem.WRONG_KIND.code
        count_problems(self.tally.unusable, "tax_id", TaxIdProblem, problems[~company])
        return number_column(numbers, numbers == 0, pa.int64()), company

    def _dates(self, raw: RawBatch, field: str) -> pa.Array:
        found, problems = dates(self.cells(raw, field), self.today)
        count_problems(self.tally.unusable, field, DateProblem, problems)
        return date_column(np.where(problems == 0, found, 0))

    def _sexes(self, raw: RawBatch) -> pa.Array:
        found = map_distinct(self.cells(raw, "sex"), _sex, pa.uint8())
        something_else = pc.equal(found, _SOMETHING_ELSE)
        self.tally.unusable["sex.unknown_code"] += pc.sum(something_else).as_py() or 0
        return pc.if_else(something_else, None, found)

    def _sources(self, raw: RawBatch) -> pa.Array:
        return pc.fill_null(map_distinct(self.cells(raw, "source"), source_name, pa.string()), self.source)

    def _phone_cells(self, raw: RawBatch) -> list[PhoneCells]:
        return [
            PhoneCells(_column(raw, phone.number), None if phone.area_code is None else _column(raw, phone.area_code))
            for phone in self.meaning.phones
        ]


def _column(raw: RawBatch, column: int) -> pa.Array:
    found = raw.columns[column]
    return pa.nulls(len(raw.lines), pa.string()) if found is None else found


def _sex(cell: str) -> int | None:
    word = cell.strip().upper().removesuffix(".0")
    return None if word in _UNKNOWN_SEXES else _SEXES.get(word, _SOMETHING_ELSE)


def source_name(text: str) -> str | None:
    """A source's name as it can stand in a path; None when there is none."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", text).strip("_.-")[:64] or None


def _sifted(rows: pa.RecordBatch, company: NDArray[np.bool_]) -> PeopleRows:
    """Take out what is no person that could ever be found again."""
    no_tax_id = pc.is_null(rows["tax_id"]).to_numpy(False)
    no_name = pc.is_null(rows["name"]).to_numpy(False)
    # "TOTAL" or "TOTAL GERAL" under the last row of a report; nobody's first name.
    total = pc.fill_null(pc.match_substring_regex(rows["name"], "^TOTAL( |$)"), False).to_numpy(False) & no_tax_id
    nobody = no_tax_id & no_name & ~company
    refused = [
        Refused(np.flatnonzero(company), "tax_id", "company_tax_id"),
        Refused(np.flatnonzero(nobody), "name", "no_name_and_no_tax_id"),
        Refused(np.flatnonzero(total & ~company), "name", "total_row"),
    ]
    return PeopleRows(rows.filter(pa.array(~(company | nobody | total))), refused)
