"""The rows of a file as delivered, each with its number, cut from the file once, in order and in bounded memory.

Only as much is read of a row as it takes to find where it ends: what is in it is ``chunks``'s business, in whichever
process. A blank line is no row.
"""

import codecs
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bureau.errors import UnreadableInput
from bureau.intake.description import Description
from bureau.intake.layouts import Layout
from bureau.intake.records import BLANK, REASONS, Text, read_records
from bureau.intake.sniff import Dialect, Form
from bureau.intake.workbook import sheet_rows

CHUNK_BYTES = 1 << 20
CHUNK_ROWS = 8_192
_LONGEST_LINE = 16 << 20

TEXT = pa.schema([pa.field("text", pa.string())])
_REASONS = pa.array([reason or None for reason in REASONS], pa.string())


class Rows(NamedTuple):
    """Consecutive rows. ``numbers`` are theirs in the file, from 1: the line a row begins on, the row of a sheet or a
    Parquet file. ``refused`` says why a row cannot be cut into columns, null for a whole one. ``content`` is one column
    ``text``, the rows as delivered, or a Parquet file's own columns. ``done`` of the file has been read, in the units
    of ``TableFile.size``.
    """

    numbers: pa.Array
    refused: pa.Array
    content: pa.RecordBatch
    done: int

    @property
    def text(self) -> pa.Array:
        return self.content.column(0)


def read_rows(path: Path, what: Description) -> Iterator[Rows]:
    """All rows of a file, at most ``CHUNK_ROWS`` at a time; raises ``UnreadableInput`` where it turns out damaged."""
    if what.dialect:
        return _records(path, what.dialect)
    if what.layout:
        return _fixed(path, what.layout, what.encoding)
    if what.sheet:
        return numbered_rows(sheet_rows(path, what.sheet))
    return _batches(path) if what.form is Form.PARQUET else read_lines(path)


def no_rows(what: Description) -> Rows:
    """What a file without rows is answered by: its result still has a header."""
    fields = [pa.field(name, pa.string()) for name in what.header]
    schema = pa.schema(fields) if what.form is Form.PARQUET else TEXT
    empty = pa.record_batch([pa.array([], field.type) for field in schema], schema=schema)
    return Rows(pa.array([], pa.int64()), pa.array([], pa.string()), empty, 0)


def of_text(numbers: pa.Array, refused: pa.Array, text: pa.Array, done: int) -> Iterator[Rows]:
    """Rows of text, in slices of ``CHUNK_ROWS``."""
    for start in range(0, len(text), CHUNK_ROWS):
        kept = slice(start, start + CHUNK_ROWS)
        yield Rows(numbers[kept], refused[kept], pa.record_batch([text[kept]], schema=TEXT), done)


def _records(path: Path, dialect: Dialect) -> Iterator[Rows]:
    text = Text(dialect.delimiter, dialect.quote, dialect.encoding, len(dialect.header))
    with path.open("rb") as stream:
        for records in read_records(stream, text, dialect.skip_lines + dialect.headed, CHUNK_BYTES):
            kept = records.kinds != BLANK
            if kept.any():
                numbers = pa.array(records.lines[kept])
                refused = _REASONS.take(pa.array(records.kinds[kept]))
                yield from of_text(numbers, refused, records.texts(kept), stream.tell())


def read_lines(path: Path) -> Iterator[Rows]:
    """The lines of a UTF-8 file that are not blank, each a row."""
    with path.open("rb") as stream:
        lines = ((n, line.removeprefix(codecs.BOM_UTF8).strip()) for n, line in _bounded(stream, path.name))
        texts = ((number, line.decode("utf-8", "replace")) for number, line in lines if line)
        yield from numbered_rows(texts, stream.tell)


def _fixed(path: Path, layout: Layout, encoding: str) -> Iterator[Rows]:
    """The lines that the layout says are rows; what is too long for it is refused."""
    with path.open("rb") as stream:
        decoded = ((number, line.decode(encoding, "replace")) for number, line in _bounded(stream, path.name))
        lines = ((number, line.rstrip("\r\n\x1a").replace("\0", " ").lstrip("\ufeff")) for number, line in decoded)
        rows = ((number, line) for number, line in lines if line.strip() and layout.is_row(line))
        for one in numbered_rows(rows, stream.tell):
            long = pc.greater(pc.utf8_length(pc.utf8_rtrim_whitespace(one.text)), layout.length)
            yield one._replace(refused=pc.if_else(long, "line_too_long", one.refused))


def numbered_rows(rows: Iterable[tuple[int, str]], tell: Callable[[], int] | None = None) -> Iterator[Rows]:
    """Numbered texts as rows; without ``tell``, what is done is the number of the last one."""
    source = iter(rows)
    while some := list(islice(source, CHUNK_ROWS)):
        numbers, texts = pa.array([number for number, _ in some]), pa.array([text for _, text in some], pa.string())
        content = pa.record_batch([texts], schema=TEXT)
        yield Rows(numbers, pa.nulls(len(some), pa.string()), content, tell() if tell else some[-1][0])


def _bounded(stream: BinaryIO, name: str) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers."""
    number = 0
    while line := stream.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise UnreadableInput(f"Line {number} of {name} does not end within {_LONGEST_LINE >> 20} MB.")
        yield number, line


def _batches(path: Path) -> Iterator[Rows]:
    done = 0
    try:
        for batch in parquet_file(path).iter_batches(CHUNK_ROWS):
            numbers = pa.array(np.arange(done + 1, done + 1 + batch.num_rows))
            done += batch.num_rows
            yield Rows(numbers, pa.nulls(batch.num_rows, pa.string()), batch, done)
    except (OSError, pa.ArrowException):
        raise UnreadableInput(f"{path.name} is damaged: it cannot be read to the end.") from None


def parquet_file(path: Path) -> pq.ParquetFile:
    """Raises ``UnreadableInput`` for what only begins like one."""
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException):
        raise UnreadableInput(f"{path.name} is damaged or not a whole Parquet file.") from None
