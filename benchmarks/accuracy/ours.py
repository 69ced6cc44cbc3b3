"""Bureau itself as one of the systems: the known records become source tables and a population, the asked ones are
looked up in a batch through the same ``Finder`` that serves clients, with the shipped model."""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.accuracy.task import NOBODY, Answers
from bureau.enrich.finder import Finder, Finding
from bureau.model.query import Kind
from bureau.normalise.record_columns import CanonicalColumns, canonical_columns
from bureau.population import Population, build, open_population
from loaders.people import load_people
from loaders.tables import TableOptions

THRESHOLD = 0.5  # a probability; more likely than not, which F1 asks for: clients' default is 0.95
_DEFAULT = 0.95
_SOURCE = "known"
_SAME = ("tax_id", "birth_date", "sex", "mother_name", "street", "number", "district", "city", "state", "postal_code")


def answer(known: pa.Table, asked: pa.Table) -> Answers:
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        started = time.perf_counter()
        people = home / "known.parquet"
        pq.write_table(_people(known), people)
        load_people([people], home, TableOptions(source=_SOURCE))
        finder, row_of = _finder(home)
        finder.find_columns(_columns(asked.slice(0, 1)), _DEFAULT)  # compiles, or reads what was compiled
        ready = time.perf_counter()
        finding = finder.find_columns(_columns(asked), _DEFAULT)
        return answers_of(finding, row_of, ready - started, time.perf_counter() - ready)


def _people(records: pa.Table) -> pa.Table:
    """In the columns of the people table."""
    name = pc.binary_join_element_wise(records["given_name"], records["surname"], " ", null_handling="skip")
    columns = {"name": name, "phones": records["phone"], "emails": records["email"]}
    return pa.table(columns | {column: records[column] for column in _SAME})


def _columns(asked: pa.Table) -> CanonicalColumns:
    return canonical_columns(_people(asked), Kind.PERSON, datetime.now(UTC).date())


def _finder(home: Path) -> tuple[Finder, np.ndarray]:
    build(home)
    population = open_population(home)
    return Finder(population, Kind.PERSON), rows_of_entities(population, _SOURCE)


def rows_of_entities(population: Population, source: str) -> np.ndarray:
    """Of each entity the first row, counted from 0, of the only source."""
    lineage = population.directory / "lineage" / "people"
    rows, entities = (np.load(lineage / f"{source}_{column}.npy") for column in ("rows", "entities"))
    found = np.full(len(population.people.tax_id), NOBODY)
    found[entities[::-1]] = rows[::-1] - 1
    return found


def answers_of(finding: Finding, row_of: np.ndarray, prepare_seconds: float, answer_seconds: float) -> Answers:
    """The best candidate of each record asked, with its posterior probability."""
    entity = finding.matches.entity[:, 0].astype(np.int64)
    best = np.where(entity >= 0, row_of[np.maximum(entity, 0)], NOBODY)
    score = np.where(entity >= 0, finding.decisions.probability, 0.0)
    return Answers(best, score, prepare_seconds, answer_seconds)
