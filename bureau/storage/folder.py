"""What every storage can do; all of it blocks."""

from abc import ABC, abstractmethod
from collections.abc import Generator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa
import pyarrow.fs as pafs

PIECE_BYTES = 4 << 20


class Found(NamedTuple):
    """A file that is there: its bytes, and a tag that is another when it is written anew."""

    size: int
    tag: str


class Folder(Protocol):
    """Files that belong together, by name (``parts/3.arrow``); they go together too."""

    def opened(self, name: str) -> AbstractContextManager[pa.NativeFile]:
        """To be read at random. Raises ``FileNotFoundError``."""

    def pieces(self, name: str, start: int = 0, length: int | None = None) -> Generator[bytes]:
        """A stretch of a file (None: to its end), ``PIECE_BYTES`` at a time. Raises ``FileNotFoundError``."""

    def fetched(self, name: str) -> AbstractContextManager[Path]:
        """The file under a path, which has room beside it, while the block lasts. Raises ``FileNotFoundError``."""

    def written(self, within: str = "", last: str = "") -> AbstractContextManager[Path]:
        """A directory to make files in, each whole by a rename (``bureau.durable.staged``). All are in the folder (or
        ``within`` it), for good, when the block has ended; where they get there one by one, ``last`` is the last.
        Raises ``OutputFailed``, also for a folder that was removed meanwhile where that is known."""

    def found(self, name: str) -> Found | None: ...

    def remove(self, name: str = "") -> None:
        """A file, or all whose names begin with ``name`` and a slash, or the whole folder; none is no error."""


class Receiving(Protocol):
    """A file on its way into a folder of its own, which is there once it is kept."""

    def write(self, data: bytes | bytearray) -> None: ...

    def keep(self) -> None:
        """Durable when this returns."""

    def drop(self) -> None:
        """Let go of whatever is open; unless it was kept, nothing stays."""


class Storage(Protocol):
    """Folders by name."""

    def folder(self, name: str) -> Folder: ...

    def folders(self) -> list[str]: ...

    def changed_at(self, name: str) -> float | None:
        """When a file of the folder was last written, in seconds since 1970; None when there is none."""

    def receiving(self, folder: str, name: str) -> Receiving:
        """Begin to receive a file; raises ``StorageFull``."""

    def remove_strays(self, before: float) -> None:
        """What was begun before that moment by somebody who died on the way."""


class ReadThroughArrow(ABC):
    """What is the same wherever Arrow reads; ``root`` is a path of its file system."""

    def __init__(self, system: pafs.FileSystem, root: str) -> None:
        self._system = system
        self._root = root

    def path(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root

    @abstractmethod
    def opened(self, name: str) -> AbstractContextManager[pa.NativeFile]: ...

    def pieces(self, name: str, start: int = 0, length: int | None = None) -> Generator[bytes]:
        with self.opened(name) as source:
            source.seek(start)
            left = source.size() - start if length is None else length
            while left > 0 and (piece := source.read(min(left, PIECE_BYTES))):
                left -= len(piece)
                yield piece

    def found_at(self, name: str) -> Found | None:
        info = self._system.get_file_info(self.path(name))
        return Found(info.size, f"{info.mtime_ns:x}-{info.size:x}") if info.type == pafs.FileType.File else None
