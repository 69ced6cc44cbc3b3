"""Reading this package's own CSV files."""

import csv
from collections.abc import Iterator
from importlib.resources import files


def rows(file_name: str) -> Iterator[list[str]]:
    """The data rows of a table, header left out."""
    text = (files("bureau.deliverability.phone") / file_name).read_text(encoding="utf-8")
    reader = csv.reader(text.splitlines())
    next(reader)
    return reader
