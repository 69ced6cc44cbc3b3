"""Counters and histograms in the Prometheus text format, added up over all workers of a server.

All series are declared before the first is counted, so each has its place in an array of doubles. A worker maps its
array to a file of its own, to which nobody else writes; whoever is asked for ``/metrics`` adds the files up, those of
workers that ended included (a counter may not go back). Declared series also bound what is kept: a label is an
operation or a status, never a client or anything a request carries.
"""

import hashlib
import itertools
import mmap
import os
import shutil
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

OTHER = "other"
"""The label value that undeclared ones are counted under."""


class Counter(msgspec.Struct, frozen=True):
    """Something that only grows. ``labels``: name → the values that are told apart."""

    name: str
    about: str
    labels: dict[str, tuple[str, ...]] = {}


class Histogram(msgspec.Struct, frozen=True):
    """Seconds, or another measure, counted into buckets that end at ``bounds``."""

    name: str
    about: str
    bounds: tuple[float, ...]
    labels: dict[str, tuple[str, ...]] = {}


Family = Counter | Histogram
Cell = int


class Metrics:
    """The declared families of one worker, kept in ``directory`` or, without one, in memory only."""

    def __init__(self, families: Sequence[Family], directory: Path | None = None) -> None:
        self._families = {family.name: family for family in families}
        self._bounds = {family.name: family.bounds for family in families if isinstance(family, Histogram)}
        self._cells: dict[tuple[str, ...], Cell] = {}
        size = 0
        for family in families:
            for values in _combinations(family):
                self._cells[family.name, *values] = size
                size += _width(family)
        self._bytes = 8 * max(size, 1)
        self._directory = directory
        # Only arrays of the same layout are added up; a rolling upgrade has two.
        self._layout = hashlib.blake2b(msgspec.json.encode(list(families)), digest_size=8).hexdigest()
        self._values = memoryview(self._mapped()).cast("d")

    def add(self, name: str, *values: str, amount: float = 1.0) -> None:
        """Count ``amount`` more of a counter; ``values`` in the order its labels were declared."""
        self._values[self._cell(name, values)] += amount

    def observe(self, name: str, *values: str, measure: float) -> None:
        """Count one measure into its bucket (a bound belongs to the bucket it ends)."""
        bounds = self._bounds[name]
        cell = self._cell(name, values)
        self._values[cell + bisect_left(bounds, measure)] += 1
        self._values[cell + len(bounds) + 1] += measure

    def exposition(self) -> str:
        """What ``/metrics`` answers (Prometheus text format 0.0.4)."""
        values = self._added_up()
        lines = []
        for family in self._families.values():
            lines.append(f"# HELP {family.name} {family.about}")
            lines.append(f"# TYPE {family.name} {'counter' if isinstance(family, Counter) else 'histogram'}")
            for labels in _combinations(family):
                cell = self._cells[family.name, *labels]
                lines += _samples(family, labels, values[cell : cell + _width(family)])
        return "\n".join(lines) + "\n"

    def _cell(self, name: str, values: tuple[str, ...]) -> Cell:
        cell = self._cells.get((name, *values))
        if cell is None:
            declared = self._families[name].labels.values()
            values = tuple(v if v in known else OTHER for v, known in zip(values, declared, strict=True))
            cell = self._cells[name, *values]
        return cell

    def _mapped(self) -> mmap.mmap:
        if self._directory is None:
            return mmap.mmap(-1, self._bytes)
        self._directory.mkdir(parents=True, exist_ok=True)
        file = self._directory / f"{self._layout}-{os.getpid()}"
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            os.truncate(descriptor, self._bytes)  # of a worker that had this process id before, the counts go on
            return mmap.mmap(descriptor, self._bytes)
        finally:
            os.close(descriptor)

    def _added_up(self) -> Sequence[float]:
        if self._directory is None:
            return self._values.tolist()
        files = self._directory.glob(f"{self._layout}-*")
        arrays = [memoryview(content).cast("d") for file in files if len(content := file.read_bytes()) == self._bytes]
        return [sum(column) for column in zip(*arrays, strict=True)]


def forget(directory: Path) -> None:
    """Start counting anew; for the process that starts the workers, before it does."""
    shutil.rmtree(directory, ignore_errors=True)


def _combinations(family: Family) -> Iterator[tuple[str, ...]]:
    return itertools.product(*((*values, OTHER) for values in family.labels.values()))


def _width(family: Family) -> int:
    return 1 if isinstance(family, Counter) else len(family.bounds) + 2  # one bucket without end, and the sum


def _samples(family: Family, values: tuple[str, ...], cells: Sequence[float]) -> Iterator[str]:
    labels = [f'{name}="{value}"' for name, value in zip(family.labels, values, strict=True)]
    if isinstance(family, Counter):
        yield _sample(family.name, labels, cells[0])
        return
    *buckets, total = cells
    ends = [*map(str, family.bounds), "+Inf"]
    for end, count in zip(ends, itertools.accumulate(buckets), strict=True):
        yield _sample(f"{family.name}_bucket", [*labels, f'le="{end}"'], count)
    yield _sample(f"{family.name}_sum", labels, total)
    yield _sample(f"{family.name}_count", labels, sum(buckets))


def _sample(name: str, labels: list[str], value: float) -> str:
    return f"{name}{{{','.join(labels)}}} {value:.17g}" if labels else f"{name} {value:.17g}"
