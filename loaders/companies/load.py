"""Loading tables of companies that are not the public register's own files."""

from collections.abc import Sequence
from pathlib import Path

from bureau.model.tables import COMPANIES
from loaders.companies.canonical import company_rows
from loaders.report import LoadReport
from loaders.tables.intake import SourceFile
from loaders.tables.load import Subject, TableOptions, load_tables


def load_companies(files: Sequence[Path], home: Path, options: TableOptions | None = None) -> LoadReport:
    """:func:`load_tables` with an establishment a row."""
    return load_tables(Subject("companies", COMPANIES, company_rows, _refusal), files, home, options)


def _refusal(file: SourceFile) -> str | None:
    if "tax_id" in file.meaning.fields:
        return None
    return f"{file.path.name} has no column of CNPJs, without which no company can be told from another."
