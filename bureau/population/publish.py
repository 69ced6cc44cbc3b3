"""Publishing: a snapshot is built beside the others, verified, renamed into place, and only then made current.

A build killed at any instant leaves ``CURRENT`` pointing at a whole population; its ``.building-*`` directory is
removed by the next build. Two builds at once are refused by a lock that the kernel drops with its process.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bureau.errors import BuildFailed, PopulationUnavailable
from bureau.population.manifest import NAME, FileEntry, Manifest, read_manifest
from bureau.population.reader import current_id, open_population

KEPT = 2
"""Populations kept: the newest, and the one before to roll back to. The one in use is never removed."""

_BUILDING = ".building-"
_REMOVING = ".removing-"


class Summary(msgspec.Struct, frozen=True):
    """One published population as ``bureau populations`` lists it."""

    id: str
    created_at: str
    in_use: bool
    counts: dict[str, int]


@contextmanager
def building(home: Path, population_id: str) -> Iterator[Path]:
    """An empty directory to build in, alone; removed unless it was published when the block ends."""
    populations = home / "populations"
    populations.mkdir(parents=True, exist_ok=True)
    with (populations / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BuildFailed("Another build is running in this home; wait for it to end.") from None
        for leftover in [*populations.glob(f"{_BUILDING}*"), *populations.glob(f"{_REMOVING}*")]:
            shutil.rmtree(leftover)
        directory = populations / f"{_BUILDING}{population_id}"
        try:
            for part in ("people", "companies"):
                (directory / part).mkdir(parents=True)
            yield directory
        except OSError as error:  # a full disk, above all
            raise BuildFailed(f"The build could not read or write its files: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(directory, ignore_errors=True)


def fingerprint_files(directory: Path) -> dict[str, FileEntry]:
    """Size and hash of every file, each forced to disk."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file() and path.name != NAME)
    with ThreadPoolExecutor(2) as pool:
        entries = list(pool.map(_fingerprint, paths))
    return {path.relative_to(directory).as_posix(): entry for path, entry in zip(paths, entries, strict=True)}


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """The last file: from here on the directory is a population."""
    _write_durably(directory / NAME, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    for folder in [path for path in directory.rglob("*") if path.is_dir()] + [directory]:
        _sync(folder)


def publish(home: Path, directory: Path, population_id: str) -> None:
    """Rename a verified build into place, make it current, and remove what is older than the last two."""
    populations = home / "populations"
    directory.rename(populations / population_id)
    _sync(populations)
    _point(populations, population_id)
    kept = [summary.id for summary in list_populations(home)][:KEPT]
    for summary in list_populations(home):
        if summary.id not in kept and not summary.in_use:
            # Renamed first: a removal that is killed halfway must not leave something that looks like a population.
            removed = (populations / summary.id).rename(populations / f"{_REMOVING}{summary.id}")
            shutil.rmtree(removed, ignore_errors=True)


def use(home: Path, population_id: str) -> None:
    """Make a published population current: roll back, or forward again.

    Raises PopulationUnavailable when there is none of that name, or it cannot be opened.
    """
    if population_id not in {summary.id for summary in list_populations(home)}:
        raise PopulationUnavailable(f"No published population is called {population_id}; see `bureau populations`.")
    open_population(home, population_id)
    _point(home / "populations", population_id)


def list_populations(home: Path) -> list[Summary]:
    """Published populations, newest first. One that cannot be read is listed without counts."""
    chosen, found = current_id(home), []
    for directory in sorted((home / "populations").glob("[!.]*/"), reverse=True):
        if not directory.is_dir():
            continue
        try:
            manifest = read_manifest(directory)
        except PopulationUnavailable:
            found.append(Summary(directory.name, "", directory.name == chosen, {}))
        else:
            found.append(Summary(manifest.id, manifest.created_at, manifest.id == chosen, manifest.counts))
    return found


def _point(populations: Path, population_id: str) -> None:
    with (populations / ".current.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        draft = populations / ".CURRENT.new"
        _write_durably(draft, f"{population_id}\n".encode())
        draft.replace(populations / "CURRENT")
        _sync(populations)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _fingerprint(path: Path) -> FileEntry:
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        os.fsync(file.fileno())
        while block := file.read(1 << 22):
            digest.update(block)
    return FileEntry(path.stat().st_size, digest.hexdigest())


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
