"""Cutting delimited text into records, line by line accountable, before pyarrow parses them.

pyarrow's reader is fast but knows neither the line a row began on nor what to do with a broken row. A compiled scan
finds every record first: broken ones are set aside with their line and text, surplus blank columns are cut off, and
what is left is parsed in one go. Quotes count only at the start of a field, as in pyarrow and in RFC 4180.
"""

import codecs
from collections.abc import Iterator, Sequence
from typing import BinaryIO, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from bureau.compiled import compiled, inlined
from bureau.errors import UnreadableInput

WHOLE, BLANK, TOO_FEW_FIELDS, TOO_MANY_FIELDS, UNCLOSED_QUOTE = range(5)
REASONS = ("", "", "too_few_fields", "too_many_fields", "unclosed_quote")

MAX_QUOTED_LINES = 50  # an opening quote with no partner within so many lines is a stray one, not a long text
_LONGEST_RECORD = 16 << 20
_NEWLINE = 10
_BLANK = 32


class Text(NamedTuple):
    """How a byte stream is to be read; ``columns`` is the number every record must have."""

    delimiter: str
    quote: str
    encoding: str
    columns: int


class Records(NamedTuple):
    """Some records of a file: bytes ``data[starts[i]:ends[i]]`` on line ``lines[i]`` (1-based), of kind ``kinds[i]``.

    ``data`` is UTF-8 without NUL bytes; lines end in a single newline.
    """

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    lines: NDArray[np.int64]
    kinds: NDArray[np.uint8]

    def after(self, line: int) -> "Records":
        """Those that begin below ``line``."""
        below = self.lines > line
        return Records(self.data, self.starts[below], self.ends[below], self.lines[below], self.kinds[below])

    def original(self, record: int) -> str:
        """The record as delivered, but for NUL bytes and encoding."""
        return self.data[self.starts[record] : self.ends[record]].tobytes().decode("utf-8", errors="replace")

    def table(self, names: list[str], text: Text, wanted: list[str]) -> pa.Table:
        """Parse the whole records; every column is text, an empty cell an empty string."""
        whole = self.kinds == WHOLE
        return _parse(_gathered(self.data, self.starts[whole], self.ends[whole]), names, text, wanted)

    def texts(self, kept: NDArray[np.bool_]) -> pa.Array:
        """Some records as delivered, but for NUL bytes and encoding."""
        data, offsets = _packed(self.data, self.starts[kept], self.ends[kept])
        return pa.StringArray.from_buffers(len(offsets) - 1, pa.py_buffer(offsets), pa.py_buffer(data))


def parsed(texts: pa.Array, text: Text, wanted: Sequence[int]) -> dict[int, pa.Array]:
    """The cells of whole records (see :meth:`Records.texts`) by position of their column."""
    data, offsets = np.frombuffer(texts.buffers()[2] or b"", np.uint8), np.frombuffer(texts.buffers()[1], np.int32)
    bounds = offsets[texts.offset : texts.offset + len(texts) + 1].astype(np.int64)
    names = [str(column) for column in range(text.columns)]
    table = _parse(_gathered(data, bounds[:-1], bounds[1:]), names, text, [names[column] for column in wanted])
    return {column: table[names[column]] for column in wanted}


def _parse(body: NDArray[np.uint8], names: list[str], text: Text, wanted: list[str]) -> pa.Table:
    """Whole records, one after the other; every column is text, an empty cell an empty string."""
    if not body.size:
        return pa.table({name: pa.array([], pa.string()) for name in wanted})
    return pa_csv.read_csv(
        pa.BufferReader(pa.py_buffer(body)),
        pa_csv.ReadOptions(column_names=names, use_threads=False, block_size=body.size + 1),
        pa_csv.ParseOptions(
            delimiter=text.delimiter, quote_char=text.quote or False, newlines_in_values=True, ignore_empty_lines=False
        ),
        pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), include_columns=wanted, check_utf8=False),
    )


def read_records(stream: BinaryIO, text: Text, skip_lines: int, chunk: int) -> Iterator[Records]:
    """All records after the first ``skip_lines`` lines, about ``chunk`` bytes at a time."""
    line = 1
    carry = b""
    for piece, final in _pieces(stream, text.encoding, chunk):
        data = np.frombuffer(carry + piece, np.uint8)
        found, consumed, next_line = _scan_all(data, text, line, final)
        if line <= skip_lines:
            found = found.after(skip_lines)
        line = next_line
        carry = data[consumed:].tobytes()
        if len(carry) > max(_LONGEST_RECORD, chunk):
            raise UnreadableInput(f"Line {line} does not end within {_LONGEST_RECORD >> 20} MB: this is not a table.")
        if found.starts.size:
            yield found


def _pieces(stream: BinaryIO, encoding: str, size: int) -> Iterator[tuple[bytes, bool]]:
    """The stream as clean UTF-8; the last piece (possibly empty) is marked."""
    decode = codecs.getincrementaldecoder(encoding)(errors="replace").decode
    held = b""
    while block := stream.read(size):
        plain = encoding in {"cp1252", "latin-1", "utf-8"} and (encoding == "utf-8" or block.isascii())
        piece = held + (block if plain else decode(block).encode())
        held = piece[-1:] if piece.endswith(b"\r") else b""
        yield _tidied(piece[: len(piece) - len(held)]), False
    yield _tidied(held + decode(b"", final=True).encode()), True


def _tidied(piece: bytes) -> bytes:
    """Without the bytes that break readers (NUL and 0x02 occur in the company register) and with plain newlines."""
    piece = piece.translate(None, b"\0\x02")
    if b"\r" not in piece:
        return piece
    return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _scan_all(data: NDArray[np.uint8], text: Text, line: int, final: bool) -> tuple[Records, int, int]:
    room = int(np.count_nonzero(data == _NEWLINE)) + 1
    starts, ends, lines = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.int64)
    kinds = np.empty(room, np.uint8)
    quote = ord(text.quote) if text.quote else -1
    syntax = (ord(text.delimiter), quote, text.columns)
    count, consumed, line = _scan(data, syntax, (line, final), (starts, ends, lines), kinds)
    return Records(data, starts[:count], ends[:count], lines[:count], kinds[:count]), consumed, line


@compiled
def _scan(
    data: NDArray[np.uint8],
    syntax: tuple[int, int, int],
    at: tuple[int, bool],
    out: tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]],
    kinds: NDArray[np.uint8],
) -> tuple[int, int, int]:
    """Fill ``out`` and ``kinds``; answer how many records, the bytes used, and the line that comes next."""
    line, final = at
    starts, ends, lines = out
    position = 0
    count = 0
    while position < data.size:
        end, cut, kind, newlines = _record(data, position, syntax)
        if end == data.size and not final:
            break  # the rest of this record is in the next piece
        if kind == UNCLOSED_QUOTE:
            end = _line_end(data, position)
            cut = end
            newlines = 0
        starts[count], ends[count], lines[count], kinds[count] = position, cut, line, kind
        count += 1
        position = end + 1
        line += newlines + 1
    return count, min(position, data.size), line


@inlined
def _record(data: NDArray[np.uint8], position: int, syntax: tuple[int, int, int]) -> tuple[int, int, int, int]:
    """One record: its end, the end of its last wanted column, its kind, and the newlines inside its quotes."""
    delimiter, quote, columns = syntax
    fields = 0
    filled = 0  # the last field that is not blank
    cut = position
    newlines = 0
    while True:
        start = position
        if position < data.size and data[position] == quote:
            position, inside, closed = _quoted(data, position, quote)
            newlines += inside
            if not closed:
                return position, position, UNCLOSED_QUOTE, newlines
            if inside and position < data.size and data[position] != delimiter and data[position] != _NEWLINE:
                return position, position, UNCLOSED_QUOTE, newlines  # it ran into the next quoted field
        while position < data.size and data[position] != delimiter and data[position] != _NEWLINE:
            position += 1
        fields += 1
        if fields <= columns:
            cut = position
        if not _is_blank(data, start, position, quote):
            filled = fields
        if position == data.size or data[position] == _NEWLINE:
            break
        position += 1
    if filled == 0:
        return position, cut, BLANK, newlines
    if fields < columns:
        return position, position, TOO_FEW_FIELDS, newlines
    if filled > columns:
        return position, position, TOO_MANY_FIELDS, newlines
    return position, cut, WHOLE, newlines


@inlined
def _quoted(data: NDArray[np.uint8], position: int, quote: int) -> tuple[int, int, bool]:
    """Where the quoted text that opens at ``position`` ends (the byte after), its newlines, and if it ends at all."""
    newlines = 0
    position += 1
    while position < data.size:
        if data[position] == quote:
            if position + 1 == data.size or data[position + 1] != quote:
                return position + 1, newlines, True
            position += 1
        elif data[position] == _NEWLINE:
            newlines += 1
            if newlines > MAX_QUOTED_LINES:
                break
        position += 1
    return min(position, data.size), newlines, False


@inlined
def _is_blank(data: NDArray[np.uint8], start: int, end: int, quote: int) -> bool:
    while start < end and (data[start] <= _BLANK or data[start] == quote):
        start += 1
    return start == end


@inlined
def _line_end(data: NDArray[np.uint8], position: int) -> int:
    while position < data.size and data[position] != _NEWLINE:
        position += 1
    return position


@compiled
def _gathered(data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The records one after the other, each with its newline."""
    out = np.empty((ends - starts).sum() + starts.size, np.uint8)
    position = 0
    for record in range(starts.size):
        size = ends[record] - starts[record]
        out[position : position + size] = data[starts[record] : ends[record]]
        out[position + size] = _NEWLINE
        position += size + 1
    return out


@compiled
def _packed(
    data: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """The records without anything between them, and where each begins."""
    out = np.empty((ends - starts).sum(), np.uint8)
    offsets = np.zeros(starts.size + 1, np.int32)
    position = 0
    for record in range(starts.size):
        size = ends[record] - starts[record]
        out[position : position + size] = data[starts[record] : ends[record]]
        position += size
        offsets[record + 1] = position
    return out, offsets
