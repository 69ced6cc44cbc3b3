"""A home of invented people for answering processes; tests must not change it."""

import csv
from pathlib import Path

import msgspec
import pytest

from bureau.cli.demo_population import record_of
from bureau.model.query import EnrichRequest, Options, Record
from bureau.population import build
from loaders.cnpj import load_cnpj
from loaders.people import load_people
from loaders.synthetic import SyntheticOptions, generate


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1,000 people and their companies."""
    home = tmp_path_factory.mktemp("answering_home")
    files = home / "synthetic"
    generate(files, SyntheticOptions(people=1_000, queries=200, seed=11))
    load_people(sorted((files / "people").glob("*.csv")), home)
    load_cnpj(files / "cnpj", home)
    build(home)
    return home


@pytest.fixture(scope="session")
def requests(home: Path) -> list[EnrichRequest]:
    """Labelled queries, with options by turns."""
    options = (Options(), Options(explain=True), Options(candidates=3, min_probability=0.5))
    with (home / "synthetic/queries/queries.csv").open(encoding="utf-8", newline="") as rows:
        return [
            EnrichRequest(_record(row), options=options[number % len(options)])
            for number, row in enumerate(csv.DictReader(rows))
        ]


def _record(row: dict[str, str]) -> Record:
    return msgspec.convert(record_of(row), Record)
