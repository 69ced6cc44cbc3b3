"""Bureau and its peers on the same records, side by side: one table, one JSON file, the plots.

    python benchmarks/accuracy/run.py [--work DIR] [--systems NAME…] [--tasks NAME…]

Needs ``requirements.txt`` beside this file, and Debian's PostgreSQL. Every system runs in a process of its own, on
every task, and sees both tables but nothing of the truth. One fixed configuration each, no threshold picked on labels:
a probability is accepted from 0.5 on (for calibrated probabilities F1 is highest just below: Lipton, Elkan and
Narayanaswamy 2014), a heuristic score where its documents say. For scores whose documents name no threshold the best
one is found with the labels, in their favour, and marked with ``*``. Whoever was asked only the first records has
Bureau's and Splink's F1 on the same ones beside it. A later run of other tasks or systems on the same commit is added
to the same results; with the same ``--work``, a task's plots are of all of them.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from benchmarks.accuracy import measures, plots
from benchmarks.accuracy.apart import run_within
from benchmarks.accuracy.benches import Bench, benches
from benchmarks.accuracy.merges import merges
from benchmarks.accuracy.one import SYSTEMS
from benchmarks.accuracy.report import MEASURES, against, judge, on_the_same, print_table
from benchmarks.accuracy.task import Answers, Task, read_answers, write_question

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parent / "results"
MERGES = "merges"
NO_PROBABILITIES = {"logic-v2", "pg_trgm", "RapidFuzz loop"}


def run_system(system: str, bench: Bench, directory: Path, asked: Task) -> dict[str, Any]:
    """The figures of a system's answers, or why there are none."""
    write_question(directory, asked)
    command = [sys.executable, "-m", "benchmarks.accuracy.one", system, str(directory)]
    load = os.getloadavg()[0]
    problem = run_within(bench.limits, command, ROOT, {**os.environ, "PYTHONPATH": str(ROOT)})
    if problem:
        return {"failed": problem, "asked": len(asked.truth), "known": len(asked.known), "load": load}
    answers, run = read_answers(directory, system)
    return {**judge(answers, run, asked), "load": load, "versions": run.versions}


def draw(name: str, task: Task, answered: dict[str, Answers], figures: dict[str, dict[str, Any]]) -> None:
    """The plots of one task; systems that answered only some of the records are left out of them."""
    whole = {s: a for s, a in answered.items() if len(a.best) == len(task.truth)}
    if not whole:
        return
    found = {s: measures.answered_person(a, task.person) for s, a in whole.items()}
    curves = {s: measures.curve(found[s], a.score, task.truth)[:2] for s, a in whole.items()}
    said = {s: figures[s]["reliability"] for s in whole if s not in NO_PROBABILITIES}
    plots.plot_curves(RESULTS / f"{name}-precision-recall.png", task.name, curves)
    plots.plot_reliability(RESULTS / f"{name}-reliability.png", task.name, said)
    if len(set(task.kind)) > 1:
        by_kind = {s: figures[s]["recall_by_kind"] for s in whole}
        plots.plot_damage(RESULTS / f"{name}-recall-by-damage.png", task.name, by_kind)


def do(bench: Bench, work: Path, systems: list[str], earlier: dict[str, Any]) -> dict[str, Any]:
    """A task's figures: of the systems asked for, and of those that did it earlier on this commit."""
    task, directory = bench.task(work), work / bench.name
    figures = dict(earlier)
    for system, count in bench.systems.items():
        if system in systems:
            figures[system] = run_system(system, bench, directory, task if count is None else task.first(count))
    figures = {system: figures[system] for system in bench.systems if system in figures}
    answered = {
        system: read_answers(directory, system)[0]
        for system, f in figures.items()
        if "failed" not in f and (directory / f"{system}.npz").exists()
    }
    for f in figures.values():
        if f["asked"] < len(task.truth):
            f["f1_on_the_same"] = on_the_same(f["asked"], answered, task)
    draw(bench.name, task, answered, figures)
    print_table(f"{task.name}, {len(task.truth):,} asked", figures)
    return {"systems": figures, **_against_splink(figures)}


def _against_splink(figures: dict[str, dict[str, Any]]) -> dict[str, Any]:
    ours, theirs = (figures.get(system, {}) for system in MEASURES)
    if "f1" not in ours or "f1" not in theirs:
        return {}
    found = against(ours, theirs)
    print("Bureau against Splink:", {name: round(value, 4) for name, value in found.items()})
    return {"bureau_against_splink": found}


def latest(results: Path) -> dict[str, dict[str, Any]]:
    """Of every task that was ever done every system's figures, from the last run that it took part in."""
    runs = sorted(
        (json.loads(path.read_text(encoding="utf-8")) for path in results.glob("*.json")), key=itemgetter("at")
    )
    found: dict[str, dict[str, Any]] = {bench.name: {} for bench in benches()}
    for run in runs:
        for name, task in run["tasks"].items():
            found[name] |= task["systems"]
    return {name: systems for name, systems in found.items() if systems}


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
    RESULTS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        work = arguments.work or Path(temporary)
        tasks = {
            bench.name: do(bench, work, arguments.systems, earlier["tasks"].get(bench.name, {}).get("systems", {}))
            for bench in benches()
            if bench.name in arguments.tasks
        }
    found = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "machine": machine(),
        "python": platform.python_version(),
        "tasks": earlier["tasks"] | tasks,
        "merges": merges() if MERGES in arguments.tasks else earlier.get("merges"),
    }
    path.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    plots.plot_f1(RESULTS / "f1.png", latest(RESULTS))
    print(f"\n{path}")


if __name__ == "__main__":
    main()
