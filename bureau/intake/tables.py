"""A customer's table, whatever its form, ready to be read: what it is, and its rows in order."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from bureau.errors import UnreadableInput
from bureau.intake.description import Description
from bureau.intake.headers import Mapped, recognise
from bureau.intake.jsonl import header_of
from bureau.intake.records import Text, read_records
from bureau.intake.rows import CHUNK_BYTES, Rows, parquet_file, read_lines, read_rows
from bureau.intake.sniff import Dialect, Form, form_of, sniff


class TableFile(NamedTuple):
    """``size`` is in the units of ``Rows.done``: bytes, or the rows of a Parquet file."""

    path: Path
    what: Description
    size: int

    def rows(self) -> Iterator[Rows]:
        """All of it, at most ``rows.CHUNK_ROWS`` at a time."""
        return read_rows(self.path, self.what)


def open_table(path: Path, mapping: Mapped | None = None) -> TableFile:
    """Find out form, dialect and meaning of a file; raises ``UnreadableInput`` with the reason and what to do."""
    form = form_of(path)
    dialect = sniff(path) if form is Form.CSV else None
    size = path.stat().st_size
    if dialect:
        header, names = dialect.header, dialect.header
    elif form is Form.PARQUET:
        header = names = tuple(parquet_file(path).schema_arrow.names)
        size = parquet_file(path).metadata.num_rows
    else:
        header = header_of(chain.from_iterable(rows.text.to_pylist() for rows in read_lines(path)))
        if not header:
            raise UnreadableInput(f"{path.name} holds no JSON object.")
        names = tuple(name.rpartition(".")[2] for name in header)  # address.street is street
    what = Description(
        name=path.name,
        form=form,
        header=header,
        meaning=recognise(names, mapping),
        dialect=dialect,
        opening=_opening(path, dialect) if dialect else (),
    )
    return TableFile(path, what, size)


def _opening(path: Path, dialect: Dialect) -> tuple[str, ...]:
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
        before = [file.readline().rstrip("\r\n") for _ in range(dialect.skip_lines)]
    text = Text(dialect.delimiter, dialect.quote, dialect.encoding, len(dialect.header))
    with path.open("rb") as stream:
        records = next(read_records(stream, text, dialect.skip_lines, CHUNK_BYTES))
    return (*before, records.original(0))
