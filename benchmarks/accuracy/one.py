"""One system, one task, one process: its memory is its own, and it sees nothing of the truth.

    python -m benchmarks.accuracy.one SYSTEM DIRECTORY

``DIRECTORY`` holds ``known.parquet`` and ``asked.parquet``; the answers are written beside them.
"""

import importlib
import resource
import sys
from importlib import metadata
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.accuracy.task import Run, write_answers

MODULES = {
    "Bureau": "ours",
    "Bureau on FEBRL": "ours_australian",
    "Splink": "peers.splink",
    "Record Linkage Toolkit": "peers.record_linkage",
    "logic-v2": "peers.logic_v2",
    "pg_trgm": "peers.pg_trgm",
    "RapidFuzz loop": "peers.fuzzy_loop",
}
_PACKAGES = ("splink", "duckdb", "recordlinkage", "nomenklatura", "rapidfuzz", "psycopg", "numpy", "numba", "pyarrow")


def main() -> None:
    system, directory = sys.argv[1], Path(sys.argv[2])
    module = importlib.import_module(f"benchmarks.accuracy.{MODULES[system]}")
    known, asked = (pq.read_table(directory / f"{name}.parquet") for name in ("known", "asked"))
    answers = module.answer(known, asked)
    run = Run(
        threshold=module.THRESHOLD,
        prepare_seconds=round(answers.prepare_seconds, 3),
        answer_seconds=round(answers.answer_seconds, 3),
        peak_memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        versions={name: metadata.version(name) for name in _PACKAGES},
    )
    write_answers(directory, system, answers, run)


if __name__ == "__main__":
    main()
