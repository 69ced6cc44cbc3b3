"""The demonstration's population: generated, loaded like any other sources, built; and its labelled queries."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

from bureau.cli.output import Console
from bureau.errors import InvalidArgument, PopulationUnavailable

SHOWN_FIRST = ("surname_married", "several", "typo_surname", "typo_first_name", "surname_dropped", "moved")
"""Kinds of damage that show best what matching is for, the most telling first."""

FEWEST = 400  # so that 100 queries find somebody to show


class Query(NamedTuple):
    """A customer record as of years ago, in the shape of the HTTP interface; ``aged``: its contacts are out of date."""

    record: dict[str, Any]
    damage: str
    aged: bool


class DemoPopulation(NamedTuple):
    """``files`` is what ``loaders.synthetic.generate`` wrote."""

    files: Path

    @property
    def query_file(self) -> Path:
        return self.files / "queries" / "queries.csv"

    def queries(self, count: int) -> list[Query]:
        """Queries for people who are in the population, the most telling first."""
        with (self.files / "queries" / "truth.csv").open(encoding="utf-8", newline="") as file:
            truth = {row["query_id"]: row for row in csv.DictReader(file) if row["person_id"]}
        with self.query_file.open(encoding="utf-8", newline="") as file:
            rows = [(row, truth[row["query_id"]]) for row in csv.DictReader(file) if row["query_id"] in truth]
        found = [
            Query(record_of(row), true["damage"], {"email", "phone"} <= set(true["aged"].split("|")))
            for row, true in rows
        ]
        return sorted(found, key=_telling, reverse=True)[:count]


def _telling(query: Query) -> tuple[bool, bool, int]:
    kind = SHOWN_FIRST.index(query.damage) if query.damage in SHOWN_FIRST else len(SHOWN_FIRST)
    return query.aged, "tax_id" not in query.record, -kind


def record_of(row: dict[str, str]) -> dict[str, Any]:
    """A row of the people table as the record of a request; what is empty is left out."""
    record: dict[str, Any] = {"reference": row["query_id"]}
    record |= {name: row[name] for name in ("name", "tax_id", "birth_date", "sex", "mother_name") if row.get(name)}
    record |= {name: row[name].split("|") for name in ("emails", "phones") if row.get(name)}
    address = ("street", "number", "complement", "district", "city", "state", "postal_code")
    held = {name: row[name] for name in address if row.get(name)}
    return record | ({"address": held} if held else {})


def _usable(home: Path) -> bool:
    """Whether this version can read the population: an upgrade may have another layout, and then all is made anew."""
    from bureau.population.reader import open_population

    try:
        open_population(home)
    except PopulationUnavailable:
        return False
    return True


def prepare(home: Path, people: int, console: Console) -> DemoPopulation:
    """Whatever is not there yet, step by step; a population of another size is replaced."""
    from bureau.population.build import BuildOptions, build
    from loaders.cnpj import CnpjOptions, load_cnpj
    from loaders.people import load_people
    from loaders.synthetic import SyntheticOptions, generate
    from loaders.tables import TableOptions

    if people < FEWEST:
        raise InvalidArgument(f"A demonstration needs at least {FEWEST} people.")
    population = DemoPopulation(home / "synthetic")
    done = home / "demo.json"
    if _usable(home) and done.exists() and json.loads(done.read_text()) == {"people": people}:
        return population
    if (home / "sources").exists() and not population.files.exists():
        raise InvalidArgument(f"{home} holds other sources; give the demonstration a home of its own.")
    home.mkdir(parents=True, exist_ok=True)
    done.unlink(missing_ok=True)
    for stale in (population.files, home / "sources"):
        shutil.rmtree(stale, ignore_errors=True)
    console.say(f"Inventing {people:,} people and their companies (the very first run also compiles the inner loops)")
    options = SyntheticOptions(
        people=people,
        queries=min(5_000, people // 4),
        progress=lambda ready, total: console.progress("inventing", ready, total),
    )
    generate(population.files, options)
    console.say("Loading them as sources")
    files = sorted((population.files / "people").glob("*.csv"))
    load_people(files, home, TableOptions(progress=console.progress))
    load_cnpj(population.files / "cnpj", home, CnpjOptions(progress=console.progress))
    console.say("Building the population")
    build(home, BuildOptions(progress=console.share))
    done.write_text(json.dumps({"people": people}))
    return population
