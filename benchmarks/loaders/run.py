"""How fast sources are loaded and built, and how well rows of one person come together: see README.md here."""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.loaders.linking import people_and_entities, quality
from bureau.population import open_population

HERE = Path(__file__).parent
SEED = 7


def bureau(home: Path, *arguments: str) -> dict[str, Any]:
    """One command in a fresh process: its summary, its processor seconds, and the most memory of any so far."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "bureau.cli", *arguments, "--home", str(home), "--json"]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = spent.ru_utime + spent.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(told or "{}") | {
        "cpu_seconds": round(cpu, 1),
        "wall_seconds": round(time.perf_counter() - began, 1),
    }


def measured(work: Path, people: int) -> dict[str, Any]:
    files, home = work / "files", work / "home"
    bureau(home, "generate", str(files), "--people", str(people), "--seed", str(SEED))
    figures: dict[str, Any] = {}
    for what, given in (("people", sorted((files / "people").glob("*.csv"))), ("cnpj", [files / "cnpj"])):
        loaded = bureau(home, "load", what, *map(str, given))
        rows = sum(loaded["read"].values())
        figures[f"load_{what}"] = {
            "rows": rows,
            "rows_per_cpu_second": round(rows / loaded["cpu_seconds"]),
            "rows_per_second": loaded["rows_per_second"],
        }
    built = bureau(home, "build")
    figures["build"] = {
        name: built[name] for name in ("counts", "seconds", "peak_memory_bytes", "cpu_seconds", "wall_seconds")
    }
    figures["linking"] = quality(*people_and_entities(open_population(home), files / "truth" / "people.parquet"))
    return figures


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    arguments = parser.parse_args(argv)
    load, work = os.getloadavg(), Path(tempfile.mkdtemp(prefix="bureau-loaders-"))
    try:
        measured(work / "first", 2_000)  # whatever the inner loops' compilation takes is not asked here
        figures = measured(work, arguments.people)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, text=True).strip()
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "people": arguments.people,
        "seed": SEED,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "load_average_before": load,
        "versions": {package: version(package) for package in ("numba", "numpy", "pyarrow", "duckdb")},
        "figures": figures,
    }
    print(json.dumps(figures, indent=1))
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"{commit}.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
