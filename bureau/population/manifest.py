"""``manifest.json``: what a snapshot holds. It is written last, so a directory without one is no population."""

from pathlib import Path

import msgspec

from bureau.errors import PopulationUnavailable

SCHEMA = 2
"""Raised whenever a reader of the old layout would misread the new one. 2: counts_*, neighbours_*, affiliations."""

NAME = "manifest.json"


class FileEntry(msgspec.Struct, frozen=True):
    """``blake2b`` is the 128-bit hexadecimal digest of the whole file."""

    bytes: int
    blake2b: str


class ReleaseUsed(msgspec.Struct, frozen=True):
    """One release read, and the rows it brought to each table.

    Row by row, ``lineage/<table>/<source>_rows.npy`` says which source row became ``<source>_entities.npy``.
    """

    source: str
    release: str
    rows: dict[str, int]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Bit i of every ``sources`` mask in the arrays means ``sources[i]``.

    ``counts`` are rows, entities, records, claims and what linking refused; ``seconds`` are wall-clock per stage;
    ``peak_memory_bytes`` is the builder's largest resident set.
    """

    id: str
    schema: int
    created_at: str
    sources: list[str]
    releases: list[ReleaseUsed]
    counts: dict[str, int]
    files: dict[str, FileEntry]
    seconds: dict[str, float]
    peak_memory_bytes: int


def read_manifest(directory: Path) -> Manifest:
    """The manifest of one snapshot directory; PopulationUnavailable when missing, damaged or of another schema."""
    try:
        manifest = msgspec.json.decode((directory / NAME).read_bytes(), type=Manifest)
    except OSError:
        raise PopulationUnavailable(f"Population {directory.name} does not exist or has no manifest.") from None
    except msgspec.DecodeError:
        raise PopulationUnavailable(f"The manifest of population {directory.name} is damaged.") from None
    if manifest.schema != SCHEMA:
        raise PopulationUnavailable(
            f"Population {directory.name} has schema {manifest.schema}, this version reads {SCHEMA}: build again."
        )
    return manifest
