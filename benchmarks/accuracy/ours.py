"""Bureau itself as one of the systems: the known records become source tables and a population, the asked ones are
looked up through the same ``Finder`` that serves clients, with the shipped model: in bulk on one core, on every core,
and one at a time. Known records are looked up first, for a service that has just started compiles nothing either."""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks.accuracy.bulk import CHUNK_ROWS, CLIENTS_DEFAULT, Best, found, on_every_core, on_one_core
from benchmarks.accuracy.task import NOBODY, Answers, median_milliseconds
from bureau.enrich.finder import Finder
from bureau.model.query import Address, Kind, Record
from bureau.normalise.record import canonical
from bureau.population import Population, build, open_population
from loaders.people import load_people
from loaders.tables import TableOptions

THRESHOLD = 0.5  # a probability; more likely than not, which F1 asks for: clients' default is 0.95
SHORT = "5299822421"  # a CPF without its first zero, or without another digit: no known record has such a one
ALONE = 1_000  # records looked up one at a time; the median is reported
_SOURCE = "known"
_PERSON = ("name", "tax_id", "birth_date", "sex", "mother_name")
_PLACE = ("street", "number", "district", "city", "state", "postal_code")
_SAME = (*_PERSON[1:], *_PLACE)


def answer(known: pa.Table, asked: pa.Table) -> Answers:
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        started = time.perf_counter()
        pq.write_table(_people(known), home / "known.parquet")
        load_people([home / "known.parquet"], home, TableOptions(source=_SOURCE))
        finder, row_of = _finder(home)
        warm, records = _warm(known), _people(asked)
        found(finder, warm)
        ready, working = time.perf_counter(), time.process_time()
        best = on_one_core(finder, records)
        answered, worked = time.perf_counter(), time.process_time() - working
        return answers_of(best, row_of, ready - started, answered - ready)._replace(
            alone_milliseconds={"look-up": _alone(finder, asked)},
            answer_processor_seconds=worked,
            every_core_seconds=_on_every_core(home, warm, records, best),
        )


def _warm(known: pa.Table) -> pa.Table:
    """A chunk of known records, and one as only clients send them: all that reads and finds records has then run."""
    odd = known.slice(0, 1).set_column(known.column_names.index("tax_id"), "tax_id", [[SHORT]])
    return _people(pa.concat_tables([known.slice(0, CHUNK_ROWS), odd]).combine_chunks())


def _on_every_core(home: Path, warm: pa.Table, records: pa.Table, best: Best) -> float:
    with on_every_core(home, warm) as answered:
        started = time.perf_counter()
        again = answered(records)
        seconds = time.perf_counter() - started
    if not (np.array_equal(best.entity, again.entity) and np.array_equal(best.probability, again.probability)):
        raise AssertionError("one core and every core do not answer the same")
    return seconds


def _alone(finder: Finder, asked: pa.Table) -> float:
    """One record as a client sends it, read and decided, by itself."""
    records = [_record(row) for row in _people(asked.slice(0, ALONE)).to_pylist()]
    today = datetime.now(UTC).date()

    def looked_up(row: int) -> None:
        finder.find_one(canonical(records[row], today, lenient=True), CLIENTS_DEFAULT)

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


def answers_of(found: Best, row_of: np.ndarray, prepare_seconds: float, answer_seconds: float) -> Answers:
    """The best candidate of each record asked, with its posterior probability."""
    somebody = found.entity >= 0
    best = np.where(somebody, row_of[np.maximum(found.entity, 0)], NOBODY)
    return Answers(best, np.where(somebody, found.probability, 0.0), prepare_seconds, answer_seconds)
