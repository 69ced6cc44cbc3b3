"""What a load did, in counts: the report a loader returns, prints and keeps as ``summary.json``.

Counts carry reasons, never values, so a report may be shown and logged anywhere.
"""

from collections import Counter
from collections.abc import Callable, Mapping

import msgspec

Progress = Callable[[str, int, int], None]
"""Called with a stage name, the bytes (or rows) done and their total; cheap enough to call for every batch."""


class LoadedFile(msgspec.Struct, frozen=True):
    """One input file. Its line (or row) n is row ``first_row + n`` of the source: 0 for a source of one file."""

    name: str
    first_row: int
    lines: int


class Release(msgspec.Struct, frozen=True):
    """One published directory ``<home>/sources/<source>/<release>/``."""

    source: str
    release: str
    files: list[LoadedFile]


class LoadReport(msgspec.Struct):
    """Everything a load has to say for itself.

    ``read`` counts the rows of data seen and ``kept`` those that could be used, by table as delivered. ``refused``
    counts rows left out, by reason (they are in ``refusals.csv``). ``unusable`` counts values set to null, by
    ``column.reason``; ``noticed`` what is worth knowing but cost nothing (unknown code, no counterpart).
    """

    kind: str
    releases: list[Release] = []
    read: dict[str, int] = {}
    kept: dict[str, int] = {}
    refused: dict[str, int] = {}
    unusable: dict[str, int] = {}
    noticed: dict[str, int] = {}
    seconds: float = 0.0
    rows_per_second: int = 0


class Tally(msgspec.Struct):
    """The counts of a load under way."""

    read: Counter[str] = msgspec.field(default_factory=Counter)
    kept: Counter[str] = msgspec.field(default_factory=Counter)
    refused: Counter[str] = msgspec.field(default_factory=Counter)
    unusable: Counter[str] = msgspec.field(default_factory=Counter)
    noticed: Counter[str] = msgspec.field(default_factory=Counter)

    def add(self, other: "Tally") -> None:
        """Take the counts of another tally on top."""
        for name in self.__struct_fields__:
            getattr(self, name).update(getattr(other, name))

    def report(self, kind: str, releases: list[Release], seconds: float) -> LoadReport:
        """Close the books; ``seconds`` is the wall-clock time of the whole load."""
        return LoadReport(
            kind=kind,
            releases=releases,
            read=_sorted(self.read),
            kept=_sorted(self.kept),
            refused=_sorted(self.refused),
            unusable=_sorted(self.unusable),
            noticed=_sorted(self.noticed),
            seconds=round(seconds, 3),
            rows_per_second=round(self.read.total() / max(seconds, 1e-9)),
        )


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in sorted(counts.items()) if count}
