"""Files that appear whole under their name or not at all, and are still there after a power cut."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bureau.errors import OutputFailed
from bureau.workspace import workspace


@contextmanager
def staged(path: Path, what: str = "The result") -> Iterator[Path]:
    """A place beside ``path``, moved there (over what was there) when the block ends well, removed otherwise.

    Everybody who writes to ``path`` has a place of their own: of two at once the last one's file is there in the end,
    whole. Raises ``OutputFailed`` about ``what`` when it cannot be written.
    """
    path = path.resolve() if path.is_symlink() else path  # the link stays, what it names is replaced
    beside = f".{path.name}."
    try:
        with workspace(beside, path.parent) as place:
            partial = place / path.name
            yield partial
            synced(partial, os.O_RDWR)
            partial.replace(path)
            synced(path.parent)
    except OSError as error:
        if error.filename is not None and f"/{beside}" not in str(error.filename):
            raise  # not ours: something else could not be read or written meanwhile
        reason = error.strerror or "unknown reason"
        raise OutputFailed(f"{what} cannot be written to {path.parent}: {reason}.") from error


def synced(path: Path, flags: int = os.O_RDONLY) -> None:
    """Return when a file's content, or a directory's entries, are on disk."""
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
