"""Which form a result has, by the name it is asked for under."""

from pathlib import Path

from bureau.enrich.results import CsvForm, JsonForm, ParquetForm, ResultForm
from bureau.enrich.workbook_results import WorkbookForm
from bureau.errors import InvalidArgument
from bureau.intake.description import Description
from bureau.intake.sniff import Form


def form_of_result(path: Path) -> Form:
    """By suffix: ``.parquet``, ``.xlsx``, ``.jsonl`` or ``.ndjson``; anything else is CSV."""
    suffixes = {".parquet": Form.PARQUET, ".xlsx": Form.XLSX, ".jsonl": Form.JSON_LINES, ".ndjson": Form.JSON_LINES}
    return suffixes.get(path.suffix.lower(), Form.CSV)


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
