"""Reading the package's own CSV and text files."""

import csv
from collections.abc import Iterator
from importlib.resources import files


def text(file_name: str) -> str:
    return (files("bureau.reference") / file_name).read_text(encoding="utf-8")


def rows(file_name: str) -> Iterator[list[str]]:
    """The data rows of a table, header left out."""
    reader = csv.reader(text(file_name).splitlines())
    next(reader)
    return reader
