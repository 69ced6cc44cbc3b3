"""Every figure of one system on one task, and the table of a task."""

from typing import Any

import numpy as np

from benchmarks.accuracy import measures
from benchmarks.accuracy.task import NOBODY, Answers, Run, Task

CLIENTS_THRESHOLD = 0.95  # what Bureau answers `matched` from, unless a client says otherwise
_RATES = ("records_per_second", "records_per_processor_second")
COLUMNS = (
    ("asked", 7), ("precision", 11), ("recall", 9), ("F1", 9), ("accept", 8),
    ("best F1", 9), ("records/s", 11), ("one, ms", 9), ("ready s", 9), ("MB", 7),
)  # fmt: skip


def judge(answers: Answers, run: Run, task: Task) -> dict[str, Any]:
    """Every figure of one system on one task."""
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


def print_table(name: str, figures: dict[str, dict[str, Any]]) -> None:
    print(f"\n{name}")
    print(" " * 24 + "".join(title.rjust(width) for title, width in COLUMNS))
    for system, f in figures.items():
        if "failed" in f:
            print(f"{system:24}{f['failed']}")
            continue
        mark = "*" if f["threshold_found_with_labels"] else " "
        print(
            f"{system:24}{f['asked']:7}{f['precision']:11.5f}{f['recall']:9.4f}{f['f1']:9.4f}{f['threshold']:7.2f}{mark}"
            f"{f['best_f1_at_any_threshold']:9.4f}{f['records_per_second']:11.0f}{_alone(f)}"
            f"{f['prepare_seconds']:9.1f}{f['peak_memory_bytes'] / 1e6:7.0f}"
        )


def _alone(figures: dict[str, Any]) -> str:
    found = figures["alone_milliseconds"].get("look-up")
    return f"{found:9.3f}" if found else " " * 9


def against(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, float]:
    """How many times faster we are than a peer in the same run, all at once and one record at a time (each of the
    peer's ways), and both F1: ours at a half, theirs at a half and at the threshold that is best for them."""
    one = ours["alone_milliseconds"]["look-up"]
    return {
        **{f"bulk_{rate}": _rate(ours[rate], theirs[rate]) for rate in _RATES},
        **{f"one_record_against_{way}": ms / one for way, ms in theirs["alone_milliseconds"].items()},
        "f1": ours["f1"],
        "f1_theirs": theirs["f1"],
        "f1_theirs_at_best": theirs["best_f1_at_any_threshold"],
    }
