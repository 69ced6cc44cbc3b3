"""What a table file is: its form by content rather than by name, and for delimited text its dialect.

Files come from Excel in Portuguese (``;``, Windows-1252, ``sep=;`` first line), core systems and English tools
alike; see the tests for the zoo. Only the start of a file is parsed, but all of it is read once to tell UTF-8 from
a single-byte encoding: one accent in the last row decides, and decoding runs at disk speed.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import msgspec

from bureau.errors import UnreadableInput
from bureau.intake.packed import is_workbook

SAMPLE_BYTES = 256 * 1024
DELIMITERS = ";,\t|"
_BLOCK = 1 << 20
_MOST_TITLES = 10
_SEPARATOR_LINE = "sep="  # Excel's own way to declare the delimiter
_FOREIGN = {
    b"PK\x03\x04": "is a damaged spreadsheet or a zip archive; save it as CSV or unpack it first",
    b"\x1f\x8b": "is compressed with gzip; unpack it first",
    b"\x28\xb5\x2f\xfd": "is compressed with Zstandard; unpack it first",
    b"BZh": "is compressed with bzip2; unpack it first, or use gzip, zip or Zstandard",
    b"\xfd7zXZ": "is compressed with xz; unpack it first, or use gzip, zip or Zstandard",
    b"7z\xbc\xaf": "is a 7-Zip archive; unpack it first, or use gzip, zip or Zstandard",
    b"Rar!": "is a RAR archive; unpack it first, or use gzip, zip or Zstandard",
    b"\xd0\xcf\x11\xe0": "is an old or encrypted Excel workbook; save it as XLSX without a password, or as CSV",
    b"%PDF": "is a PDF document, not a table",
}

_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x19\x1b-\x1f]")  # but for NUL and the old end mark, which exports have
_MOST_CONTROL = 0.02  # of random bytes, and of compressed ones, a tenth


class Form(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"
    JSON_LINES = "jsonl"
    XLSX = "xlsx"
    FIXED_WIDTH = "fixed"


class Dialect(msgspec.Struct, frozen=True):
    """How a delimited text file is written.

    ``encoding`` is a Python codec (``utf-8``, ``utf-8-sig``, ``utf-16``, ``cp1252`` or ``latin-1``). ``quote`` is
    empty when quotes are ordinary characters. The header is the first line after ``skip_lines`` lines; its names are
    stripped of outer blanks, nothing else. ``line_end`` is what the file itself uses. A file that is not ``headed``
    begins with a row; its ``header`` was made up.
    """

    delimiter: str
    encoding: str
    quote: str
    skip_lines: int
    header: tuple[str, ...]
    line_end: str
    headed: bool = True


def form_of(path: Path) -> Form:
    """Tell the form by content; raises ``UnreadableInput`` for what is no table, with what to do about it."""
    start = _start(path, 4096)
    if start.startswith(b"PK\x03\x04") and is_workbook(path):
        return Form.XLSX
    for magic, sentence in _FOREIGN.items():
        if start.startswith(magic):
            raise UnreadableInput(f"{path.name} {sentence}.")
    if start.startswith(b"PAR1"):
        return Form.PARQUET
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if re.match(rb"\[\s*\{", text):
        raise UnreadableInput(f"{path.name} is one JSON array; write one object a line (JSON Lines).")
    return Form.JSON_LINES if text.startswith(b"{") else Form.CSV


def sniff(path: Path) -> Dialect:
    """Detect the dialect of a delimited text file with a header line.

    Raises ``UnreadableInput`` when the file is missing, empty, binary, or has no header.
    """
    start = _start(path, SAMPLE_BYTES)
    encoding = _encoding(path, start)
    # NUL bytes inside lines are common in register files; whoever reads the rows drops them likewise.
    text = start.decode(encoding, errors="ignore").replace("\0", "")
    lines = text.splitlines(keepends=True)
    if len(start) == SAMPLE_BYTES and len(lines) > 1:
        lines.pop()  # cut in the middle
    skip, declared = _preamble(lines)
    body = lines[skip:]
    if not body:
        raise UnreadableInput(f"{path.name} holds no header line.")
    line_end = next((end for end in ("\r\n", "\n", "\r") if body[0].endswith(end)), "\n")
    delimiter, quote = _layout(body, declared)
    try:
        header = tuple(cell.strip() for cell in next(_rows(body, delimiter, quote)))
    except csv.Error:
        raise UnreadableInput(f"{path.name} is not a table: its first line is too long for a header.") from None
    return Dialect(delimiter, encoding, quote, skip, header, line_end)


def text_start(path: Path) -> tuple[str, list[str]]:
    """The encoding of a text file and its first lines, without their ends; raises ``UnreadableInput`` as above."""
    start = _start(path, SAMPLE_BYTES)
    encoding = _encoding(path, start)
    lines = start.decode(encoding, errors="ignore").splitlines()
    return encoding, lines[:-1] if len(start) == SAMPLE_BYTES and len(lines) > 1 else lines


def _start(path: Path, size: int) -> bytes:
    try:
        with path.open("rb") as file:
            start = file.read(size)
    except FileNotFoundError:
        raise UnreadableInput(f"{path} does not exist.") from None
    except IsADirectoryError:
        raise UnreadableInput(f"{path} is a directory; name the files in it.") from None
    except OSError as error:
        raise UnreadableInput(f"{path.name} cannot be read: {error.strerror}.") from error
    if not start.strip(b"\0 \t\r\n"):
        raise UnreadableInput(f"{path.name} is empty.")
    return start


def _encoding(path: Path, start: bytes) -> str:
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if _is_utf8(path):
        return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"
    if start.count(0) * 10 > len(start) or len(_CONTROL.findall(start)) > len(start) * _MOST_CONTROL:
        raise UnreadableInput(f"{path.name} is a binary file, not a table.")
    # cp1252 leaves five bytes undefined; a file that uses one of them can only be read as Latin-1.
    undefined = bytes((0x81, 0x8D, 0x8F, 0x90, 0x9D))
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            if len(block.translate(None, undefined)) != len(block):
                return "latin-1"
    return "cp1252"


def _is_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while block := file.read(_BLOCK):
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def _preamble(lines: list[str]) -> tuple[int, str | None]:
    """How many lines precede the header (blank ones and ``sep=``), and the delimiter they declare."""
    declared = None
    for number, line in enumerate(lines):
        text = line.strip(" \r\n\ufeff").strip('"')
        if text.lower().startswith(_SEPARATOR_LINE) and len(text) <= len(_SEPARATOR_LINE) + 1:
            declared = text[len(_SEPARATOR_LINE) :] or None
        elif text:
            return number + _titles(lines[number:]), declared
    return len(lines), declared


def _titles(lines: list[str]) -> int:
    """How many lines precede the header as titles: what holds no delimiter, above lines that hold equally many."""
    for number, line in enumerate(lines[:_MOST_TITLES]):
        below = [other for other in lines[number + 1 : number + 1 + _MOST_TITLES] if other.strip()]
        counts = [Counter(other.count(delimiter) for other in below).most_common(1) for delimiter in DELIMITERS]
        usual = {d: count[0] for d, count in zip(DELIMITERS, counts, strict=True) if count and count[0][0] > 0}
        if not line.strip():
            continue
        if not any(found * 2 > len(below) and delimiter not in line for delimiter, (_, found) in usual.items()):
            return number
        if any(delimiter in line for delimiter in usual):
            return number
    return 0


def _layout(lines: list[str], declared: str | None) -> tuple[str, str]:
    """The delimiter and quote under which most lines are rows as wide as the header; quoting wins a tie."""
    layouts = [(delimiter, quote) for delimiter in declared or DELIMITERS for quote in ('"', "")]
    return max(layouts, key=lambda layout: _regularity(lines, *layout))


def _regularity(lines: list[str], delimiter: str, quote: str) -> tuple[float, bool, int]:
    try:
        widths = [len(row) for row in _rows(lines, delimiter, quote) if row]
    except csv.Error:  # a stray quote swallowed everything up to the end of the sample
        return 0.0, False, 0
    if not widths or widths[0] < 2:
        return 0.0, bool(quote), 1
    return round(widths.count(widths[0]) / len(lines), 1), bool(quote), widths[0]


def _rows(lines: list[str], delimiter: str, quote: str) -> Iterator[list[str]]:
    if quote:
        return csv.reader(lines, delimiter=delimiter, quotechar=quote)
    return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
