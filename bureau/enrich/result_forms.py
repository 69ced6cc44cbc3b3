"""Which form a result has, by the name it is asked for under."""

from pathlib import Path

from bureau.enrich.results import CsvForm, JsonForm, ParquetForm, ResultForm
from bureau.enrich.workbook_results import WorkbookForm
from bureau.errors import InvalidArgument
from bureau.intake.description import Description
from bureau.intake.sniff import Form

_WRITTEN = {".parquet": Form.PARQUET, ".xlsx": Form.XLSX, ".jsonl": Form.JSON_LINES, ".ndjson": Form.JSON_LINES}
_NOT_WRITTEN = frozenset(
    {".xls", ".xlsm", ".xlsb", ".ods", ".json", ".xml", ".html", ".pdf", ".doc", ".docx", ".zip", ".gz", ".zst", ".bz2"}
)


def form_of_result(path: Path) -> Form:
    """By suffix: ``.parquet``, ``.xlsx``, ``.jsonl`` or ``.ndjson``; anything else is CSV. Raises ``InvalidArgument``
    for a suffix that promises what is not written."""
    suffix = path.suffix.lower()
    if suffix in _NOT_WRITTEN or path.name == "-":
        raise InvalidArgument(f"{path.name}: results are written as .csv, .xlsx, .jsonl or .parquet, to a file.")
    return _WRITTEN.get(suffix, Form.CSV)


def result_form(target: Path, what: Description) -> ResultForm:
    """The form of ``target``; raises ``InvalidArgument`` when the input already carries our columns."""
    if any(name.lower().startswith("bureau_") for name in what.header):
        raise InvalidArgument(f"{what.name} already has columns that begin with bureau_; it is a result file.")
    match form_of_result(target):
        case Form.PARQUET:
            return ParquetForm()
        case Form.XLSX:
            return WorkbookForm(what)
        case Form.JSON_LINES:
            return JsonForm(what)
        case _:
            return CsvForm(what)
