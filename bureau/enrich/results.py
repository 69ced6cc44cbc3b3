"""Result files: the customer's own rows, untouched and in order, each followed by what Bureau found.

CSV keeps the customer's dialect and text and adds the flat ``bureau_*`` columns; JSON Lines adds the whole answer as
``bureau_answer``; Parquet adds both. A form renders rows in any process; its file, which only one process has,
takes what was rendered in order.
"""

import codecs
import csv
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

from bureau.durable import staged
from bureau.enrich.arrow_types import arrow_type
from bureau.enrich.formulas import as_text_only
from bureau.intake.canonical import Column, as_text
from bureau.intake.chunks import Own, Refusal
from bureau.intake.description import Description
from bureau.intake.sniff import Dialect, Form
from bureau.model.answer import Answer

NESTED = "bureau_answer"
_PLAIN = Dialect(",", "utf-8", '"', 0, (), "\n")
_BYTE_ORDER_MARKS = {"utf-8-sig": (codecs.BOM_UTF8, "utf-8"), "utf-16": (codecs.BOM_UTF16_LE, "utf-16-le")}


class Answers(NamedTuple):
    """For every record of a chunk: the flat ``bureau_*`` columns, and each whole answer as JSON if asked for."""

    columns: pa.Table
    nested: list[bytes]

    def filter(self, kept: pa.Array) -> "Answers":
        """The rows marked true."""
        nested = [answer for answer, keep in zip(self.nested, kept.to_pylist(), strict=False) if keep]
        return Answers(self.columns.filter(kept), nested)


class ResultFile(Protocol):
    """A result being written; takes what its form rendered."""

    def write(self, rendered: Any) -> None: ...

    def close(self) -> None: ...


class ResultForm(Protocol):
    """How results are written; picklable. ``with_columns`` says that it needs the customer's own columns as a table,
    ``nested`` that it shows whole answers where there are any."""

    @property
    def with_columns(self) -> bool: ...

    @property
    def nested(self) -> bool: ...

    def rendered(self, own: Own, answers: Answers) -> Any: ...

    def open(self, partial: Path) -> ResultFile: ...


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


class Lines(NamedTuple):
    """Rendered rows of a text file; ``opening`` stands once, before the first of them."""

    opening: bytes
    body: bytes


class LinesFile:
    """Lines as they come."""

    def __init__(self, partial: Path) -> None:
        self._file = partial.open("wb")
        self._opened = False

    def write(self, rendered: Lines) -> None:
        if not self._opened:
            self._file.write(rendered.opening)
            self._opened = True
        self._file.write(rendered.body)

    def close(self) -> None:
        self._file.close()


class CsvForm:
    """The customer's lines as they were (but for NUL bytes and surplus blank columns), ours behind them."""

    nested = False

    def __init__(self, what: Description) -> None:
        self.with_columns = what.form is not Form.CSV
        self._dialect = what.dialect or _PLAIN
        self._opening = list(what.opening) or [_header_line(what.header)]

    def rendered(self, own: Own, answers: Answers) -> Lines:
        delimiter, end = self._dialect.delimiter, self._dialect.line_end
        mark, encoding = _BYTE_ORDER_MARKS.get(self._dialect.encoding, (b"", self._dialect.encoding))
        header = delimiter.join([self._opening[-1], *answers.columns.column_names])
        opening = end.join([*self._opening[:-1], header, ""]).encode(encoding, "replace")
        cells = [_cells(self._dialect, _ours(column)) for column in answers.columns.columns]
        left = [own.text] if own.client is None else [_cells(self._dialect, column) for column in own.client.columns]
        lines = pc.binary_join_element_wise(*left, *cells, delimiter, null_handling="replace", null_replacement="")
        return Lines(mark + opening, _encoded(_contiguous(lines), end, encoding))

    def open(self, partial: Path) -> ResultFile:
        return LinesFile(partial)


class JsonForm:
    """One object a line: the customer's, as it was when it came as JSON, with the whole answer as last member, or the
    flat columns where no whole answers were asked for."""

    nested = True

    def __init__(self, what: Description) -> None:
        self.with_columns = what.form is not Form.JSON_LINES

    def rendered(self, own: Own, answers: Answers) -> Lines:
        client = [] if own.client is None else own.client.rename_columns(_distinct(own.client.column_names)).to_pylist()
        lefts = [msgspec.json.encode(row) for row in client] or [line.encode() for line in _texts(own)]
        body = bytearray()
        for left, right in zip(lefts, _members(answers), strict=True):
            comma = b"" if left.rstrip(b"} \t") == b"{" else b","
            body += left[: left.rindex(b"}")] + comma + right + b"}\n"
        return Lines(b"", bytes(body))

    def open(self, partial: Path) -> ResultFile:
        return LinesFile(partial)


class ParquetForm:
    """The customer's columns, the flat ``bureau_*`` ones, and the whole answer as a nested column."""

    with_columns = True
    nested = True

    def rendered(self, own: Own, answers: Answers) -> pa.Table:
        table = pa.table({}) if own.client is None else own.client.rename_columns(_distinct(own.client.column_names))
        for name, column in zip(answers.columns.column_names, answers.columns.columns, strict=True):
            table = table.append_column(name, column)
        if not answers.nested and answers.columns.num_rows:
            return table
        decoder = msgspec.json.Decoder(Answer)
        whole = [
            msgspec.to_builtins(decoder.decode(answer), builtin_types=(date, datetime)) for answer in answers.nested
        ]
        return table.append_column(NESTED, pa.array(whole, arrow_type(Answer)))

    def open(self, partial: Path) -> ResultFile:
        return ParquetFile(partial)


GROUP_BYTES = 64 << 20
"""Of a row group in memory. The writer remembers every group until the end (200 KB each, with whole answers): a group a
chunk was 256 MB of them at ten million rows, and as much again when they were written."""


class ParquetFile:
    """Several chunks a row group."""

    def __init__(self, partial: Path) -> None:
        self._partial = partial
        self._writer: Any = None
        self._waiting: list[pa.Table] = []
        self._bytes = 0

    def write(self, rendered: pa.Table) -> None:
        self._writer = self._writer or pq.ParquetWriter(self._partial, rendered.schema, compression="zstd")
        self._waiting.append(rendered)
        self._bytes += rendered.nbytes
        if self._bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        if self._writer:
            self._flush()
            self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting, self._bytes = [], 0


def _members(answers: Answers) -> list[bytes]:
    if answers.nested or not answers.columns.num_rows:
        return [b'"%s":%s' % (NESTED.encode(), answer) for answer in answers.nested]
    rows = [{name: cell for name, cell in row.items() if cell is not None} for row in answers.columns.to_pylist()]
    return [msgspec.json.encode(row)[1:-1] for row in rows]


def _distinct(names: Sequence[str]) -> list[str]:
    """Names that repeat are numbered: two members of one name would be one."""
    found: dict[str, None] = {}
    for name in names:
        number, free = 1, name
        while free in found:
            number += 1
            free = f"{name}_{number}"
        found[free] = None
    return list(found)


def _texts(own: Own) -> list[str]:
    return [] if own.text is None else cast(list[str], own.text.to_pylist())


def _encoded(lines: pa.Array, end: str, encoding: str) -> bytes:
    if not len(lines):
        return b""
    whole = pc.binary_join(pa.ListArray.from_arrays([0, len(lines)], lines), end)
    body = cast(bytes, whole.cast(pa.binary())[0].as_py()) + end.encode()
    return body if encoding == "utf-8" else body.decode().encode(encoding, "replace")


def _contiguous(column: Column) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _header_line(names: Sequence[str]) -> str:
    return _PLAIN.delimiter.join(_contiguous(_cells(_PLAIN, pa.array(names, pa.string()))).to_pylist())


def _ours(column: Column) -> Column:
    return as_text_only(_contiguous(column)) if pa.types.is_string(column.type) else column


def _cells(dialect: Dialect, column: Column) -> Column:
    """Cells as text of the dialect; what a cell cannot hold there becomes a blank."""
    text = _contiguous(column if pa.types.is_string(column.type) else as_text(column))
    # Most columns of ours hold nothing that could be taken for the file's own marks; looking at all bytes is cheap.
    data = (text.buffers()[2] or pa.py_buffer(b"")).to_pybytes()
    if not any(mark.encode() in data for mark in ('"', "\r", "\n", dialect.delimiter)):
        return text
    text = pc.replace_substring_regex(text, "[\r\n]+", " ")
    special = f'["{re.escape(dialect.delimiter)}]'
    if not dialect.quote:
        return cast(Column, pc.replace_substring_regex(text, special, " "))
    doubled = pc.replace_substring(text, '"', '""')
    quoted = pc.binary_join_element_wise('"', doubled, '"', "")
    return cast(Column, pc.if_else(pc.match_substring_regex(text, special), quoted, text))
