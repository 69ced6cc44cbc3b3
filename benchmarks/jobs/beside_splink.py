"""The same file linked to the same people by Bureau's command and by Splink 5, one after the other.

Splink gets both tables already cleaned by Bureau, with its configuration of ``benchmarks/accuracy/peers/splink.py``,
and its time is training and prediction only; Bureau's is the whole command, CSV in, CSV with contacts out.
"""

import csv
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy import measures
from benchmarks.accuracy.labelled import labelled
from benchmarks.accuracy.task import NOBODY, Task, read_answers, write_question
from benchmarks.accuracy.truth import entities_of_people
from benchmarks.jobs.alone import enriched
from benchmarks.jobs.portfolio import rows_in
from bureau.model.query import Kind
from bureau.population.build import BuildOptions, build
from bureau.population.reader import open_population
from loaders.people import load_people
from loaders.synthetic import SyntheticOptions, generate
from loaders.tables import TableOptions

ROOT = Path(__file__).parents[2]
SEED = 5
LIMIT_SECONDS = 1_200
THRESHOLD = 0.5  # what F1 asks of a calibrated probability; 0.95, Bureau's default for clients, is told beside it


def beside_splink(directory: Path, python: str, people: int, rows: int) -> dict[str, Any]:
    """``python`` is that of an environment with ``benchmarks/accuracy/requirements.txt``."""
    directory.mkdir(parents=True, exist_ok=True)
    home, files = directory / "home", directory / "synthetic"
    shutil.rmtree(home, ignore_errors=True)
    generate(files, SyntheticOptions(people=people, companies=0, queries=rows, people_format="parquet", seed=SEED))
    task = labelled(files, "file")
    known = {"people": people, "known_rows": len(task.known), "rows": rows_in(files / "queries/queries.csv")}
    return known | {"bureau": _bureau(home, files, directory / "out.csv"), "splink": _splink(directory, python, task)}


def _bureau(home: Path, files: Path, output: Path) -> dict[str, Any]:
    began = time.perf_counter()
    load_people(sorted((files / "people").glob("*.parquet")), home, TableOptions())
    build(home, BuildOptions())
    prepared = time.perf_counter() - began
    figures = enriched(home, files / "queries/queries.csv", output, "--min-probability", str(THRESHOLD))
    kept = ("seconds", "cpu_seconds", "rows_per_second", "peak_megabytes")
    told = {name: figures[name] for name in kept} | {"seconds_to_get_ready": round(prepared, 1)}
    return told | {"quality": _quality_of_result(home, files, output)}


def _quality_of_result(home: Path, files: Path, output: Path) -> dict[str, Any]:
    population = open_population(home)
    person_of = {
        population.entity_id(Kind.PERSON, entity): person
        for person, entities in entities_of_people(population, files / "truth/people.parquet").items()
        for entity in entities
    }
    with output.open(encoding="utf-8", newline="") as file:
        said = {
            row["query_id"]: (person_of.get(row["bureau_entity_id"], NOBODY), float(row["bureau_probability"] or 0))
            for row in csv.DictReader(file)
            if row["bureau_status"] == "matched"
        }
    with (files / "queries/truth.csv").open(encoding="utf-8", newline="") as file:
        truth = [(row["query_id"], int(row["person_id"] or NOBODY)) for row in csv.DictReader(file)]
    answers = [said.get(query, (NOBODY, 0.0)) for query, _ in truth]
    # An entity that is nobody's cannot be among them: every entity was made of rows of known people.
    found, score = np.array([person for person, _ in answers]), np.array([score for _, score in answers])
    return _qualities(found, score, np.array([person for _, person in truth]))


def _qualities(found: Any, score: Any, truth: Any) -> dict[str, Any]:
    return {
        str(threshold): {
            name: round(value, 5) for name, value in measures.quality(found, score, truth, threshold)._asdict().items()
        }
        for threshold in (THRESHOLD, 0.95)
    }


def _splink(directory: Path, python: str, task: Task) -> dict[str, Any]:
    question = directory / "question"
    write_question(question, task)
    command = [python, "-m", "benchmarks.accuracy.one", "Splink", str(question)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=LIMIT_SECONDS, capture_output=True)
    answers, run = read_answers(question, "Splink")
    found = measures.answered_person(answers, task.person)
    return {
        "seconds": round(run.answer_seconds, 2),
        "rows_per_second": round(len(task.truth) / run.answer_seconds),
        "seconds_to_get_ready": round(run.prepare_seconds, 1),
        "peak_megabytes": run.peak_memory_bytes >> 20,
        "versions": {name: run.versions[name] for name in ("splink", "duckdb")},
        "quality": _qualities(found, answers.score, task.truth),
    }
