"""Files in a directory of this machine, or of a file system that machines share."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.fs as pafs

from bureau.durable import synced
from bureau.errors import OutputFailed, StorageFull
from bureau.storage.folder import Folder, Found, ReadThroughArrow, Receiving

INCOMING = "incoming"
"""Where uploads are until they are whole."""


class LocalFolder(ReadThroughArrow):
    """A directory; what is read of it is mapped."""

    def __init__(self, directory: Path) -> None:
        super().__init__(pafs.LocalFileSystem(use_mmap=True), str(directory))
        self.directory = directory

    @contextmanager
    def opened(self, name: str) -> Iterator[pa.NativeFile]:
        with self._system.open_input_file(self.path(name)) as source:
            yield source

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        path = self.directory / name
        path.stat()
        yield path

    @contextmanager
    def written(self, within: str = "", last: str = "") -> Iterator[Path]:
        del last
        directory = self.directory / within
        try:
            directory.mkdir(exist_ok=True)  # its parent is there, or was purged and is not to come back
        except OSError as error:
            raise OutputFailed(f"Nothing can be written there: {error.strerror or 'unknown reason'}.") from error
        yield directory

    def found(self, name: str) -> Found | None:
        return self.found_at(name)

    def remove(self, name: str = "") -> None:
        path = self.directory / name
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


class LocalStorage:
    """A directory of directories."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def folder(self, name: str) -> Folder:
        return LocalFolder(self._directory / name)

    def folders(self) -> list[str]:
        return [entry.name for entry in _entries(self._directory) if entry.name != INCOMING]

    def changed_at(self, name: str) -> float | None:
        return _changed_at(self._directory / name)

    def receiving(self, folder: str, name: str) -> Receiving:
        return _Receiving(self._directory / INCOMING / folder, self._directory / folder, name)

    def remove_strays(self, before: float) -> None:
        for entry in _entries(self._directory / INCOMING):
            changed_at = _changed_at(entry)
            if changed_at is not None and changed_at < before:
                shutil.rmtree(entry, ignore_errors=True)


def _entries(directory: Path) -> list[Path]:
    return list(directory.iterdir()) if directory.is_dir() else []


def _changed_at(path: Path) -> float | None:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return None


class _Receiving:
    """Written beside, moved into its place when it is whole."""

    def __init__(self, directory: Path, final: Path, name: str) -> None:
        self._directory = directory
        self._final = final
        try:
            directory.mkdir(parents=True)
            self._file = (directory / name).open("wb", buffering=0)
        except OSError as error:
            raise _full(error) from None

    def write(self, data: bytes | bytearray) -> None:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise _full(error) from None
        finally:
            rest.release()

    def keep(self) -> None:
        try:
            os.fsync(self._file.fileno())
            synced(self._directory)
            self._directory.rename(self._final)
            synced(self._final.parent)
        except OSError as error:
            raise _full(error) from None

    def drop(self) -> None:
        self._file.close()
        shutil.rmtree(self._directory, ignore_errors=True)


def _full(error: OSError) -> StorageFull:
    return StorageFull(f"The file cannot be kept: {error.strerror or 'unknown reason'}.")
