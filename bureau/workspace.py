"""Directories for work under way: gone when it ends, and when it was killed, with the next work of the kind."""

import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def workspace(prefix: str, within: Path | None = None) -> Iterator[Path]:
    """An empty directory of one's own, its name beginning with ``prefix``, ``within`` another (the system's for
    temporary files) while the block lasts.

    Whoever is killed cannot tidy up, and what is in such a directory is mostly a client's. So each is locked by who
    works in it, the kernel drops the lock with its process, and what stands there unlocked is removed first.
    """
    place = within or Path(tempfile.gettempdir())
    for left in place.glob(f"{glob.escape(prefix)}*"):
        _remove_abandoned(left)
    directory, lock = _locked(place, prefix)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        os.close(lock)


def _locked(place: Path, prefix: str) -> tuple[Path, int]:
    while True:
        directory = Path(tempfile.mkdtemp(dir=place, prefix=prefix))
        with suppress(FileNotFoundError):  # somebody who tidies up was between us and our lock
            lock = _opened(directory)
            with suppress(OSError):  # a file system without locks: then nobody removes it either
                fcntl.flock(lock, fcntl.LOCK_EX)
            if directory.exists():
                return directory, lock
            os.close(lock)


def _remove_abandoned(directory: Path) -> None:
    try:
        lock = _opened(directory)
    except OSError:  # no directory, not ours to open, or gone
        return
    try:
        if os.fstat(lock).st_uid == os.geteuid():
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(directory, ignore_errors=True)
    except OSError:  # somebody works in it
        pass
    finally:
        os.close(lock)


def _opened(directory: Path) -> int:
    return os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
