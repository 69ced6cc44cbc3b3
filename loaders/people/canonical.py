"""Rows of a table of people → rows of ``bureau.model.tables.PEOPLE``, and which of them are refused."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.model.tables import PEOPLE
from bureau.normalise.columns import map_distinct, normal_names
from bureau.normalise.documents import TaxIdProblem
from bureau.normalise.neighbours import CPF_DIGITS
from loaders.tables.intake import RawBatch
from loaders.tables.reader import Reader, Refused, SourceRows, is_total
from loaders.values import count_problems, number_column

# Codes 1 and 2 as in ISO/IEC 5218.
_SEXES = {
    **dict.fromkeys(["M", "MASC", "MASCULINO", "MALE", "HOMEM", "1"], 1),
    **dict.fromkeys(["F", "FEM", "FEMININO", "FEMALE", "MULHER", "2"], 2),
}
_UNKNOWN_SEXES = {"", "0", "9", "I", "N", "NI", "ND", "IGNORADO", "NAO INFORMADO", "OUTRO", "OTHER", "O", "U", "X", "-"}
_SOMETHING_ELSE = 255
_SLIPS = [TaxIdProblem.CHECK_DIGITS.code, TaxIdProblem.WRONG_LENGTH.code]


def people_rows(reader: Reader, raw: RawBatch) -> SourceRows:
    """Normalise every column; values that cannot be used become null and are counted."""
    tax_ids, broken, company = _tax_ids(reader, raw)
    columns = {
        "tax_id": tax_ids,
        "broken_tax_id": broken,
        "name": normal_names(reader.cells(raw, "name")),
        "birth_date": reader.dates(raw, "birth_date"),
        "sex": _sexes(reader, raw),
        "mother_name": normal_names(reader.cells(raw, "mother_name")),
        **reader.shared(raw),
    }
    rows = pa.RecordBatch.from_arrays([columns[name] for name in PEOPLE.names], schema=PEOPLE)
    return _sifted(rows, company)


def _tax_ids(reader: Reader, raw: RawBatch) -> tuple[pa.Array, pa.Array, NDArray[np.bool_]]:
    """(valid ones, the digits of broken ones, rows with a company's)."""
    numbers, problems = reader.tax_ids(raw, "person")
    company = problems == TaxIdProblem.WRONG_KIND.code
    count_problems(reader.tally.unusable, "tax_id", TaxIdProblem, problems[~company])
    return number_column(numbers, numbers == 0, pa.int64()), _broken(reader, raw, problems), company


def _broken(reader: Reader, raw: RawBatch, problems: NDArray[np.uint8]) -> pa.Array:
    """What a slip of the finger may have made of a CPF: linking can tell whose it was."""
    rows = np.flatnonzero(np.isin(problems, _SLIPS))
    broken = np.full(len(problems), None, object)
    if len(rows):
        digits = pc.replace_substring_regex(reader.cells(raw, "tax_id").take(pa.array(rows)), "[^0-9]", "")
        length = pc.utf8_length(digits).to_numpy(False)
        kept = np.abs(length - CPF_DIGITS) <= 1
        broken[rows[kept]] = digits.filter(pa.array(kept)).to_pylist()
    return pa.array(broken, pa.string())


def _sexes(reader: Reader, raw: RawBatch) -> pa.Array:
    found = map_distinct(reader.cells(raw, "sex"), _sex, pa.uint8())
    something_else = pc.equal(found, _SOMETHING_ELSE)
    reader.tally.unusable["sex.unknown_code"] += pc.sum(something_else).as_py() or 0
    return pc.if_else(something_else, None, found)


def _sex(cell: str) -> int | None:
    word = cell.strip().upper().removesuffix(".0")
    return None if word in _UNKNOWN_SEXES else _SEXES.get(word, _SOMETHING_ELSE)


def _sifted(rows: pa.RecordBatch, company: NDArray[np.bool_]) -> SourceRows:
    """Take out what is no person that could ever be found again."""
    no_tax_id = pc.is_null(rows["tax_id"]).to_numpy(False)
    no_name = pc.is_null(rows["name"]).to_numpy(False)
    total = is_total(rows["name"]) & no_tax_id
    nobody = no_tax_id & no_name & ~company
    refused = [
        Refused(np.flatnonzero(company), "tax_id", "company_tax_id"),
        Refused(np.flatnonzero(nobody), "name", "no_name_and_no_tax_id"),
        Refused(np.flatnonzero(total & ~company), "name", "total_row"),
    ]
    return SourceRows(rows.filter(pa.array(~(company | nobody | total))), refused)
