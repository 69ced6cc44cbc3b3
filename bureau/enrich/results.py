"""Result files: the customer's own rows, untouched and in order, each followed by what Bureau found.

CSV keeps the customer's dialect and text and adds the flat ``bureau_*`` columns; JSON Lines adds the whole answer as
``bureau_answer``; Parquet adds both. Everything is written beside the target and renamed when complete, so a file
under its final name is always whole.
"""

import csv
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol, cast

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bureau.enrich.arrow_types import arrow_type
from bureau.errors import InvalidArgument, OutputFailed
from bureau.intake.canonical import Column, as_text
from bureau.intake.sniff import Dialect, Form
from bureau.intake.tables import Chunk, Refusal, TableFile
from bureau.model.answer import Answer

NESTED = "bureau_answer"
_PLAIN = Dialect(",", "utf-8", '"', 0, (), "\n")


class Answers(NamedTuple):
    """For every record of a chunk: the flat ``bureau_*`` columns, and each whole answer as JSON if asked for."""

    columns: pa.Table
    nested: list[bytes]


class ResultFile(Protocol):
    """A result under way; ``with_columns`` says that it needs the customer's own columns as a table, ``nested`` that
    it needs whole answers."""

    with_columns: bool
    nested: bool

    def write(self, chunk: Chunk, answers: Answers) -> None: ...

    def close(self) -> None: ...


def form_of_result(path: Path) -> Form:
    """By suffix: ``.parquet``, ``.jsonl`` or ``.ndjson``; anything else is CSV."""
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        return Form.PARQUET
    return Form.JSON_LINES if suffix in (".jsonl", ".ndjson") else Form.CSV


@contextmanager
def staged(path: Path) -> Iterator[Path]:
    """A place beside ``path``, moved there (over what was there) when the block ends well, removed otherwise."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        yield partial
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.replace(path)
    except OSError as error:
        if error.filename not in (None, str(partial)):
            raise  # not ours: something else could not be read or written meanwhile
        reason = error.strerror or "unknown reason"
        raise OutputFailed(f"The result cannot be written to {path.parent}: {reason}.") from error
    finally:
        partial.unlink(missing_ok=True)


def open_result(partial: Path, target: Path, table: TableFile) -> ResultFile:
    """The writer for ``target``; raises ``InvalidArgument`` when the input already carries our columns."""
    if any(name.lower().startswith("bureau_") for name in table.header):
        raise InvalidArgument(f"{table.path.name} already has columns that begin with bureau_; it is a result file.")
    form = form_of_result(target)
    if form is Form.PARQUET:
        return ParquetResult(partial)
    return CsvResult(partial, table) if form is Form.CSV else JsonResult(partial, table)


@contextmanager
def refusals_beside(output: Path) -> Iterator[Callable[[Sequence[Refusal]], object]]:
    """``<output>.refusals.csv``: ``row,column,reason``. Without refusals there is none, nor one of an earlier run."""
    path = output.with_name(f"{output.name}.refusals.csv")
    with staged(path) as partial, partial.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Refusal._fields)
        header_only = file.tell()
        yield writer.writerows
        none_refused = file.tell() == header_only
    if none_refused:
        path.unlink()


class CsvResult:
    """The customer's lines as they were (but for NUL bytes and surplus blank columns), ours behind them."""

    nested = False

    def __init__(self, partial: Path, table: TableFile) -> None:
        self.with_columns = table.form is not Form.CSV
        self._dialect = table.dialect or _PLAIN
        self._opening = list(table.opening) or [_header_line(table.header)]
        self._file = partial.open("w", encoding=self._dialect.encoding, newline="", errors="replace")

    def write(self, chunk: Chunk, answers: Answers) -> None:
        if self._opening:
            names = self._dialect.delimiter.join(answers.columns.column_names)
            self._put([*self._opening[:-1], f"{self._opening[-1]}{self._dialect.delimiter}{names}"])
            self._opening = []
        own = chunk.text if chunk.client is None else _lines(self._dialect, chunk.client)
        found = _lines(self._dialect, answers.columns)
        self._put([f"{left}{self._dialect.delimiter}{right}" for left, right in zip(own, found, strict=True)])

    def _put(self, lines: list[str]) -> None:
        self._file.write("".join([f"{line}{self._dialect.line_end}" for line in lines]))

    def close(self) -> None:
        self._file.close()


class JsonResult:
    """One object a line: the customer's, as it was when it came as JSON, with the whole answer as last member."""

    nested = True

    def __init__(self, partial: Path, table: TableFile) -> None:
        self.with_columns = table.form is not Form.JSON_LINES
        self._file = partial.open("wb")

    def write(self, chunk: Chunk, answers: Answers) -> None:
        own = [line.encode() for line in chunk.text]
        if chunk.client is not None:
            own = [msgspec.json.encode(row) for row in chunk.client.to_pylist()]
        for left, right in zip(own, answers.nested, strict=True):
            comma = b"" if left.rstrip(b"} \t") == b"{" else b","
            self._file.write(left[: left.rindex(b"}")] + comma + b'"%s":%s}\n' % (NESTED.encode(), right))

    def close(self) -> None:
        self._file.close()


class ParquetResult:
    """The customer's columns, the flat ``bureau_*`` ones, and the whole answer as a nested column."""

    with_columns = True
    nested = True

    def __init__(self, partial: Path) -> None:
        self._partial = partial
        self._type = arrow_type(Answer)
        self._writer: Any = None

    def write(self, chunk: Chunk, answers: Answers) -> None:
        decoder = msgspec.json.Decoder(Answer)
        whole = [
            msgspec.to_builtins(decoder.decode(answer), builtin_types=(date, datetime)) for answer in answers.nested
        ]
        table = pa.table({}) if chunk.client is None else chunk.client
        for name, column in zip(answers.columns.column_names, answers.columns.columns, strict=True):
            table = table.append_column(name, column)
        table = table.append_column(NESTED, pa.array(whole, self._type))
        self._writer = self._writer or pq.ParquetWriter(self._partial, table.schema, compression="zstd")
        self._writer.write_table(table)

    def close(self) -> None:
        if self._writer:
            self._writer.close()


def _lines(dialect: Dialect, table: pa.Table) -> list[str]:
    """The rows as text lines of the dialect, without their ends; what a cell cannot hold there becomes a blank."""
    cells = [_cells(dialect, column) for column in table.columns]
    joined = pc.binary_join_element_wise(*cells, dialect.delimiter, null_handling="replace", null_replacement="")
    return cast(list[str], joined.to_pylist())


def _header_line(names: Sequence[str]) -> str:
    columns = [pa.array([name]) for name in names]
    return _lines(_PLAIN, pa.table(columns, names=list(names)))[0]


def _cells(dialect: Dialect, column: Column) -> Column:
    text = as_text(column)
    special = f'["\r\n{re.escape(dialect.delimiter)}]'
    if not pc.any(pc.match_substring_regex(text, special)).as_py():
        return text  # most columns of ours hold nothing that could be taken for the file's own marks
    text = pc.replace_substring_regex(text, "[\r\n]+", " ")
    special = f'["{re.escape(dialect.delimiter)}]'
    if not dialect.quote:
        return cast(Column, pc.replace_substring_regex(text, special, " "))
    doubled = pc.replace_substring(text, '"', '""')
    quoted = pc.binary_join_element_wise('"', doubled, '"', "")
    return cast(Column, pc.if_else(pc.match_substring_regex(text, special), quoted, text))
