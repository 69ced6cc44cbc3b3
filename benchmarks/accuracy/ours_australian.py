"""Bureau on FEBRL: as ``ours``, with the adapter of ``febrl`` in place of the Brazilian loader and normalisers."""

import tempfile
import time
from pathlib import Path

import pyarrow as pa

from benchmarks.accuracy.bulk import Best
from benchmarks.accuracy.febrl import SOURCE, Adapter
from benchmarks.accuracy.ours import THRESHOLD, answers_of, rows_of_entities
from benchmarks.accuracy.task import Answers
from bureau.enrich.finder import Finder
from bureau.model.query import Kind
from bureau.population import build, open_population
from bureau.population.models import trained_models, write_model
from bureau.population.training import train

__all__ = ["THRESHOLD", "answer", "answer_trained"]


def answer(known: pa.Table, asked: pa.Table) -> Answers:
    """With the shipped model."""
    return _answer(known, asked, trained=False)


def answer_trained(known: pa.Table, asked: pa.Table) -> Answers:
    """After ``bureau train`` on both files, as two sources; it learns without labels, as Splink does from the same."""
    return _answer(known, asked, trained=True)


def _answer(known: pa.Table, asked: pa.Table, *, trained: bool) -> Answers:
    with tempfile.TemporaryDirectory() as directory:
        started = time.perf_counter()
        home, adapter = Path(directory) / "home", Adapter(known)
        adapter.write_source(home, known, SOURCE)
        if trained:
            _train(Path(directory) / "both", home, adapter, {"known": known, "asked": asked})
        build(home)
        population = open_population(home)
        finder = Finder(population, Kind.PERSON, trained_models(home).get(Kind.PERSON))
        records = [adapter.canonical(record) for record in asked.to_pylist()]
        finder.find(records[:1], THRESHOLD)  # compiles, or reads what was compiled
        ready = time.perf_counter()
        finding = finder.find(records, THRESHOLD)
        row_of = rows_of_entities(population, SOURCE)
        best = Best(finding.matches.entity[:, 0], finding.decisions.probability)
        return answers_of(best, row_of, ready - started, time.perf_counter() - ready)


def _train(both: Path, home: Path, adapter: Adapter, tables: dict[str, pa.Table]) -> None:
    for source, records in tables.items():
        adapter.write_source(both, records, source)
    train(both)
    write_model(home, Kind.PERSON, trained_models(both)[Kind.PERSON])
