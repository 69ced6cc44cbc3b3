"""Where a job's files lie: one folder a job, made when its upload is whole and gone when it is purged.

``upload`` (the file as it came, until it is converted), ``rows.arrow`` and ``table.json`` (converted, see
``bureau.intake.staging``), ``parts/`` (answers of chunks, named by the claim that made them), ``results.<format>`` and
``results.<format>.refusals.csv``. The folders are in the jobs directory, or in a bucket (``bureau.storage``).
"""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

from bureau.errors import UploadTooLarge
from bureau.ids import sortable
from bureau.jobs.job import Format, Upload
from bureau.lifetime import end_with
from bureau.settings import Settings
from bureau.storage.folder import Folder, Found, Storage
from bureau.storage.local import LocalStorage
from bureau.storage.objects import ObjectStorage

UPLOAD, PARTS = "upload", "parts"
WRITE_BYTES = 1 << 20
ABANDONED_SECONDS = 86_400.0
_LONGEST_NAME = 200


class JobFiles:
    """The folders of all jobs; they must be the same for server and workers. All of it blocks."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    def of(self, job: str) -> Folder:
        return self.storage.folder(job)

    def results(self, job: str, form: Format) -> Found | None:
        return self.of(job).found(results_name(form))

    def refusals(self, job: str, form: Format) -> Found | None:
        """There only if a row was refused."""
        return self.of(job).found(refusals_name(form))

    def remove(self, job: str) -> None:
        self.of(job).remove()

    def remove_if_old(self, job: str) -> None:
        """For a folder that no job owns up to: that of an upload just received is about to get its job. One without a
        file is what S3 keeps of a directory whose last file went."""
        changed_at = self.storage.changed_at(job)
        if changed_at is None or changed_at < time.time() - ABANDONED_SECONDS:
            self.remove(job)

    def remove_stray_uploads(self) -> None:
        """What is left of uploads and of work whose processes died on the way."""
        self.storage.remove_strays(time.time() - ABANDONED_SECONDS)


def job_files(settings: Settings) -> JobFiles:
    """Where the settings say. Raises ``InvalidArgument`` for a URL that cannot be, ``StorageUnavailable``."""
    if settings.files_url is None:
        return JobFiles(LocalStorage(settings.jobs))
    return JobFiles(ObjectStorage(settings.files_url, settings.jobs / "scratch"))


def check_storage(settings: Settings) -> None:
    """Raises as :func:`job_files`, and when the bucket is not there or cannot be written: better one sentence at the
    start than jobs that wait. In a process of its own: S3's client has threads, which a server that forks its workers
    would leave in the middle of things."""
    if settings.files_url is not None:
        with ProcessPoolExecutor(1, get_context("spawn"), initializer=end_with, initargs=(os.getpid(),)) as pool:
            pool.submit(_check, settings.files_url, settings.jobs).result()


def _check(url: str, directory: Path) -> None:
    ObjectStorage(url, directory).check()


def part_name(chunk: int, claim: str, whole: bool = False) -> str:
    """In ``PARTS``; named by its claim: two workers that both think a task theirs never write to one file. ``whole``:
    with the whole answers, made afterwards (``whole_answers``)."""
    return f"{chunk:06}-{claim}{'-whole' if whole else ''}.arrow"


def results_name(form: Format) -> str:
    return f"results.{form.value}"


def refusals_name(form: Format) -> str:
    return f"{results_name(form)}.refusals.csv"


class Incoming:
    """An upload being written; as an asynchronous context it is removed unless :meth:`keep` was called."""

    def __init__(self, files: JobFiles, limit: int) -> None:
        self.job = sortable("job")
        self._storage = files.storage
        self._limit = limit
        self._digest = hashlib.blake2b(digest_size=32)
        self._size = 0
        self._buffer = bytearray()

    async def __aenter__(self) -> Self:
        self._file = await asyncio.to_thread(self._storage.receiving, self.job, UPLOAD)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._file.drop)

    async def write(self, data: bytes) -> None:
        """Raises :class:`UploadTooLarge`, ``StorageFull``, ``StorageUnavailable``."""
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

    def _flush(self) -> None:
        self._digest.update(self._buffer)
        self._file.write(self._buffer)
        self._buffer = bytearray()

    def _keep(self) -> None:
        self._flush()
        self._file.keep()


async def content(folder: Folder, name: str, start: int, length: int) -> AsyncIterator[bytes]:
    """A stretch of a file, in pieces that are read off the event loop."""
    with closing(folder.pieces(name, start, length)) as pieces:
        while piece := await asyncio.to_thread(next, pieces, b""):
            yield piece
