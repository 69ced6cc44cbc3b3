"""What every system is given, and what it gives back: known records, records to look up, and one answer for each."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

FIELDS = (
    "given_name", "surname", "birth_date", "sex", "mother_name", "tax_id",
    "number", "street", "district", "city", "state", "postal_code", "phone", "email",
)  # fmt: skip
"""Text columns of both tables. Dates are yyyymmdd, the surname is all of a name but its first word, missing is null."""

NOBODY = -1

STAGE = "stage: "
"""Begins the lines in which a system says what it is about to do."""


class Task(NamedTuple):
    """Look every record of ``asked`` up among ``known``.

    ``person`` says whose each known record is (several may be one person's), ``truth`` who was meant by each record
    asked, ``NOBODY`` when no known record is theirs. ``kind`` groups the records asked, for the report.
    """

    name: str
    known: pa.Table
    asked: pa.Table
    person: NDArray[np.int64]
    truth: NDArray[np.int64]
    kind: Sequence[str]

    def first(self, count: int) -> "Task":
        """The same task with fewer records asked."""
        return self._replace(asked=self.asked.slice(0, count), truth=self.truth[:count], kind=self.kind[:count])


class Answers(NamedTuple):
    """Per record asked: the row of the best known record (``NOBODY``: none) and its score; seconds to get ready for
    these known records and to answer all that was asked; what one record by itself takes, by way of asking, as the
    median in milliseconds; the processor time of all answers together, for machines that do other things as well; and,
    of a system that answers on one core otherwise, the seconds it takes on every core (0: not taken, of both)."""

    best: NDArray[np.int64]
    score: NDArray[np.float64]
    prepare_seconds: float
    answer_seconds: float
    alone_milliseconds: Mapping[str, float] = {}
    answer_processor_seconds: float = 0.0
    every_core_seconds: float = 0.0


class Run(msgspec.Struct, frozen=True):
    """How one system did one task: beside the answers what it cost, and the threshold its documents name, if any."""

    threshold: float | None
    prepare_seconds: float
    answer_seconds: float
    peak_memory_bytes: int
    versions: dict[str, str]
    alone_milliseconds: dict[str, float] = {}
    answer_processor_seconds: float = 0.0
    every_core_seconds: float = 0.0


def say(stage: str) -> None:
    """What a system is about to do, for whoever may have to stop it: "indexing", say."""
    print(f"{STAGE}{stage}", flush=True)


def table(columns: dict[str, Sequence[Any]]) -> pa.Table:
    """A table of ``FIELDS`` from some of its columns; an empty text is missing."""
    size = len(next(iter(columns.values())))
    filled = {field: columns.get(field, [None] * size) for field in FIELDS}
    return pa.table({field: pa.array([value or None for value in filled[field]], pa.string()) for field in FIELDS})


def median_milliseconds(ask: Callable[[int], object], rows: Iterable[int]) -> float:
    """Of one record at a time."""
    seconds = []
    for row in rows:
        started = time.perf_counter()
        ask(row)
        seconds.append(time.perf_counter() - started)
    return round(float(np.median(seconds)) * 1e3, 4)


def write_question(directory: Path, task: Task) -> None:
    """What a system may see of a task: both tables, and nothing of the truth."""
    directory.mkdir(parents=True, exist_ok=True)
    pq.write_table(task.known, directory / "known.parquet")
    pq.write_table(task.asked, directory / "asked.parquet")


def write_answers(directory: Path, system: str, answers: Answers, run: Run) -> None:
    np.savez(directory / f"{system}.npz", best=answers.best, score=answers.score)
    (directory / f"{system}.json").write_bytes(msgspec.json.encode(run))


def read_answers(directory: Path, system: str) -> tuple[Answers, Run]:
    run = msgspec.json.decode((directory / f"{system}.json").read_bytes(), type=Run)
    with np.load(directory / f"{system}.npz") as held:
        answers = Answers(
            held["best"],
            held["score"],
            run.prepare_seconds,
            run.answer_seconds,
            run.alone_milliseconds,
            run.answer_processor_seconds,
            run.every_core_seconds,
        )
    return answers, run
