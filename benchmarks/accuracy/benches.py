"""The tasks, and which systems do how much of each.

Whoever cannot answer all records of a task within ``LIMITS`` is asked the first so many of the same ones; how many was
found by trying, and is said in every table. Whoever does not even get ready in that time is reported so.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from benchmarks.accuracy import febrl
from benchmarks.accuracy.apart import Limits
from benchmarks.accuracy.labelled import labelled
from benchmarks.accuracy.one import SYSTEMS
from benchmarks.accuracy.task import Task
from loaders.synthetic import SyntheticOptions, generate

LIMITS = Limits(minutes=10, memory_bytes=16_000_000_000)


class Bench(NamedTuple):
    """A task, and how many of its records each system is asked; None is all."""

    name: str
    task: Callable[[Path], Task]
    systems: dict[str, int | None]
    limits: Limits = LIMITS


def benches() -> list[Bench]:
    """Every task, FEBRL's first."""
    peers = [name for name in SYSTEMS if not name.startswith("Bureau")]
    on_febrl = dict.fromkeys(["Bureau on FEBRL", "Bureau trained, on FEBRL", *peers]) | {"logic-v2": 1_000}
    people = dict.fromkeys(["Bureau", *peers])
    return [
        Bench("febrl4-shown", lambda _: febrl.look_up(identifier=True), on_febrl),
        Bench("febrl4-hidden", lambda _: febrl.look_up(identifier=False), on_febrl),
        Bench("synthetic-10k", lambda work: _synthetic(work, 10_000, 5_000), people),
        Bench(
            "synthetic-100k",
            lambda work: _synthetic(work, 100_000, 10_000),
            people | {"logic-v2": 2_000, "pg_trgm": 1_000},
        ),
        Bench(
            "synthetic-1m",
            lambda work: _synthetic(work, 1_000_000, MANY).first(20_000),
            people | {"logic-v2": 500, "pg_trgm": 200, "RapidFuzz loop": 2_000},
        ),
        Bench(
            "synthetic-1m-bulk",
            lambda work: _synthetic(work, 1_000_000, MANY),
            dict.fromkeys(["Bureau", "Splink"]),
            LIMITS._replace(minutes=20),
        ),
    ]


MANY = 200_000
"""Splink's passes over the known rows are a fixed cost; asked so many at once they hardly show."""


def _synthetic(work: Path, people: int, queries: int) -> Task:
    options = SyntheticOptions(people=people, companies=0, queries=queries, people_format="parquet", seed=1)
    directory = work / f"synthetic-{people}"
    if not (directory / "truth").exists():
        generate(directory, options)
    return labelled(directory, f"synthetic later-register queries, {people:,} people")
