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

from benchmarks.accuracy.task import NOBODY, Answers, median_milliseconds
from bureau.enrich.finder import Finder, Finding
from bureau.model.query import Address, Kind, Record
from bureau.normalise.record import canonical
from bureau.normalise.record_columns import CanonicalColumns, canonical_columns
from bureau.population import Population, build, open_population
from loaders.people import load_people
from loaders.tables import TableOptions

THRESHOLD = 0.5  # a probability; more likely than not, which F1 asks for: clients' default is 0.95
_DEFAULT = 0.95
ALONE = 1_000  # records looked up one at a time; the median is reported
_SOURCE = "known"
_PERSON = ("name", "tax_id", "birth_date", "sex", "mother_name")
_PLACE = ("street", "number", "district", "city", "state", "postal_code")
_SAME = (*_PERSON[1:], *_PLACE)


def answer(known: pa.Table, asked: pa.Table) -> Answers:
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        started = time.perf_counter()
        people = home / "known.parquet"
        pq.write_table(_people(known), people)
        load_people([people], home, TableOptions(source=_SOURCE))
        finder, row_of = _finder(home)
        finder.find_columns(_columns(asked.slice(0, 1)), _DEFAULT)  # compiles, or reads what was compiled
        ready, working = time.perf_counter(), time.process_time()
        finding = finder.find_columns(_columns(asked), _DEFAULT)
        answered, worked = time.perf_counter(), time.process_time() - working
        found = answers_of(finding, row_of, ready - started, answered - ready)
        return found._replace(alone_milliseconds={"look-up": _alone(finder, asked)}, answer_processor_seconds=worked)


def _alone(finder: Finder, asked: pa.Table) -> float:
    """One record as a client sends it, read and decided, by itself."""
    records = [_record(row) for row in _people(asked.slice(0, ALONE)).to_pylist()]
    today = datetime.now(UTC).date()

    def looked_up(row: int) -> None:
        finder.find_one(canonical(records[row], today, lenient=True), _DEFAULT)

    looked_up(0)
    return median_milliseconds(looked_up, range(len(records)))


def _record(row: dict[str, str | None]) -> Record:
    contacts = {name: [value] for name in ("phones", "emails") if (value := row[name])}
    address = Address(**{name: row[name] for name in _PLACE})
    return Record(address=address, **{name: row[name] for name in _PERSON}, **contacts)


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
