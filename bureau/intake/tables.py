"""A customer's table, whatever its form, ready to be read: what it is, and its rows in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec

from bureau.errors import UnreadableInput
from bureau.intake.description import Description
from bureau.intake.headers import Mapped, recognise
from bureau.intake.jsonl import header_of
from bureau.intake.layouts import Layout, recognised_layout
from bureau.intake.packed import unpacked
from bureau.intake.records import Text, read_records
from bureau.intake.rows import CHUNK_BYTES, Rows, parquet_file, read_lines, read_rows
from bureau.intake.sniff import Dialect, Form, form_of, sniff, text_start
from bureau.intake.workbook import find_sheet


class TableFile(NamedTuple):
    """``size`` is in the units of ``Rows.done``: bytes, or the rows of a Parquet file or a sheet."""

    path: Path
    what: Description
    size: int

    def rows(self) -> Iterator[Rows]:
        """All of it, at most ``rows.CHUNK_ROWS`` at a time."""
        return read_rows(self.path, self.what)


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What the sender says about a file: which column is what (see ``headers.read_mapping``), the ``layout`` of a
    fixed-width file, the ``sheet`` of a workbook. None: found out."""

    mapping: Mapped | None = None
    layout: Layout | None = None
    sheet: str | None = None


@contextmanager
def opened_table(path: Path, reading: Reading | None = None, scratch: Path | None = None) -> Iterator[TableFile]:
    """:func:`open_table` of a file that may be compressed: it is unpacked under ``scratch`` while the block lasts."""
    with unpacked(path, scratch) as plain:
        yield open_table(plain, reading)


def open_table(path: Path, reading: Reading | None = None) -> TableFile:
    """Find out form, dialect and meaning of a file; raises ``UnreadableInput`` with the reason and what to do."""
    reading = reading or Reading()
    match form_of(path):
        case Form.PARQUET:
            file = parquet_file(path)
            names = tuple(file.schema_arrow.names)
            return TableFile(path, _described(path, Form.PARQUET, names, reading), file.metadata.num_rows)
        case Form.JSON_LINES:
            what = _json(path, reading)
        case Form.XLSX:
            sheet = find_sheet(path, reading.sheet)
            what = msgspec.structs.replace(_described(path, Form.XLSX, sheet.header, reading), sheet=sheet)
            return TableFile(path, what, sheet.last_row)
        case _:
            what = _text(path, reading)
    return TableFile(path, what, path.stat().st_size)


def _described(path: Path, form: Form, header: tuple[str, ...], reading: Reading) -> Description:
    names = [name.rpartition(".")[2] for name in header] if form is Form.JSON_LINES else header  # address.street
    return Description(name=path.name, form=form, header=header, meaning=recognise(names, reading.mapping))


def _json(path: Path, reading: Reading) -> Description:
    header = header_of(chain.from_iterable(rows.text.to_pylist() for rows in read_lines(path)))
    if not header:
        raise UnreadableInput(f"{path.name} holds no JSON object.")
    return _described(path, Form.JSON_LINES, header, reading)


def _text(path: Path, reading: Reading) -> Description:
    encoding, lines = text_start(path)
    layout = reading.layout or recognised_layout(lines)
    if layout:
        what = _described(path, Form.FIXED_WIDTH, tuple(layout.columns), reading)
        return msgspec.structs.replace(what, layout=layout, encoding=encoding)
    dialect = sniff(path)
    what = _described(path, Form.CSV, dialect.header, reading)
    return msgspec.structs.replace(what, dialect=dialect, opening=_opening(path, dialect))


def _opening(path: Path, dialect: Dialect) -> tuple[str, ...]:
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
        before = [file.readline().rstrip("\r\n") for _ in range(dialect.skip_lines)]
    text = Text(dialect.delimiter, dialect.quote, dialect.encoding, len(dialect.header))
    with path.open("rb") as stream:
        records = next(read_records(stream, text, dialect.skip_lines, CHUNK_BYTES))
    return (*before, records.original(0))
