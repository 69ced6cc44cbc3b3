"""How fast, how many candidates, how much memory, and how it grows: registers of several sizes, the same questions.

    python -m benchmarks.engine.run --sizes 1000000,10000000,50000000 --home DIR

Up to ten million people go through the whole chain: generated, loaded, built. Larger registers are a built one
multiplied (``multiplied.py`` says what that is worth) and hold only what the engine reads. Each is measured by a fresh
process bound to one core. What is prepared already below ``--home`` is used again; where blocking keys have changed
since it was built, ``--reindex`` files its people anew under the keys of the code that runs.
"""

import argparse
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

from benchmarks.engine.chain import SEED

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LARGEST_BUILT = 10_000_000
PACKAGES = ("numba", "numpy", "pyarrow", "msgspec")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000000", help="people, with commas between")
    parser.add_argument("--home", type=Path, default=ROOT / ".bench" / "engine")
    parser.add_argument("--core", type=int, default=0)
    parser.add_argument("--reindex", action="store_true")
    options = parser.parse_args()
    figures = {str(size): _measured(size, options) for size in sorted(map(int, options.sizes.split(",")))}
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, text=True).strip()
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "seed": SEED,
        "machine": {"processor": _processor(), "cores": os.cpu_count(), "python": platform.python_version()},
        "load_average": os.getloadavg(),
        "versions": {package: version(package) for package in PACKAGES},
        "figures": figures,
        "growth": growth(figures),
    }
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / f"{commit}.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print_report(report)
    _plot(report, results / f"{commit}.png")


def _measured(size: int, options: argparse.Namespace) -> dict[str, Any]:
    """Prepare one size, then measure it; both in processes of their own, so that neither sees the other's memory."""
    built, home = min(size, LARGEST_BUILT), options.home.resolve()
    chain, kind = home / f"chain-{built}", "generated, loaded, built"
    _python("benchmarks.engine.chain", str(built), str(chain))
    command = ["benchmarks.engine.measure", str(chain / "synthetic" / "queries"), str(chain)]
    if size > built or options.reindex:
        directory = home / f"multiplied-{size}"
        _python("benchmarks.engine.multiplied", str(chain), str(size // built), str(directory))
        command += ["--register", str(directory)]
        kind = f"engine only: {built:,} built people, {size // built} times, filed anew"
    load = round(os.getloadavg()[0], 1)
    found: dict[str, Any] = json.loads(_python(*command, bound=["taskset", "-c", str(options.core)]))
    return {"register": kind, "load_before": load} | found


def _python(module: str, *arguments: str, bound: list[str] | None = None) -> str:
    command = [*(bound or []), sys.executable, "-m", module, *arguments]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=ROOT).stdout


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), platform.machine())


def growth(figures: dict[str, Any]) -> dict[str, float]:
    """How many times as much the largest register takes as the smallest."""
    small, large = (_grows(figures[size]) for size in (min(figures, key=int), max(figures, key=int)))
    return {name: round(large[name] / small[name], 2) for name in small}


def _grows(figures: dict[str, Any]) -> dict[str, float]:
    one = figures["single_us"]["find"]
    return {
        "batch, match": figures["batch_us"]["match"],
        "batch, find": figures["batch_us"]["find_columns"],
        "one, mean": one["mean"],
        "one, p50": one["p50"],
        "one, p99": one["p99"],
        "find_one, mean": figures["single_us"]["find_one"]["mean"],
        "candidates": figures["candidates"]["mean"],
    }


COLUMNS: dict[str, Callable[[Any], str]] = {
    "people": lambda f: f"{f['people']:,}",
    "find/s": lambda f: f"{f['batch_us']['find_columns_per_second']:,.0f}",
    "text/s": lambda f: f"{f['batch_us']['text_to_decision_per_second']:,.0f}",
    "match us": lambda f: f"{f['batch_us']['match']:.1f}",
    "find p50": lambda f: f"{f['single_us']['find']['p50']:.0f}",
    "p99": lambda f: f"{f['single_us']['find']['p99']:.0f}",
    "p99.9": lambda f: f"{f['single_us']['find']['p99.9']:.0f}",
    "find_one mean": lambda f: f"{f['single_us']['find_one']['mean']:.0f}",
    "read+find p50": lambda f: f"{f['single_us']['both']['p50']:.0f}",
    "  p99": lambda f: f"{f['single_us']['both']['p99']:.0f}",
    "candidates": lambda f: f"{f['candidates']['mean']:.1f}",
    "   p99": lambda f: f"{f['candidates']['p99']:.0f}",
    "budget hit": lambda f: f"{f['budget_hit']:.2%}",
    "open s": lambda f: f"{f['open_seconds']:.1f}",
    "RSS MiB": lambda f: f"{f['memory_mib']['rss']}",
    "own": lambda f: f"{f['memory_mib']['own']}",
}


def print_report(report: dict[str, Any]) -> None:
    print("  ".join(COLUMNS), " (times in us)")
    for figures in report["figures"].values():
        print("  ".join(value(figures).rjust(len(title)) for title, value in COLUMNS.items()))
    for size, figures in report["figures"].items():
        print(f"\nblocks a query looks into at {int(size):,}:   mean    p50    p90    p99")
        for name, row in figures["blocks"].items():
            print(f"   {name:40} {row['mean']:9.1f} {row['p50']:6.0f} {row['p90']:6.0f} {row['p99']:6.0f}")
    print("\nslowest hundredth:", *report["figures"][max(report["figures"], key=int)]["slowest"], sep="\n   ")
    print("growth", report["growth"])


def _plot(report: dict[str, Any], path: Path) -> None:
    try:
        from benchmarks.engine.plot import plot  # noqa: PLC0415  matplotlib is no dependency of ours
    except ModuleNotFoundError:
        print("no plot: matplotlib is not installed")
        return
    plot(report["figures"], path)


if __name__ == "__main__":
    main()
