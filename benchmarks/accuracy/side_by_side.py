"""Bureau and its peers on the same records, side by side: one table, one JSON file, the plots.

    python benchmarks/accuracy/run.py [--work DIR] [--systems NAME…] [--tasks NAME…]

Needs ``requirements.txt`` beside this file, and Debian's PostgreSQL. Every system runs in a process of its own, on
every task, and sees both tables but nothing of the truth. One fixed configuration each, no threshold picked on labels:
a probability is accepted from 0.5 on (for calibrated probabilities F1 is highest just below: Lipton, Elkan and
Narayanaswamy 2014), a heuristic score where its documents say. A later run of other tasks on the same commit is added
to the same results. For scores whose documents name no threshold the best
one is found with the labels, in their favour, and marked with ``*``.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.accuracy import febrl, measures, plots
from benchmarks.accuracy.labelled import labelled
from benchmarks.accuracy.merges import merges
from benchmarks.accuracy.one import SYSTEMS
from benchmarks.accuracy.report import against, judge, print_table
from benchmarks.accuracy.task import Answers, Run, Task, read_answers, write_question
from loaders.synthetic import SyntheticOptions, generate

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parent / "results"
LIMIT_SECONDS = 900
MERGES = "merges"
NO_PROBABILITIES = {"logic-v2", "pg_trgm", "RapidFuzz loop"}


class Bench(NamedTuple):
    """A task, and which systems do how much of it: the slow ones answer only the first so many records."""

    name: str
    task: Callable[[Path], Task]
    systems: dict[str, int | None]


def benches() -> list[Bench]:
    peers = [name for name in SYSTEMS if not name.startswith("Bureau")]
    on_febrl = dict.fromkeys(["Bureau on FEBRL", "Bureau trained, on FEBRL", *peers]) | {"logic-v2": 1_000}
    few = dict.fromkeys(["Bureau", *peers]) | {"logic-v2": 500}
    many = dict.fromkeys(["Bureau", *peers]) | {"pg_trgm": 1_000}
    del many["logic-v2"]  # to index 5,000 records takes it half a minute, and these are 172,000
    return [
        Bench("febrl4-shown", lambda _: febrl.look_up(identifier=True), on_febrl),
        Bench("febrl4-hidden", lambda _: febrl.look_up(identifier=False), on_febrl),
        Bench("synthetic-10k", lambda work: _synthetic(work, 10_000, 5_000), few),
        Bench("synthetic-100k", lambda work: _synthetic(work, 100_000, 10_000), many),
        Bench("synthetic-1m", lambda work: _synthetic(work, 1_000_000, 200_000), {"Bureau": None, "Splink": None}),
    ]


def _synthetic(work: Path, people: int, queries: int) -> Task:
    options = SyntheticOptions(people=people, companies=0, queries=queries, people_format="parquet", seed=1)
    directory = work / f"synthetic-{people}"
    if not (directory / "truth").exists():
        generate(directory, options)
    return labelled(directory, f"synthetic later-register queries, {people:,} people")


def run_system(system: str, directory: Path, task: Task) -> tuple[Answers, Run] | str:
    """What a system answered, or one line on why it did not."""
    write_question(directory, task)
    command = [sys.executable, "-m", "benchmarks.accuracy.one", system, str(directory)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    try:
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=LIMIT_SECONDS, capture_output=True)
    except subprocess.TimeoutExpired:
        return f"did not finish in {LIMIT_SECONDS // 60} min"
    except subprocess.CalledProcessError as failed:
        return (failed.stderr.decode(errors="replace").strip().splitlines() or ["failed"])[-1][:200]
    return read_answers(directory, system)


def draw(name: str, task: Task, answered: dict[str, Answers], figures: dict[str, dict[str, Any]]) -> None:
    """The plots of one task; systems that answered only some of the records are left out of them."""
    whole = {s: a for s, a in answered.items() if len(a.best) == len(task.truth)}
    found = {s: measures.answered_person(a, task.person) for s, a in whole.items()}
    curves = {s: measures.curve(found[s], a.score, task.truth)[:2] for s, a in whole.items()}
    said = {s: figures[s]["reliability"] for s in whole if s not in NO_PROBABILITIES}
    plots.plot_curves(RESULTS / f"{name}-precision-recall.png", task.name, curves)
    plots.plot_reliability(RESULTS / f"{name}-reliability.png", task.name, said)
    if len(set(task.kind)) > 1:
        by_kind = {s: figures[s]["recall_by_kind"] for s in whole}
        plots.plot_damage(RESULTS / f"{name}-recall-by-damage.png", task.name, by_kind)


def do(bench: Bench, work: Path, systems: list[str]) -> dict[str, dict[str, Any]]:
    task = bench.task(work)
    figures: dict[str, dict[str, Any]] = {}
    answered, versions = {}, {}
    for system, count in bench.systems.items():
        if system not in systems:
            continue
        asked = task if count is None else task.first(count)
        done = run_system(system, work / bench.name, asked)
        if isinstance(done, str):
            figures[system] = {"failed": done}
            continue
        answered[system], run = done
        figures[system] = judge(answered[system], run, asked)
        versions = run.versions
    RESULTS.mkdir(exist_ok=True)
    draw(bench.name, task, answered, figures)
    print_table(task.name, figures)
    found = {"systems": figures, "versions": versions}
    ours, theirs = (figures.get(system, {}) for system in ("Bureau", "Splink"))
    if "f1" in ours and "f1" in theirs:
        found["bureau_against_splink"] = against(ours, theirs)
        print(
            "Bureau against Splink:", {name: round(value, 4) for name, value in found["bureau_against_splink"].items()}
        )
    return found


def latest(results: Path) -> dict[str, dict[str, Any]]:
    """Of every task every system's figures, from the last run that it took part in."""
    runs = sorted(
        (json.loads(path.read_text(encoding="utf-8")) for path in results.glob("*.json")), key=itemgetter("at")
    )
    found: dict[str, dict[str, Any]] = {bench.name: {} for bench in benches()}
    for run in runs:
        for name, task in run["tasks"].items():
            found[name] |= task["systems"]
    return found


def machine() -> dict[str, Any]:
    cpu = next((line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cpu": cpu.partition(":")[2].strip(),
        "cores": os.cpu_count(),
        "memory_bytes": memory,
        "os": platform.platform(),
    }


def commit() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or "unknown"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, help="where generated tables are kept between runs")
    parser.add_argument("--systems", nargs="*", default=list(SYSTEMS), choices=list(SYSTEMS))
    parser.add_argument("--tasks", nargs="*", default=[*(bench.name for bench in benches()), MERGES])
    arguments = parser.parse_args()
    path = RESULTS / f"{commit()}.json"
    earlier = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {"tasks": {}}
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        found = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": commit(),
            "machine": machine(),
            "python": platform.python_version(),
            "tasks": {b.name: do(b, work, arguments.systems) for b in benches() if b.name in arguments.tasks},
            "merges": merges() if MERGES in arguments.tasks else None,
        }
    for name, task in found["tasks"].items():
        task["systems"] = earlier["tasks"].get(name, {"systems": {}})["systems"] | task["systems"]
    found["tasks"] = earlier["tasks"] | found["tasks"]
    found["merges"] = found["merges"] or earlier.get("merges")
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    plots.plot_f1(RESULTS / "f1.png", latest(RESULTS))
    print(f"\n{path}")


if __name__ == "__main__":
    main()
