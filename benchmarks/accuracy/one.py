"""One system, one task, one process: its memory is its own, and it sees nothing of the truth.

    python -m benchmarks.accuracy.one SYSTEM DIRECTORY

``DIRECTORY`` holds ``known.parquet`` and ``asked.parquet``; the answers are written beside them.
"""

import importlib
import sys
from importlib import metadata
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.accuracy.task import Run, write_answers

SYSTEMS = {
    "Bureau": "ours:answer",
    "Bureau on FEBRL": "ours_australian:answer",
    "Bureau trained, on FEBRL": "ours_australian:answer_trained",
    "Splink": "peers.splink:answer",
    "Record Linkage Toolkit": "peers.record_linkage:answer",
    "logic-v2": "peers.logic_v2:answer",
    "pg_trgm": "peers.pg_trgm:answer",
    "RapidFuzz loop": "peers.fuzzy_loop:answer",
}
_PACKAGES = ("splink", "duckdb", "recordlinkage", "nomenklatura", "rapidfuzz", "psycopg", "numpy", "numba", "pyarrow")


def main() -> None:
    system, directory = sys.argv[1], Path(sys.argv[2])
    name, _, function = SYSTEMS[system].partition(":")
    module = importlib.import_module(f"benchmarks.accuracy.{name}")
    known, asked = (pq.read_table(directory / f"{name}.parquet") for name in ("known", "asked"))
    answers = getattr(module, function)(known, asked)
    run = Run(
        threshold=module.THRESHOLD,
        prepare_seconds=round(answers.prepare_seconds, 3),
        answer_seconds=round(answers.answer_seconds, 4),
        peak_memory_bytes=_peak_memory(),
        versions={name: metadata.version(name) for name in _PACKAGES},
        alone_milliseconds=dict(answers.alone_milliseconds),
        answer_processor_seconds=round(answers.answer_processor_seconds, 4),
        every_core_seconds=round(answers.every_core_seconds, 4),
    )
    write_answers(directory, system, answers, run)


def _peak_memory() -> int:
    """Of this process alone; getrusage would count the process it was forked from."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024


if __name__ == "__main__":
    main()
