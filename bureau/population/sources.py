"""Which source tables a build reads: of every source the latest release, the one whose name sorts last."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from bureau.errors import BuildFailed

BATCH_ROWS = 1 << 17


class Release(NamedTuple):
    """One source's release directory; it is always whole, because loaders rename it into place."""

    source: str
    release: str
    directory: Path

    def files(self, table: str) -> list[Path]:
        """Parquet files of ``people``, ``companies`` or ``partners``, in name order."""
        return sorted(self.directory.glob(f"{table}-*.parquet"))


def releases_in_use(home: Path) -> list[Release]:
    """The latest release of every source, in source order."""
    latest: dict[str, Release] = {}
    for directory in sorted((home / "sources").glob("*/*")):
        hidden = directory.name.startswith(".") or directory.parent.name.startswith(".")
        if directory.is_dir() and not hidden:  # a loader stages beside its release, under a hidden name
            latest[directory.parent.name] = Release(directory.parent.name, directory.name, directory)
    return list(latest.values())


def count_rows(releases: list[Release], table: str) -> int:
    """Rows of one table over the releases, from the files' footers."""
    return sum(_open(path).metadata.num_rows for release in releases for path in release.files(table))


def batches(release: Release, table: str, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """The release's rows in file order; the next batch is decoded while the caller works on this one.

    Raises BuildFailed for a file that is damaged, or whose columns are not the schema's: another version wrote it.
    """
    with ThreadPoolExecutor(1) as reader:
        for path in release.files(table):
            file = _open(path)
            if not file.schema_arrow.equals(schema):
                raise BuildFailed(f"{_shown(path)} has other columns: load the source again.")
            found = file.iter_batches(BATCH_ROWS)
            ahead = reader.submit(next, found, None)
            while (batch := _result(ahead, path)) is not None:
                ahead = reader.submit(next, found, None)
                yield batch


def _result(batch: Future[pa.RecordBatch | None], path: Path) -> pa.RecordBatch | None:
    try:
        return batch.result()
    except (OSError, pa.ArrowException) as error:
        raise BuildFailed(f"{_shown(path)} is damaged ({type(error).__name__}): load the source again.") from error


def _open(path: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(path)
    except (OSError, pa.ArrowException) as error:
        raise BuildFailed(f"{_shown(path)} is damaged ({type(error).__name__}): load the source again.") from error


def _shown(path: Path) -> str:
    return f"{path.name} of source {path.parent.parent.name}, release {path.parent.name},"
