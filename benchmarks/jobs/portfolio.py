"""A customer's file of any length from labelled queries, and what is counted of files."""

import csv
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BLOCK = 8 << 20


def write_portfolio(queries: Path, target: Path, rows: int) -> None:
    """The queries over and over; each time round the house has another number: another record, of the same person."""
    with queries.open() as given, target.open("w", newline="") as made:
        header, *known = csv.reader(given)
        number = header.index("number")
        writer = csv.writer(made)
        writer.writerow(header)
        for again in range(-(-rows // len(known))):
            for cells in known[: rows - again * len(known)]:
                writer.writerow([*cells[:number], _renumbered(cells[number], again), *cells[number + 1 :]])


def _renumbered(number: str, again: int) -> str:
    return f"{number}{again}" if again else number


def rows_in(path: Path) -> int:
    """Lines below the header; the cells of these files hold no line ends. 0 for a file that is not there."""
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(_BLOCK), b"")) - 1


def refusals_of(result: Path) -> Path:
    return result.with_name(f"{result.name}.refusals.csv")


@contextmanager
def scratch_home(source: Path) -> Iterator[Path]:
    """A home of its own (database, jobs) over the population of another; in ``TMPDIR``, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="bureau-bench-"))
    home.chmod(0o755)  # under root the database runs as another user
    try:
        (home / "populations").symlink_to(source / "populations")
        shutil.copy(source / "secret", home / "secret")
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def free_gigabytes(directory: Path) -> float:
    found = os.statvfs(directory)
    return found.f_bavail * found.f_frsize / 1e9
