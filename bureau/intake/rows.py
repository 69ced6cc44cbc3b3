"""The rows of a file as delivered, each with its number, cut from the file once, in order and in bounded memory.

Only as much is read of a row as it takes to find where it ends: what is in it is ``chunks``'s business, in whichever
process. A blank line is no row.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bureau.errors import UnreadableInput
from bureau.intake.description import Description
from bureau.intake.records import BLANK, REASONS, Text, read_records
from bureau.intake.sniff import Form

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
    match what.form:
        case Form.CSV:
            return _records(path, what)
        case Form.PARQUET:
            return _batches(path)
        case Form.JSON_LINES:
            return read_lines(path)


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


def _records(path: Path, what: Description) -> Iterator[Rows]:
    dialect = what.csv
    text = Text(dialect.delimiter, dialect.quote, dialect.encoding, len(what.header))
    with path.open("rb") as stream:
        for records in read_records(stream, text, dialect.skip_lines + 1, CHUNK_BYTES):
            kept = records.kinds != BLANK
            if kept.any():
                numbers = pa.array(records.lines[kept])
                refused = _REASONS.take(pa.array(records.kinds[kept]))
                yield from of_text(numbers, refused, records.texts(kept), stream.tell())


def read_lines(path: Path) -> Iterator[Rows]:
    with path.open("rb") as stream:
        numbers, texts = list[int](), list[str]()
        for number, line in enumerate(_bounded(stream, path.name), start=1):
            text = line.removeprefix(b"\xef\xbb\xbf").strip()
            if text:
                numbers.append(number)
                texts.append(text.decode("utf-8", "replace"))
            if len(texts) == CHUNK_ROWS:
                yield from _of_lines(numbers, texts, stream.tell())
                numbers, texts = [], []
        if texts:
            yield from _of_lines(numbers, texts, stream.tell())


def _of_lines(numbers: list[int], texts: list[str], done: int) -> Iterator[Rows]:
    whole = pa.nulls(len(texts), pa.string())
    return of_text(pa.array(numbers, pa.int64()), whole, pa.array(texts, pa.string()), done)


def _bounded(stream: BinaryIO, name: str) -> Iterator[bytes]:
    number = 0
    while line := stream.readline(_LONGEST_LINE):
        number += 1
        if len(line) == _LONGEST_LINE:
            raise UnreadableInput(f"Line {number} of {name} does not end within {_LONGEST_LINE >> 20} MB.")
        yield line


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
