"""A task judged end to end, without any system."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.accuracy.report import against, judge, on_the_same, print_table
from benchmarks.accuracy.task import FIELDS, NOBODY, Answers, Run, Task, read_answers, table, write_answers

KNOWN = table({"given_name": ["ANA", "RUI", "ANA"], "tax_id": ["1", "", "1"]})
ASKED = table({"given_name": ["ANNA", "RUI", "ZE"]})
TASK = Task("t", KNOWN, ASKED, np.array([7, 8, 7]), np.array([7, 8, NOBODY]), ["typo", "clean", "absent"])
RUN = Run(0.5, 2.0, 1.5, 10, {})


def test_tables_have_every_column_and_no_empty_text() -> None:
    assert list(FIELDS) == KNOWN.column_names
    assert ["1", None, "1"] == KNOWN["tax_id"].to_pylist()
    assert [None] * 3 == KNOWN["email"].to_pylist()


def test_any_row_of_the_right_person_is_right() -> None:
    found = judge(Answers(np.array([2, 1, 0]), np.array([0.9, 0.4, 0.8]), 2.0, 1.5), RUN, TASK)
    assert (0.5, 0.5, 1, 1) == (found["precision"], found["recall"], found["wrong"], found["missed"])
    assert {"typo": 1.0, "clean": 0.0} == found["recall_by_kind"]
    assert (1.0, 2.0, 10) == (found["absent_accepted"], found["records_per_second"], found["peak_memory_bytes"])


def test_without_a_threshold_of_its_own_the_best_is_taken_and_said_so() -> None:
    answers = Answers(np.array([0, 1, 0]), np.array([0.4, 0.3, 0.2]), 2.0, 1.5)
    found = judge(answers, Run(None, 2.0, 1.5, 10, {}), TASK)
    assert (True, 0.3, 1.0) == (found["threshold_found_with_labels"], found["threshold"], found["f1"])


def test_fewer_asked_are_the_first_ones() -> None:
    few = TASK.first(2)
    assert (2, [7, 8], ["typo", "clean"]) == (len(few.asked), few.truth.tolist(), few.kind)


def test_answers_come_back_as_written(tmp_path: Path) -> None:
    answers = Answers(np.array([1, NOBODY]), np.array([0.25, 0.0]), 2.0, 1.5)
    write_answers(tmp_path, "x", answers, RUN)
    back, run = read_answers(tmp_path, "x")
    assert (answers.best.tolist(), answers.score.tolist(), RUN) == (back.best.tolist(), back.score.tolist(), run)


def test_who_measures_is_judged_on_just_the_records_that_a_slow_system_was_asked() -> None:
    ours = Answers(np.array([0, 2, 0]), np.array([0.9, 0.8, 0.9]), 2.0, 1.5)
    too_few = Answers(np.array([0]), np.array([0.9]), 2.0, 1.5)
    assert {"Bureau": 0.5} == on_the_same(2, {"Bureau": ours, "Splink": too_few, "pg_trgm": ours}, TASK)
    assert {"Bureau": 1.0, "Splink": 1.0} == on_the_same(1, {"Bureau": ours, "Splink": too_few}, TASK)


def test_a_peer_is_compared_at_all_its_ways_of_asking_and_at_its_best_threshold(
    capsys: pytest.CaptureFixture[str],
) -> None:
    best = np.array([0, 1, 0])
    ours = judge(
        Answers(best, np.array([0.9, 0.8, 0.1]), 2.0, 0.3),
        Run(0.5, 2.0, 0.3, 10, {}, {"look-up": 0.5}, 0.2, 0.15),
        TASK,
    )
    theirs = judge(
        Answers(best, np.array([0.9, 0.8, 0.7]), 2.0, 3.0),
        Run(0.5, 2.0, 3.0, 10, {}, {"look-up": 1000.0, "one pair": 20.0}, 6.0),
        TASK,
    )
    none = {"failed": "not within 10 min, while indexing", "asked": 3}
    few = theirs | {"load": 1.0, "f1_on_the_same": {"Bureau": 0.5}}
    print_table("t", {"Ours": ours | {"load": 1.0}, "Theirs": few, "None": none})
    printed = capsys.readouterr().out
    assert "not within 10 min, while indexing" in printed
    assert "on the same: Bureau 0.5000" in printed
    assert {
        "bulk_on_one_core": pytest.approx(10.0),
        "bulk_on_every_core": pytest.approx(20.0),
        "bulk_by_processor_time": pytest.approx(30.0),
        "one_record_against_look-up": 2000.0,
        "one_record_against_one pair": 40.0,
        "f1": 1.0,
        "f1_theirs": 0.8,
        "f1_theirs_at_best": 1.0,
    } == against(ours, theirs)
