"""Bureau on FEBRL: as ``ours``, with the adapter of ``febrl`` in place of the Brazilian loader and normalisers."""

import tempfile
import time
from pathlib import Path

import pyarrow as pa

from benchmarks.accuracy.febrl import SOURCE, Adapter
from benchmarks.accuracy.ours import THRESHOLD, answers_of, rows_of_entities
from benchmarks.accuracy.task import Answers
from bureau.enrich.finder import Finder
from bureau.model.query import Kind
from bureau.population import build, open_population

__all__ = ["THRESHOLD", "answer"]


def answer(known: pa.Table, asked: pa.Table) -> Answers:
    with tempfile.TemporaryDirectory() as directory:
        started = time.perf_counter()
        home = Path(directory)
        adapter = Adapter(known)
        adapter.write_source(home)
        build(home)
        population = open_population(home)
        finder = Finder(population, Kind.PERSON)
        records = [adapter.canonical(record) for record in asked.to_pylist()]
        finder.find(records[:1], THRESHOLD)  # compiles, or reads what was compiled
        ready = time.perf_counter()
        finding = finder.find(records, THRESHOLD)
        row_of = rows_of_entities(population, SOURCE)
        return answers_of(finding, row_of, ready - started, time.perf_counter() - ready)
