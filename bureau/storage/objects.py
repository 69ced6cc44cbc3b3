"""Files in a bucket of S3, or of whatever else speaks it, named by a URL.

``s3://bucket/prefix`` with ``region``, ``endpoint_override``, ``scheme`` or ``tls_ca_file_path`` in its query, which
mean what they do in Arrow's own URLs. Credentials are where S3's clients look for them (``AWS_ACCESS_KEY_ID`` …).
An object appears when its upload is complete. What a killed process had sent of one is no object; have the bucket's
lifecycle rule abort incomplete uploads after a day.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pyarrow.fs as pafs

from bureau.errors import InvalidArgument, OutputFailed, StorageUnavailable
from bureau.storage.folder import PIECE_BYTES, Folder, Found, ReadThroughArrow, Receiving

OPTIONS = ("region", "endpoint_override", "scheme", "tls_ca_file_path")
CONNECT_SECONDS = 5.0
SILENT_SECONDS = 30.0
"""How long a request may go without a byte; each is tried three times."""
_REFUSED = ("ACCESS_DENIED", "INVALID_ACCESS_KEY_ID", "SIGNATURE_DOES_NOT_MATCH", "HTTP status 403")


class ObjectFolder(ReadThroughArrow):
    """Objects whose keys begin alike; picklable. Files are made and fetched in directories under ``scratch``."""

    def __init__(self, system: pafs.FileSystem, root: str, scratch: Path) -> None:
        super().__init__(system, root)
        self._scratch = scratch

    @contextmanager
    def opened(self, name: str) -> Iterator[pa.NativeFile]:
        with _asked(), self._system.open_input_file(self.path(name)) as source:
            yield source

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        with self._directory() as directory:
            path = directory / Path(name).name
            pieces = self.pieces(name)
            with path.open("wb") as file:
                for piece in pieces:
                    file.write(piece)
            yield path

    @contextmanager
    def written(self, within: str = "", last: str = "") -> Iterator[Path]:
        with self._directory() as directory:
            yield directory
            for path in sorted(directory.iterdir(), key=lambda path: (path.name == last, path.name)):
                self._put(path, self.path(f"{within}/{path.name}" if within else path.name))

    def found(self, name: str) -> Found | None:
        with _asked():
            return self.found_at(name)

    def remove(self, name: str = "") -> None:
        with _asked(), suppress(FileNotFoundError):
            if self.found_at(name):
                self._system.delete_file(self.path(name))
            else:
                self._system.delete_dir(self.path(name))

    @contextmanager
    def _directory(self) -> Iterator[Path]:
        try:
            self._scratch.mkdir(parents=True, exist_ok=True)
            directory = Path(tempfile.mkdtemp(dir=self._scratch))
        except OSError as error:
            raise OutputFailed(f"There is no room to work in: {error.strerror or 'unknown reason'}.") from error
        try:
            yield directory
        finally:
            shutil.rmtree(directory, ignore_errors=True)

    def _put(self, source: Path, path: str) -> None:
        with source.open("rb") as file, _sending(self._system, path) as stream:
            while piece := file.read(PIECE_BYTES):
                stream.write(piece)


class ObjectStorage:
    """A bucket, or what is in it under a prefix."""

    def __init__(self, url: str, scratch: Path) -> None:
        """Raises ``InvalidArgument`` for a URL that cannot be, ``StorageUnavailable`` when the bucket's region has to
        be found out and cannot. ``scratch`` is a directory of this machine."""
        self._root, options = _read(url)
        self._scratch = scratch
        with _asked():
            self._system = _connected(self._root.partition("/")[0], options)

    def folder(self, name: str) -> Folder:
        return ObjectFolder(self._system, f"{self._root}/{name}", self._scratch)

    def folders(self) -> list[str]:
        with _asked():
            infos = self._system.get_file_info(pafs.FileSelector(self._root, allow_not_found=True))
        return [info.base_name for info in infos if info.type == pafs.FileType.Directory]

    def changed_at(self, name: str) -> float | None:
        within = pafs.FileSelector(f"{self._root}/{name}", allow_not_found=True, recursive=True)
        with _asked():
            infos = self._system.get_file_info(within)
        return max((info.mtime_ns / 1e9 for info in infos if info.type == pafs.FileType.File), default=None)

    def receiving(self, folder: str, name: str) -> Receiving:
        directory = f"{self._root}/{folder}"
        return _Sending(self._system, f"{directory}/{name}", directory)

    def remove_strays(self, before: float) -> None:
        """Directories of this machine; no object is ever half there."""
        for entry in self._scratch.iterdir() if self._scratch.is_dir() else ():
            with suppress(FileNotFoundError):
                if entry.stat().st_mtime < before:
                    shutil.rmtree(entry, ignore_errors=True)

    def check(self) -> None:
        """Write a file, read it and remove it; raises ``InvalidArgument`` when there is no such bucket,
        ``StorageUnavailable`` when it cannot be reached or used."""
        bucket = self._root.partition("/")[0]
        with _asked():
            if self._system.get_file_info(bucket).type == pafs.FileType.NotFound:
                raise InvalidArgument("BUREAU_FILES_URL: there is no such bucket, or it is not ours to see.")
            path = f"{self._root}/check-{time.time_ns():x}"
            with self._system.open_output_stream(path) as stream:
                stream.write(b"bureau")
            self._system.delete_file(path)


class _Sending:
    """An upload in parts as they come. It becomes an object even if it is given up, for Arrow cannot say otherwise;
    then it is removed at once (with its ``directory``, if it is alone there), and nobody has heard of it."""

    def __init__(self, system: pafs.FileSystem, path: str, directory: str | None = None) -> None:
        self._system = system
        self._path = path
        self._directory = directory
        self._kept = False
        with _asked():
            self._stream = system.open_output_stream(path)

    def write(self, data: bytes | bytearray) -> None:
        with _asked():
            self._stream.write(data)

    def keep(self) -> None:
        with _asked():
            self._stream.close()
        self._kept = True

    def drop(self) -> None:
        if not self._kept:
            with suppress(OSError):
                self._stream.close()
            with suppress(OSError):  # delete_file would leave an empty object in the name of the directory
                self._system.delete_dir(self._directory) if self._directory else self._system.delete_file(self._path)


@contextmanager
def _sending(system: pafs.FileSystem, path: str) -> Iterator[Receiving]:
    sent = _Sending(system, path)
    try:
        yield sent
        sent.keep()
    finally:
        sent.drop()


@contextmanager
def _asked() -> Iterator[None]:
    """Arrow's errors as ours; its messages name hosts and keys and are not for clients."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        refused = any(word in str(error) for word in _REFUSED)
        why = "it refuses our credentials" if refused else "it cannot be reached, or does not answer as it should"
        raise StorageUnavailable(f"The storage of files cannot be used: {why}.") from error


def _read(url: str) -> tuple[str, dict[str, str]]:
    """Bucket and prefix, and the options of the query."""
    wrong = "BUREAU_FILES_URL: expected s3://bucket/prefix"
    try:
        parts = urlsplit(url)
        given = parse_qs(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        raise InvalidArgument(f"{wrong}.") from None
    if parts.scheme != "s3" or not parts.netloc or parts.fragment:
        raise InvalidArgument(f"{wrong}.")
    if "@" in parts.netloc:
        raise InvalidArgument(f"{wrong} without credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    if ":" in parts.netloc:
        raise InvalidArgument(f"{wrong}; a server is named by ?endpoint_override=host:port.")
    if [name for name, values in given.items() if name not in OPTIONS or len(values) != 1 or not values[0]]:
        raise InvalidArgument(f"{wrong}; its options are {', '.join(OPTIONS)}, each once.")
    options = {name: values[0] for name, values in given.items()}
    if options.get("scheme", "https") not in ("http", "https"):
        raise InvalidArgument(f"{wrong}; scheme is http or https.")
    return "/".join([parts.netloc, *filter(None, parts.path.split("/"))]), options


def _connected(bucket: str, options: Mapping[str, str]) -> pafs.FileSystem:
    region = options.get("region")
    if region is None and "endpoint_override" not in options:
        region = pafs.resolve_s3_region(bucket)
    return pafs.S3FileSystem(
        **{**options, "region": region},
        background_writes=False,  # otherwise what a slow server has not taken yet piles up in memory
        allow_delayed_open=True,  # a small file is one request
        connect_timeout=CONNECT_SECONDS,
        request_timeout=SILENT_SECONDS,
    )
