"""A customer's table, whatever its form, as chunks of canonical columns that still know the customer's own rows.

Every row ends in exactly one place: in ``Chunk.records`` or in ``Chunk.refusals``; blank lines are neither.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from bureau.errors import UnreadableInput
from bureau.intake.canonical import canonical
from bureau.intake.headers import ColumnMap, Mapped, recognise
from bureau.intake.jsonl import columns_of, header_of, read_objects
from bureau.intake.records import BLANK, REASONS, WHOLE, Text, read_records
from bureau.intake.sniff import Dialect, Form, form_of, sniff

CHUNK_BYTES = 1 << 20
CHUNK_ROWS = 8_192


class Refusal(NamedTuple):
    """A row that could not be used: its number in the file (a line, from 1, or a Parquet row), column and reason."""

    row: int
    column: str
    reason: str


class Chunk(NamedTuple):
    """Consecutive rows. ``records`` is canonical (see ``canonical``); ``rows`` their numbers in the file.

    ``text`` is each row exactly as delivered, decoded (empty for Parquet); ``client`` the file's own columns, None
    unless asked for. ``done`` of the file's ``size`` has been read.
    """

    records: pa.Table
    rows: NDArray[np.int64]
    text: list[str]
    client: pa.Table | None
    refusals: list[Refusal]
    done: int


class TableFile(NamedTuple):
    """A file ready to be read; ``size`` is in the units of ``Chunk.done``.

    ``opening`` are the lines of a CSV file up to its header, the header last, as delivered.
    """

    path: Path
    form: Form
    header: tuple[str, ...]
    meaning: ColumnMap
    dialect: Dialect | None
    opening: tuple[str, ...]
    size: int

    def chunks(self, with_columns: bool) -> Iterator[Chunk]:
        """The whole file; ``with_columns`` also gives the customer's own columns as a table."""
        if self.dialect:
            return _csv_chunks(self, self.dialect, with_columns)
        return _parquet_chunks(self) if self.form is Form.PARQUET else _json_chunks(self, with_columns)


def open_table(path: Path, mapping: Mapped | None = None) -> TableFile:
    """Find out form, dialect and meaning of a file; raises ``UnreadableInput`` with the reason and what to do."""
    form = form_of(path)
    dialect = sniff(path) if form is Form.CSV else None
    size = path.stat().st_size
    if dialect:
        header, names = dialect.header, dialect.header
    elif form is Form.PARQUET:
        header = names = tuple(_parquet(path).schema_arrow.names)
        size = _parquet(path).metadata.num_rows
    else:
        header = header_of(path)
        names = tuple(name.rpartition(".")[2] for name in header)  # address.street is street
    opening = _opening(path, dialect) if dialect else ()
    return TableFile(path, form, header, recognise(names, mapping), dialect, opening, size)


def _opening(path: Path, dialect: Dialect) -> tuple[str, ...]:
    with path.open(encoding=dialect.encoding, errors="replace", newline="") as file:
        before = [file.readline().rstrip("\r\n") for _ in range(dialect.skip_lines)]
    text = Text(dialect.delimiter, dialect.quote, dialect.encoding, len(dialect.header))
    with path.open("rb") as stream:
        records = next(read_records(stream, text, dialect.skip_lines, CHUNK_BYTES))
    return (*before, records.original(0))


def _csv_chunks(table: TableFile, dialect: Dialect, with_columns: bool) -> Iterator[Chunk]:
    width = len(table.header)
    text = Text(dialect.delimiter, dialect.quote, dialect.encoding, width)
    names = [str(column) for column in range(width)]
    used = [name for name in names if int(name) not in table.meaning.unused]
    with table.path.open("rb") as stream:
        for records in read_records(stream, text, dialect.skip_lines + 1, CHUNK_BYTES):
            data = records.data.tobytes()
            spans = zip(records.starts.tolist(), records.ends.tolist(), strict=True)
            lines = [data[start:end].decode("utf-8", "replace") for start, end in spans]
            kinds = records.kinds.copy()
            # Files pasted together carry their header more than once.
            repeated = np.array([line == table.opening[-1] for line in lines])
            kept = (kinds == WHOLE) & ~repeated
            whole = records._replace(kinds=np.where(kept, WHOLE, BLANK).astype(np.uint8))
            parsed = whole.table(names, text, names if with_columns else used)
            columns = [parsed[name] if name in parsed.column_names else pa.nulls(0, pa.string()) for name in names]
            yield Chunk(
                records=canonical(columns, table.meaning, parsed.num_rows),
                rows=records.lines[kept],
                text=[lines[at] for at in np.flatnonzero(kept).tolist()],
                client=parsed.rename_columns(table.header) if with_columns else None,
                refusals=_refusals(records.lines, kinds, repeated),
                done=stream.tell(),
            )


def _refusals(lines: NDArray[np.int64], kinds: NDArray[np.uint8], repeated: NDArray[np.bool_]) -> list[Refusal]:
    broken = [Refusal(int(lines[at]), "", REASONS[kinds[at]]) for at in np.flatnonzero(kinds > BLANK).tolist()]
    again = [Refusal(int(lines[at]), "", "repeated_header") for at in np.flatnonzero(repeated).tolist()]
    return sorted(broken + again)


def _parquet(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException):
        raise UnreadableInput(f"{path.name} is damaged or not a whole Parquet file.") from None


def _parquet_chunks(table: TableFile) -> Iterator[Chunk]:
    done = 0
    try:
        for batch in _parquet(table.path).iter_batches(CHUNK_ROWS):
            rows = np.arange(done + 1, done + 1 + batch.num_rows)
            done += batch.num_rows
            records = canonical(batch.columns, table.meaning, batch.num_rows)
            yield Chunk(records, rows, [], pa.Table.from_batches([batch]), [], done)
    except (OSError, pa.ArrowException):
        raise UnreadableInput(f"{table.path.name} is damaged: it cannot be read to the end.") from None


def _json_chunks(table: TableFile, with_columns: bool) -> Iterator[Chunk]:
    for objects in read_objects(table.path, CHUNK_ROWS):
        columns = columns_of(objects.values, table.header)
        yield Chunk(
            records=canonical(columns, table.meaning, len(objects.values)),
            rows=np.array(objects.lines, np.int64),
            text=objects.text,
            client=pa.table(columns, names=list(table.header)) if with_columns else None,
            refusals=[Refusal(line, "", "not_a_json_object") for line in objects.broken],
            done=objects.done,
        )
