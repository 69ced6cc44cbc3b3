"""Loading tables of people."""

from collections.abc import Sequence
from pathlib import Path

from bureau.model.tables import PEOPLE
from loaders.people.canonical import people_rows
from loaders.report import LoadReport
from loaders.tables.intake import SourceFile
from loaders.tables.load import Subject, TableOptions, load_tables


def load_people(files: Sequence[Path], home: Path, options: TableOptions | None = None) -> LoadReport:
    """:func:`load_tables` with a person a row."""
    return load_tables(Subject("people", PEOPLE, people_rows, _refusal), files, home, options)


def _refusal(file: SourceFile) -> str | None:
    if not file.meaning.company_names:
        return None
    return (
        f"{file.path.name} has the columns of a table of companies, not of people; load it with: bureau load companies."
    )
