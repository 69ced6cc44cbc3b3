"""How fast are whole tables? Records matched and answered a second on one core, and ``bureau enrich`` from CSV to CSV.

    python -m benchmarks.engine.batch HOME QUERIES_CSV [--rows 200000] [--processes 2]

``QUERIES_CSV`` is what the generator writes (``chain.py`` makes a home with one); it is repeated to make up the rows,
never twice in one chunk if it has 10,000 lines. Prints one JSON object: records a second of wall time and of processor
time, since only the latter means anything on a machine that does other things as well.
"""

import argparse
import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numba
import numpy as np
import psutil
import pyarrow as pa

from bureau.enrich.batch import answering, flat_answers
from bureau.enrich.column_answers import ColumnAnswers
from bureau.enrich.files import FileOptions, enrich_file
from bureau.enrich.finder import Finder
from bureau.enrich.single import Enricher
from bureau.intake.tables import open_table
from bureau.model.query import Kind, Options
from bureau.normalise.record_columns import canonical_columns
from bureau.population import Population, open_population

CHUNK = 8_192
THRESHOLD = Options().min_probability


def chunks_of(table: pa.Table, rows: int) -> Iterator[pa.Table]:
    """At least ``rows`` rows of a table read over and over."""
    while rows > 0:
        for start in range(0, table.num_rows, CHUNK):
            yield table.slice(start, CHUNK)
        rows -= table.num_rows


def rates(chunks: list[pa.Table], work: Callable[[pa.Table], object]) -> dict[str, float]:
    """Records a second, compiled and warm; the slowest chunk shows what a bad stretch of a file costs."""
    work(chunks[0])
    rows, seconds, started = sum(chunk.num_rows for chunk in chunks), [], time.process_time()
    for chunk in chunks:
        before = time.perf_counter()
        work(chunk)
        seconds.append((time.perf_counter() - before) / chunk.num_rows)
    processor = time.process_time() - started
    wall = float(np.dot(seconds, [chunk.num_rows for chunk in chunks]))
    return {
        "records_per_second": round(rows / wall),
        "records_per_processor_second": round(rows / processor),
        "slowest_chunk_records_per_second": round(1 / max(seconds)),
    }


def of_tables(population: Population, table: pa.Table, rows: int) -> dict[str, Any]:
    """Stages of one process: reading, matching (reading included), whole flat answers."""
    chunks, at = list(chunks_of(table, rows)), datetime.now(UTC)
    finder, answers = Finder(population, Kind.PERSON), ColumnAnswers(Enricher(population))
    return {
        "read": rates(chunks, lambda some: canonical_columns(some, Kind.PERSON, at.date())),
        "matched": rates(
            chunks, lambda some: finder.find_columns(canonical_columns(some, Kind.PERSON, at.date()), THRESHOLD)
        ),
        "answered": rates(chunks, lambda some: flat_answers(answers, some, Options(), at)),
    }


def of_file(home: Path, queries: Path, rows: int, processes: int) -> dict[str, Any]:
    """``bureau enrich`` without the command line."""
    with tempfile.TemporaryDirectory() as directory:
        source, output = Path(directory) / "in.csv", Path(directory) / "out.csv"
        header, *lines = queries.read_text(encoding="utf-8").splitlines(keepends=True)
        with source.open("w", encoding="utf-8") as file:
            file.write(header)
            for start in range(0, rows, len(lines)):
                file.writelines(lines[: rows - start])
        peak = Peak(psutil.Process())
        report = enrich_file(
            source, output, answering(home, Options()), FileOptions(processes=processes, progress=peak.look)
        )
    return {
        "rows": report.rows,
        "statuses": report.statuses,
        "processes": processes,
        "rows_per_second": report.rows_per_second,
        "peak_unshared_megabytes": peak.megabytes,
    }


class Peak:
    """The most memory that this process and its workers had to themselves; mapped populations are not counted."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process
        self.megabytes = 0

    def look(self, *_: object) -> None:
        family = [self._process, *self._process.children()]
        unshared = sum(one.memory_full_info().uss for one in family if one.is_running())
        self.megabytes = max(self.megabytes, unshared >> 20)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    population = open_population(arguments.home)
    table = pa.concat_tables([chunk.records for chunk in open_table(arguments.queries).chunks(False)])
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    found = {
        "population": population.manifest.counts,
        "rows": arguments.rows,
        "load": os.getloadavg()[0],
        "processors": os.cpu_count(),
        "versions": {"python": platform.python_version(), "pyarrow": pa.__version__, "numba": numba.__version__},
        "commit": commit.stdout.strip(),
        **of_tables(population, table.combine_chunks(), arguments.rows),
        "file": of_file(arguments.home, arguments.queries, arguments.rows, arguments.processes),
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
