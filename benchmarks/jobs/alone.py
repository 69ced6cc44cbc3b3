"""``bureau enrich FILE``: a file without a server."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.jobs.portfolio import refusals_of, rows_in
from benchmarks.jobs.watching import watched

RESULT_TO_FILE = 2.4
"""How many times the bytes of these files their results have: how far the command is."""


def enriched(home: Path, file: Path, output: Path, *options: str) -> dict[str, Any]:
    """The command from its start to its end. Every row must be in the result or among the refusals."""
    command = [sys.executable, "-m", "bureau.cli", "--home", str(home), "--json", "enrich", str(file)]
    partial, expected = output.with_name(f".{output.name}.partial"), RESULT_TO_FILE * file.stat().st_size
    spent, began = _spent(), time.perf_counter()
    with (
        subprocess.Popen([*command, "-o", str(output), *options], stdout=subprocess.PIPE, text=True) as process,
        watched(psutil.Process(process.pid), lambda: _size(partial) / expected) as memory,
    ):
        told, _ = process.communicate()
    seconds = time.perf_counter() - began
    assert process.returncode == 0
    report = json.loads(told.splitlines()[-1])
    results, refused = rows_in(output), max(rows_in(refusals_of(output)), 0)
    assert report["rows"] == results + refused == rows_in(file)
    return {
        "seconds": round(seconds, 2),
        "cpu_seconds": round(_spent() - spent, 1),
        "rows_per_second": round(report["rows"] / seconds),
        "results": results,
        "refused": refused,
        "statuses": report["statuses"],
        "result_bytes": output.stat().st_size,
        **memory.told(),
    }


def _spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
