"""Compressed files (gzip, zip, Zstandard, by content) unpacked to disk before anything else looks at them.

Every form is read more than once and from the middle, which compressed streams do not allow. What comes out is
bounded, so that a small upload cannot fill the disk.
"""

import gzip
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

import msgspec
import zstandard

from bureau.errors import OutputFailed, UnreadableInput
from bureau.workspace import workspace

_BLOCK = 1 << 20
_WIDEST_WINDOW = 128 << 20  # Zstandard's own limit for files that do not say otherwise; more is memory for nothing


class Bounds(msgspec.Struct, frozen=True):
    """What a compressed file may become: ``most`` bytes, and beyond ``free`` bytes at most ``ratio`` times its size
    (tables compress 5 to 20 times; a bomb a thousand times)."""

    most: int = 20 << 30
    free: int = 100 << 20
    ratio: int = 200


@contextmanager
def unpacked(path: Path, scratch: Path | None = None, bounds: Bounds | None = None) -> Iterator[Path]:
    """The file itself, or what is packed in it, under ``scratch`` (default: the system's place) while the block lasts.

    Raises ``UnreadableInput`` for what is damaged, encrypted, too much, or holds no single file.
    """
    require_ordinary(path)
    packing = _packing(path)
    if not packing:
        yield path
        return
    with workspace("bureau-unpacked-", scratch) as directory:
        plain = directory / _plain_name(path)
        try:
            with _stream(path, packing) as packed:
                _copy(packed, plain, path, bounds or Bounds())
        except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, zstandard.ZstdError, EOFError):
            raise UnreadableInput(f"{path.name} is damaged: it cannot be unpacked to the end.") from None
        if _packing(plain):
            raise UnreadableInput(f"{path.name} is packed twice; unpack it once.")
        yield plain


def require_ordinary(path: Path) -> None:
    """Raises ``UnreadableInput`` for a pipe or a device; whoever reads a directory, or nothing, says so better."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise UnreadableInput(f"{path} is no ordinary file: it is read more than once, so save it to one first.")


def is_workbook(path: Path) -> bool:
    """Whether a zip archive is an Excel workbook; a damaged one is not."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.lower() == "xl/workbook.xml" for name in archive.namelist())
    except (zipfile.BadZipFile, OSError):
        return False


def _packing(path: Path) -> str:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError:
        return ""  # whoever reads the file says it better
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    if start == b"\x28\xb5\x2f\xfd":
        return "zstd"
    return "zip" if start == b"PK\x03\x04" and not is_workbook(path) else ""


@contextmanager
def _stream(path: Path, packing: str) -> Iterator[IO[bytes]]:
    if packing == "gzip":
        with gzip.open(path) as stream:
            yield cast(IO[bytes], stream)
    elif packing == "zstd":
        decompressor = zstandard.ZstdDecompressor(max_window_size=_WIDEST_WINDOW)
        with path.open("rb") as file, decompressor.stream_reader(file, read_across_frames=True) as reader:
            yield reader
    else:
        with zipfile.ZipFile(path) as archive, archive.open(_only_member(archive, path)) as stream:
            yield stream


def _only_member(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    """The one file of an archive; what macOS and hidden folders add does not count."""
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not any(part.startswith((".", "__MACOSX")) for part in Path(member.filename).parts)
    ]
    if len(members) != 1:
        raise UnreadableInput(f"{path.name} holds {len(members)} files; send each table by itself.")
    if members[0].flag_bits & 1:
        raise UnreadableInput(f"{path.name} is encrypted; send it without a password.")
    return members[0]


def _copy(packed: IO[bytes], plain: Path, path: Path, bounds: Bounds) -> None:
    allowed = min(bounds.most, max(bounds.free, bounds.ratio * path.stat().st_size))
    written = 0
    try:
        with plain.open("wb") as file:
            while block := packed.read(_BLOCK):
                written += len(block)
                if written > allowed:
                    raise UnreadableInput(f"{path.name} unpacks to more than {allowed >> 20:,} MB: that is no table.")
                file.write(block)
    except OSError as error:
        if isinstance(error, gzip.BadGzipFile):
            raise
        raise OutputFailed(f"{path.name} cannot be unpacked: {error.strerror or 'unknown reason'}.") from error


def _plain_name(path: Path) -> str:
    """The packed file's name without its last suffix, for messages."""
    return re.sub(r"[^\w.-]", "_", path.stem) or "table"
