"""One small synthetic population for all tests of its files, in several blocks."""

import csv
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from loaders.synthetic import SyntheticOptions, SyntheticSummary, generate, population
from loaders.synthetic.population import Block, World
from loaders.synthetic.sources import FIELDS


@pytest.fixture(scope="session")
def output(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SyntheticSummary]:
    folder = tmp_path_factory.mktemp("synthetic")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(population, "BLOCK", 1_700)  # four blocks, the last one not full
        return folder, generate(folder, SyntheticOptions(people=6_000, queries=1_200, seed=7))


@pytest.fixture(scope="session")
def folder(output: tuple[Path, SyntheticSummary]) -> Path:
    return output[0]


@pytest.fixture(scope="session")
def summary(output: tuple[Path, SyntheticSummary]) -> SyntheticSummary:
    return output[1]


@pytest.fixture(scope="session")
def truth(folder: Path) -> list[dict[str, Any]]:
    return pq.read_table(folder / "truth" / "people.parquet").to_pylist()


@pytest.fixture(scope="session")
def records(folder: Path) -> dict[tuple[str, int], dict[str, str]]:
    """The people files' records by source and line."""
    found = {}
    for path in (folder / "people").iterdir():
        old = path.stem == "synthetic_utility"
        with path.open(encoding="cp1252" if old else "utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter=";" if old else ","))
        for line, row in enumerate(rows[1:], start=2):
            found[path.stem, line] = dict(zip(FIELDS, row, strict=True))
    return found


@pytest.fixture(scope="session")
def queries(folder: Path) -> list[tuple[dict[str, str], dict[str, str]]]:
    """Each query with its row of the truth."""
    tables = []
    for name in ("queries.csv", "truth.csv"):
        with (folder / "queries" / name).open(encoding="utf-8", newline="") as file:
            tables.append(list(csv.DictReader(file)))
    return list(zip(*tables, strict=True))


@pytest.fixture(scope="session")
def world() -> World:
    return World(SyntheticOptions(people=20_000, queries=1_000, seed=3))


@pytest.fixture(scope="session")
def block(world: World) -> Block:
    return next(world.generate())
