"""Delivered tables as batches of raw text columns, each row with its place in the file.

CSV and Parquet look the same from here on: ``RawBatch``. A CSV row is known by the line it begins on (the header's
line counts), a Parquet row by its number; both from 1.
"""

from collections.abc import Callable, Generator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bureau.errors import UnreadableInput
from bureau.intake.canonical import as_text
from bureau.intake.headers import ColumnMap, Mapped, recognise
from bureau.intake.packed import require_ordinary
from bureau.intake.records import REASONS, WHOLE, Records, Text, read_records
from bureau.intake.sniff import Dialect, Form, form_of, sniff

_BYTES_PER_ROW = 128  # of a usual file of people; turns a number of rows into a chunk of CSV


class Broken(NamedTuple):
    """A row that could not be cut into its columns."""

    line: int
    reason: str
    original: str


class RawBatch(NamedTuple):
    """Rows as text: ``columns[i]`` is the file's column i, or None when nothing is known to be in it.

    ``original`` gives row i as delivered, as far as the form of file allows. ``position`` is how many bytes (CSV) or
    rows (Parquet) of the file are done, ``last_line`` the last line they hold.
    """

    columns: Sequence[pa.Array | None]
    lines: NDArray[np.int64]
    broken: list[Broken]
    original: Callable[[int], str]
    position: int
    last_line: int

    def take(self, rows: NDArray[np.bool_]) -> "RawBatch":
        """The rows marked true."""
        mask = pa.array(rows)
        columns = [None if column is None else column.filter(mask) for column in self.columns]
        places = np.flatnonzero(rows)
        return self._replace(
            columns=columns, lines=self.lines[rows], original=lambda row: self.original(int(places[row]))
        )


class SourceFile(NamedTuple):
    """A file ready to be read: its form, header and what its columns mean. ``total`` is in units of ``position``."""

    path: Path
    header: tuple[str, ...]
    dialect: Dialect | None
    meaning: ColumnMap
    total: int

    def batches(self, rows: int) -> Generator[RawBatch, None, None]:
        """All rows, about ``rows`` at a time."""
        return _csv_batches(self, self.dialect, rows) if self.dialect else _parquet_batches(self, rows)

    def own_name(self, field: str) -> str:
        """The file's own name for a field, which its owner will recognise."""
        return " ".join(self.header[column] for column in self.meaning.fields.get(field, ()))


def open_source(path: Path, mapping: Mapped | None) -> SourceFile:
    """Find out what a file is and holds; raises ``UnreadableInput`` with the reason and the remedy."""
    require_ordinary(path)
    form = form_of(path)
    if form is Form.CSV:
        dialect = sniff(path)
        return SourceFile(
            path, dialect.header, dialect, _recognised(path, dialect.header, mapping), path.stat().st_size
        )
    if form is Form.PARQUET:
        parquet = _parquet(path)
        names = parquet.schema_arrow.names
        return SourceFile(path, tuple(names), None, _recognised(path, names, mapping), parquet.metadata.num_rows)
    raise UnreadableInput(f"{path.name} is of the form {form}; sources are loaded from CSV or Parquet.")


def _recognised(path: Path, header: Sequence[str], mapping: Mapped | None) -> ColumnMap:
    """With the file's name in the error: many may be loaded at once."""
    try:
        return recognise(header, mapping)
    except UnreadableInput as problem:
        raise UnreadableInput(f"{path.name}: {problem}") from None


def _wanted(meaning: ColumnMap) -> list[int]:
    phones = [column for phone in meaning.phones for column in (phone.number, phone.area_code) if column is not None]
    singles = [column for columns in meaning.fields.values() for column in columns]
    return sorted({*singles, *phones, *meaning.emails})


def _csv_batches(file: SourceFile, dialect: Dialect, rows: int) -> Generator[RawBatch, None, None]:
    width = len(file.header)
    text = Text(dialect.delimiter, dialect.quote, dialect.encoding, width)
    names = [str(column) for column in range(width)]
    wanted = [names[column] for column in _wanted(file.meaning)]
    with file.path.open("rb") as stream:
        for records in read_records(stream, text, dialect.skip_lines + 1, rows * _BYTES_PER_ROW):
            whole = np.flatnonzero(records.kinds == WHOLE)
            table = records.table(names, text, wanted)
            yield RawBatch(
                columns=[_as_text(table[name]) if name in wanted else None for name in names],
                lines=records.lines[whole],
                broken=[
                    Broken(int(records.lines[record]), REASONS[records.kinds[record]], records.original(record))
                    for record in np.flatnonzero(records.kinds > WHOLE).tolist()
                    if REASONS[records.kinds[record]]
                ],
                original=partial(_original, records, whole),
                position=stream.tell(),
                last_line=int(records.lines[-1]),
            )


def _original(records: Records, whole: NDArray[np.int64], row: int) -> str:
    return records.original(int(whole[row]))


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException):
        raise UnreadableInput(f"{path.name} is damaged or not a whole Parquet file.") from None


def _parquet_batches(file: SourceFile, rows: int) -> Generator[RawBatch, None, None]:
    wanted = _wanted(file.meaning)
    parquet = _parquet(file.path)
    done = 0
    try:
        for batch in parquet.iter_batches(rows, columns=[file.header[column] for column in wanted]):
            by_name = dict(zip(batch.schema.names, batch.columns, strict=True))
            columns = [by_name[name] if column in wanted else None for column, name in enumerate(file.header)]
            lines = np.arange(done + 1, done + 1 + batch.num_rows)
            done += batch.num_rows
            texts = [
                None if values is None else _from_any(file, name, values)
                for name, values in zip(file.header, columns, strict=True)
            ]
            yield RawBatch(texts, lines, [], lambda _row: "", done, done)
    except (OSError, pa.ArrowException):
        raise UnreadableInput(f"{file.path.name} is damaged: it cannot be read to the end.") from None


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    return column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)


def _from_any(file: SourceFile, name: str, values: pa.Array) -> pa.Array:
    """Typed values as the text a CSV would have; a list becomes one cell with ``|`` between its values."""
    kind = values.type
    try:
        if pa.types.is_list(kind) or pa.types.is_large_list(kind):
            return _joined(values.cast(pa.list_(pa.string())))
        if not pa.types.is_nested(kind):
            return as_text(values)
    except pa.ArrowException:
        pass
    raise UnreadableInput(f"Column {name} of {file.path.name} holds {kind}, which is not text.")


def _joined(lists: pa.ListArray) -> pa.Array:
    ends = np.cumsum(pc.fill_null(pc.list_value_length(lists), 0).to_numpy())
    values = pc.fill_null(lists.flatten(), "")  # one null would make the whole cell null
    return pc.binary_join(pa.ListArray.from_arrays(np.concatenate([[0], ends]).astype(np.int32), values), "|")
