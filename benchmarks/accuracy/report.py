"""Every figure of one system on one task, and the table of a task."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from benchmarks.accuracy import measures
from benchmarks.accuracy.task import NOBODY, Answers, Run, Task

CLIENTS_THRESHOLD = 0.95  # what Bureau answers `matched` from, unless a client says otherwise
COLUMNS = (
    ("asked", 8), ("precision", 11), ("recall", 9), ("F1", 9), ("accept", 8), ("best F1", 9),
    ("records/s", 11), ("all cores", 11), ("one, ms", 11), ("ready s", 9), ("MB", 7), ("load", 6),
)  # fmt: skip
MEASURES = ("Bureau", "Splink")
"""Whose F1 stands beside a system's that was asked fewer records, on the same ones."""


def judge(answers: Answers, run: Run, task: Task) -> dict[str, Any]:
    """Every figure of one system on one task.

    A rate is of records a second: as the system works by itself, for Bureau on one core; and on every core, for
    whoever was asked to.
    """
    found = measures.answered_person(answers, task.person)
    best = measures.best_threshold(found, answers.score, task.truth)
    threshold = best if run.threshold is None else run.threshold
    rows, error = measures.reliability(found, answers.score, task.truth)
    absent = task.truth == NOBODY
    accepted = (found >= 0) & (answers.score >= threshold)
    at = {f"{t:g}": measures.quality(found, answers.score, task.truth, t)._asdict() for t in (0.5, CLIENTS_THRESHOLD)}
    return {
        "asked": len(task.truth),
        "known": len(task.known),
        "threshold": threshold,
        "threshold_found_with_labels": run.threshold is None,
        **measures.quality(found, answers.score, task.truth, threshold)._asdict(),
        "best_f1_at_any_threshold": measures.quality(found, answers.score, task.truth, best).f1,
        "at": at,
        "absent_accepted": float(accepted[absent].mean()) if absent.any() else 0.0,
        "expected_calibration_error": error,
        "reliability": rows,
        "recall_by_kind": _by_kind(accepted & (found == task.truth), task),
        "alone_milliseconds": run.alone_milliseconds,
        "records_per_processor_second": _rate(len(task.truth), run.answer_processor_seconds),
        "records_per_second": _rate(len(task.truth), run.answer_seconds),
        "records_per_second_on_every_core": _rate(len(task.truth), run.every_core_seconds),
        "prepare_seconds": run.prepare_seconds,
        "answer_seconds": run.answer_seconds,
        "peak_memory_bytes": run.peak_memory_bytes,
    }


def _rate(records: int, seconds: float) -> float:
    return records / seconds if seconds else 0.0


def _by_kind(right: np.ndarray, task: Task) -> dict[str, float]:
    """Recall of people who are known, by what was done to their record."""
    kinds = np.array(task.kind)
    present = task.truth != NOBODY
    return {str(kind): float(right[present & (kinds == kind)].mean()) for kind in np.unique(kinds[present])}


def on_the_same(few: int, answered: Mapping[str, Answers], task: Task) -> dict[str, float]:
    """F1 at a half of the ``MEASURES`` on just the first so many records of the task."""
    part = task.first(few)
    return {
        system: measures.quality(
            measures.answered_person(answers, task.person)[:few], answers.score[:few], part.truth, 0.5
        ).f1
        for system, answers in answered.items()
        if system in MEASURES and len(answers.best) >= few
    }


def print_table(name: str, figures: dict[str, dict[str, Any]]) -> None:
    print(f"\n{name}")
    print(" " * 24 + "".join(title.rjust(width) for title, width in COLUMNS))
    for system, f in figures.items():
        if "failed" in f:
            print(f"{system:24}{f['asked']:8}  {f['failed']}")
            continue
        mark = "*" if f["threshold_found_with_labels"] else " "
        print(
            f"{system:24}{f['asked']:8}{f['precision']:11.5f}{f['recall']:9.4f}{f['f1']:9.4f}{f['threshold']:7.2f}{mark}"
            f"{f['best_f1_at_any_threshold']:9.4f}{f['records_per_second']:11,.0f}"
            f"{_if_taken(f['records_per_second_on_every_core'], ',.0f')}"
            f"{_if_taken(f['alone_milliseconds'].get('look-up'), '.3f')}"
            f"{f['prepare_seconds']:9.1f}{f['peak_memory_bytes'] / 1e6:7.0f}{f['load']:6.1f}"
        )
        if "f1_on_the_same" in f:
            print(" " * 24 + "on the same:", ", ".join(f"{s} {f1:.4f}" for s, f1 in f["f1_on_the_same"].items()))


def _if_taken(value: float | None, form: str) -> str:
    return f"{value:11{form}}" if value else " " * 11


def against(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    """How many times faster we are than a peer in the same run: in bulk on one core and on every core (the peer's rate
    is its own, on all of them) and by processor time; one record at a time (each of the peer's ways); and both F1: ours
    at a half, theirs at a half and at the threshold that is best for them."""
    one = ours["alone_milliseconds"]["look-up"]
    rate, work = "records_per_second", "records_per_processor_second"
    return {
        "bulk_on_one_core": _rate(ours[rate], theirs[rate]),
        "bulk_on_every_core": _rate(ours["records_per_second_on_every_core"], theirs[rate]),
        "bulk_by_processor_time": _rate(ours[work], theirs[work]),
        **{f"one_record_against_{way}": ms / one for way, ms in theirs["alone_milliseconds"].items()},
        "f1": ours["f1"],
        "f1_theirs": theirs["f1"],
        "f1_theirs_at_best": theirs["best_f1_at_any_threshold"],
    }
