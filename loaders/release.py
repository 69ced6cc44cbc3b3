"""A release directory appears whole or not at all.

Everything is written into a hidden staging directory beside it, synced to disk, and put in place by one rename (or,
over an existing release, by one exchange of the two names), so readers and ``kill -9`` never meet half a release.
Names beginning with a dot are never releases.
"""

import csv
import ctypes
import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from bureau.errors import InvalidArgument, LoadFailed
from loaders.report import LoadReport

ROWS_PER_FILE = 5_000_000
# Columns whose values hardly repeat: trying to code them by dictionary costs time and makes larger files.
_DISTINCT = {"row", "name", "mother_name", "legal_name", "trade_name", "tax_id", "owner_tax_id", "number"}
_STAGING = ".loading-"
_REPLACED = "-replaced"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


class Refusal(NamedTuple):
    """A row that was left out: where it stands, which column is to blame, why, and the row as it was delivered."""

    file: str
    line: int
    column: str
    reason: str
    original: str


class StagedRelease:
    """The release being written; use inside ``staged_release``."""

    def __init__(self, directory: Path, open_files: ExitStack) -> None:
        self.directory = directory
        self._open_files = open_files
        self._writers: dict[str, tuple[pq.ParquetWriter, int]] = {}
        self._parts: dict[str, int] = {}
        file = open_files.enter_context((directory / "refusals.csv").open("w", newline="", encoding="utf-8"))
        self._refusals = csv.writer(file)
        self._refusals.writerow(Refusal._fields)

    def write(self, table: str, rows: pa.RecordBatch | pa.Table, schema: pa.Schema) -> None:
        """Append rows to ``<table>-NNN.parquet``, starting a new file every few million rows."""
        writer, written = self._writers.get(table) or (self._new_file(table, schema), 0)
        writer.write(rows)
        written += rows.num_rows
        if written >= ROWS_PER_FILE:
            writer.close()
            del self._writers[table]
        else:
            self._writers[table] = writer, written

    def refuse(self, refusals: list[Refusal]) -> None:
        """Keep refused rows for their owner to mend; the file is as confidential as its source."""
        self._refusals.writerows(refusals)

    @property
    def work(self) -> Path:
        """A directory for intermediate files, on the disk of the release and gone before it is published."""
        directory = self.directory / "work"
        directory.mkdir(exist_ok=True)
        return directory

    def _new_file(self, table: str, schema: pa.Schema) -> pq.ParquetWriter:
        self._parts[table] = part = self._parts.get(table, 0) + 1
        path = self.directory / f"{table}-{part:03d}.parquet"
        repeating = [name for name in schema.names if name not in _DISTINCT]
        writer = pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=repeating)
        return self._open_files.enter_context(writer)

    def finish(self, report: LoadReport) -> None:
        """Write the summary last: it says that the rest is complete."""
        self._open_files.close()
        shutil.rmtree(self.directory / "work", ignore_errors=True)
        summary = msgspec.json.format(msgspec.json.encode(report), indent=2)
        (self.directory / "summary.json").write_bytes(summary)


@contextmanager
def staged_release(home: Path, source: str, release: str) -> Iterator[StagedRelease]:
    """Stage a release and publish it when the block ends without an error; otherwise nothing is left behind.

    Raises ``InvalidArgument`` for a name that cannot be a directory, or when another load of the same source is
    under way; ``LoadFailed`` when the disk is full or cannot be written.
    """
    target = home / "sources" / checked_name("source", source) / checked_name("release", release)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _only_load(target.parent, source):
            _remove_leftovers(target.parent)
            staging = target.parent / f"{_STAGING}{release}"
            staging.mkdir(mode=0o700)
            try:
                with ExitStack() as open_files:
                    yield StagedRelease(staging, open_files)
                _sync(staging)
                _publish(staging, target)
            finally:
                _remove_leftovers(target.parent)
    except OSError as error:
        reason = error.strerror or os.strerror(error.errno or errno.EIO)
        raise LoadFailed(f"Cannot write to {home}: {reason}. Nothing was published.") from error


def checked_name(what: str, name: str) -> str:
    """``name`` itself when it can be a directory name everywhere; ``InvalidArgument`` otherwise."""
    if not _NAME.fullmatch(name):
        raise InvalidArgument(f"The {what} name may only have letters, digits, '.', '_' and '-' (64 at most).")
    return name


@contextmanager
def _only_load(directory: Path, source: str) -> Iterator[None]:
    # The kernel drops the lock with the process, so a killed load never blocks the next one.
    with (directory / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InvalidArgument(f"Another load of source {source} is under way.") from None
        yield


def _remove_leftovers(directory: Path) -> None:
    for replaced in directory.glob(f"{_STAGING}*{_REPLACED}"):
        target = directory / replaced.name.removeprefix(_STAGING).removesuffix(_REPLACED)
        if not target.exists():  # killed between the two renames of _publish
            replaced.rename(target)
    for leftover in directory.glob(f"{_STAGING}*"):
        shutil.rmtree(leftover, ignore_errors=True)


def _sync(directory: Path) -> None:
    for path in [*directory.iterdir(), directory]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _publish(staging: Path, target: Path) -> None:
    if not target.exists():
        staging.rename(target)
    elif not _exchange(staging, target):
        # A file system without exchange: the release is missing for the instant between two renames.
        replaced = staging.with_name(f"{staging.name}{_REPLACED}")
        target.rename(replaced)
        staging.rename(target)
    _sync_names(target.parent)


def _sync_names(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    with suppress(OSError):
        os.fsync(descriptor)
    os.close(descriptor)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names in one step (Linux renameat2(2), kernel 3.15); False where that is not to be had."""
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    return bool(renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE) == 0)
