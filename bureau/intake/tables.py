"""A customer's table, whatever its form, ready to be read: what it is, and its rows in order."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import msgspec

from bureau.errors import InvalidArgument, UnreadableInput
from bureau.intake.chunks import sample_of
from bureau.intake.content import looks_like_data
from bureau.intake.description import Description
from bureau.intake.guess import SAMPLE_ROWS, guess
from bureau.intake.headers import ColumnMap, Mapped, is_recognised, made_up
from bureau.intake.jsonl import header_of
from bureau.intake.layouts import Layout, recognised_layout
from bureau.intake.packed import unpacked
from bureau.intake.records import Text, read_records
from bureau.intake.rows import CHUNK_BYTES, Rows, no_rows, numbered_rows, parquet_file, read_lines, read_rows
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
    what, size, rows = _described(path, reading)
    rows = rows or next(read_rows(path, what), no_rows(what))
    names = [name.rpartition(".")[2] for name in what.header] if what.form is Form.JSON_LINES else what.header
    try:
        found = guess(names, sample_of(what, rows, SAMPLE_ROWS), reading.mapping, datetime.now(UTC).date())
    except UnreadableInput as problem:
        raise UnreadableInput(f"{what.name}: {problem}") from None
    return TableFile(path, msgspec.structs.replace(what, meaning=found.meaning, guesses=found.columns), size)


def _described(path: Path, reading: Reading) -> tuple[Description, int, Rows | None]:
    """Everything but the meaning, the size, and the first rows where they came along."""
    form, size = form_of(path), path.stat().st_size
    _check_fits(path, form, reading)
    nothing = Description(name=path.name, form=form, header=(), meaning=ColumnMap({}, (), (), False, ()))
    match form:
        case Form.PARQUET:
            file = parquet_file(path)
            return msgspec.structs.replace(nothing, header=tuple(file.schema_arrow.names)), file.metadata.num_rows, None
        case Form.JSON_LINES:
            header = header_of(chain.from_iterable(rows.text.to_pylist() for rows in read_lines(path)))
            if not header:
                raise UnreadableInput(f"{path.name} holds no JSON object.")
            return msgspec.structs.replace(nothing, header=header), size, None
        case Form.XLSX:
            sheet, first = find_sheet(path, reading.sheet)
            what = msgspec.structs.replace(nothing, header=sheet.header, sheet=sheet)
            return what, sheet.last_row, next(numbered_rows(first), no_rows(what))
        case _:
            return _text(path, reading, nothing), size, None


def _check_fits(path: Path, form: Form, reading: Reading) -> None:
    """Raise ``InvalidArgument`` when what was said of the file is of another form: it would change nothing."""
    if reading.sheet is not None and form is not Form.XLSX:
        raise InvalidArgument(f"A sheet is of workbooks (.xlsx), and {path.name} is none.")
    if reading.layout is not None and form in (Form.XLSX, Form.PARQUET, Form.JSON_LINES):
        raise InvalidArgument(f"A layout is of fixed-width text, and {path.name} is none.")


def _text(path: Path, reading: Reading, nothing: Description) -> Description:
    encoding, lines = text_start(path)
    layout = reading.layout or recognised_layout(lines)
    if layout:
        if encoding == "utf-16":
            raise UnreadableInput(f"{path.name} is a fixed-width file in UTF-16; save it as UTF-8 or Windows-1252.")
        what = msgspec.structs.replace(nothing, form=Form.FIXED_WIDTH, header=tuple(layout.columns))
        return msgspec.structs.replace(what, layout=layout, encoding=encoding)
    dialect = sniff(path)
    if not any(map(is_recognised, dialect.header)) and looks_like_data(dialect.header, datetime.now(UTC).date()):
        made = tuple(made_up(position) for position in range(1, len(dialect.header) + 1))
        dialect = msgspec.structs.replace(dialect, header=made, headed=False)
    return msgspec.structs.replace(nothing, header=dialect.header, dialect=dialect, opening=_opening(path, dialect))


def _opening(path: Path, dialect: Dialect) -> tuple[str, ...]:
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
        before = [file.readline().rstrip("\r\n") for _ in range(dialect.skip_lines)]
    if not dialect.headed:
        return (*before, dialect.delimiter.join(dialect.header))
    text = Text(dialect.delimiter, dialect.quote, dialect.encoding, len(dialect.header))
    with path.open("rb") as stream:
        records = next(read_records(stream, text, dialect.skip_lines, CHUNK_BYTES))
    return (*before, records.original(0))
