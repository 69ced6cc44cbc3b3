"""Where a job's files lie: one directory a job, made when its upload is whole and gone when it is purged.

``<jobs>/incoming/<job>`` is an upload on its way. Then ``<jobs>/<job>/``: ``upload`` (the file as it came, until it is
converted), ``rows.arrow`` and ``table.json`` (converted, see ``bureau.intake.staging``), ``parts/``
(answers of chunks, named by the claim that made them), ``results.<format>`` and ``results.<format>.refusals.csv``.
"""

import asyncio
import hashlib
import os
import shutil
import time
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Self

from bureau.durable import synced
from bureau.errors import StorageFull, UploadTooLarge
from bureau.ids import sortable
from bureau.jobs.job import Format, Upload

INCOMING = "incoming"
WRITE_BYTES = 1 << 20
ABANDONED_SECONDS = 86_400.0
_LONGEST_NAME = 200


class JobFiles:
    """The directory of all jobs; it must be the same for server and workers."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def of(self, job: str) -> Path:
        return self.directory / job

    def upload(self, job: str) -> Path:
        return self.of(job) / "upload"

    def part(self, job: str, chunk: int, claim: str) -> Path:
        """Named by its claim: two workers that both think a task theirs never write to one file."""
        return self.of(job) / "parts" / f"{chunk:06}-{claim}.arrow"

    def results(self, job: str, form: Format) -> Path:
        return self.of(job) / f"results.{form.value}"

    def refusals(self, job: str, form: Format) -> Path:
        """There only if a row was refused."""
        return self.of(job) / f"results.{form.value}.refusals.csv"

    def remove(self, job: str) -> None:
        shutil.rmtree(self.of(job), ignore_errors=True)

    def remove_parts(self, job: str) -> None:
        shutil.rmtree(self.of(job) / "parts", ignore_errors=True)

    def abandoned(self) -> list[str]:
        """Names of directories that are older than a day; those without a job are nobody's (see ``housekeeping``)."""
        before = time.time() - ABANDONED_SECONDS
        entries = self.directory.iterdir() if self.directory.is_dir() else ()
        return [entry.name for entry in entries if entry.name != INCOMING and _age(entry) < before]

    def remove_stray_uploads(self) -> None:
        """Uploads whose server died on the way."""
        before = time.time() - ABANDONED_SECONDS
        incoming = self.directory / INCOMING
        for entry in incoming.iterdir() if incoming.is_dir() else ():
            if _age(entry) < before:
                shutil.rmtree(entry, ignore_errors=True)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return time.time()


class Incoming:
    """An upload being written; as an asynchronous context it is removed unless :meth:`keep` was called."""

    def __init__(self, files: JobFiles, limit: int) -> None:
        self.job = sortable("job")
        self._final = files.of(self.job)
        self._directory = files.directory / INCOMING / self.job
        self._limit = limit
        self._digest = hashlib.blake2b(digest_size=32)
        self._size = 0
        self._buffer = bytearray()

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._open)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        await asyncio.to_thread(shutil.rmtree, self._directory, ignore_errors=True)

    async def write(self, data: bytes) -> None:
        """Raises :class:`UploadTooLarge`, :class:`StorageFull`."""
        self._size += len(data)
        if self._size > self._limit:
            raise UploadTooLarge(f"A file may have at most {self._limit} bytes.")
        self._buffer += data
        if len(self._buffer) >= WRITE_BYTES:
            await asyncio.to_thread(self._flush)

    async def keep(self, name: str) -> Upload:
        """Make it durable in its place. ``name`` is the client's, used for messages and nothing else."""
        await asyncio.to_thread(self._keep)
        shown = "".join(character for character in name if character.isprintable())[-_LONGEST_NAME:]
        return Upload(self.job, shown or "upload", self._size, self._digest.digest())

    def _open(self) -> None:
        try:
            self._directory.mkdir(parents=True)
            self._file = (self._directory / "upload").open("wb", buffering=0)
        except OSError as error:
            raise _full(error) from None

    def _flush(self) -> None:
        self._digest.update(self._buffer)
        try:
            rest = memoryview(self._buffer)
            while rest:
                rest = rest[self._file.write(rest) :]
            rest.release()
        except OSError as error:
            raise _full(error) from None
        self._buffer = bytearray()

    def _keep(self) -> None:
        self._flush()
        try:
            os.fsync(self._file.fileno())
            synced(self._directory)
            self._directory.rename(self._final)
            synced(self._final.parent)
        except OSError as error:
            raise _full(error) from None


def _full(error: OSError) -> StorageFull:
    return StorageFull(f"The file cannot be kept: {error.strerror or 'unknown reason'}.")


async def content(path: Path, start: int, length: int) -> AsyncIterator[bytes]:
    """A stretch of a file, in pieces that are read off the event loop."""
    with await asyncio.to_thread(path.open, "rb") as file:
        file.seek(start)
        while length > 0:
            piece = await asyncio.to_thread(file.read, min(length, WRITE_BYTES))
            if not piece:
                return
            length -= len(piece)
            yield piece
