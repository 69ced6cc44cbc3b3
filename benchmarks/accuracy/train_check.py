"""``bureau train`` beside Splink 5: m of the same levels, from the same pairs, with the same u.

    python -m benchmarks.accuracy.train_check HOME [--pairs N]

HOME holds loaded sources; needs ``requirements.txt``. Splink gets every pair as a block of its own, with its outcomes
as columns, so that nothing but the two estimations differs: Splink knows matches and strangers, ours relatives too,
and questions with several answers a pair (the tokens of a surname) are asked by ours only.

What came of it (50,000 synthetic people, three sources, 80,000 pairs): the same to three digits where no relatives come
into the blocks. Where they do, Splink takes them for matches: m of DATE_SAME 0.9495 under "first name, mother" and
0.9563 under "name, postal code", ours 0.9679 and 0.9674, counted among equal CPFs 0.9678 and 0.9664.
"""

import argparse
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import splink.comparison_level_library as levels
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison

from bureau.matching.levels import LEVELS, Level
from bureau.matching.model import default_model
from bureau.matching.patterns import Patterns, patterns
from bureau.matching.questions import QUESTIONS, Field, Otherwise, Question
from bureau.matching.train import Sample, among, estimate, strangers
from bureau.population.pairs import RULES, blocked_pairs, random_pairs
from bureau.population.training import read_compared

_ONE_ANSWER = {question for question in QUESTIONS if question.votes and question.field is not Field.SURNAMES} | {
    question for question in QUESTIONS if Otherwise.LAST_KEPT in question.outcomes
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--pairs", type=int, default=200_000)
    options = parser.parse_args()
    rows, traced = read_compared(options.home)
    u = strangers(patterns(rows, *random_pairs(traced, options.pairs, 1)))
    for rule, fields in RULES.items():
        pairs = blocked_pairs(rows, traced, rule, options.pairs // len(RULES), 1)
        sample = Sample(patterns(rows, *pairs), fields)
        _show(rule, sample, u)


def _show(rule: str, sample: Sample, u: np.ndarray) -> None:
    model = default_model("people")
    ours, (equal, _) = estimate(model, u, [sample]), among(model, [sample], Level.TAX_SAME)
    questions = [q for q in QUESTIONS if q in _ONE_ANSWER and q.field not in sample.fields]
    theirs = splink_estimate(sample.patterns, questions, u)
    print(f"\n{rule}: {int(sample.patterns.pairs.sum()):,} pairs\n{'':20}{'ours':>10}{'Splink':>10}{'equal CPF':>10}")
    for question in questions:
        for outcome in question.outcomes:
            splink = theirs.get(_name(outcome))
            shown = f"{splink:10.4f}" if splink is not None else f"{'':10}"
            print(f"{_name(outcome):20}{ours.m[outcome]:10.4f}{shown}{equal[outcome]:10.4f}")


def splink_estimate(seen: Patterns, questions: list[Question], u: np.ndarray) -> dict[str, float]:
    """Splink's m by outcome, from pairs that show ``seen``."""
    found = {_column(q): pa.array(_answers(seen, q), pa.string()) for q in questions}
    number = pa.array(np.arange(int(seen.pairs.sum())))
    right = pa.table({"unique_id": number, "pair": number} | found)
    left = pa.table({"unique_id": number, "pair": number} | {name: pa.array(["-"] * len(number)) for name in found})
    database = DuckDBAPI(duckdb.connect())
    tables = [database.register(table, dataset_display_name=name) for name, table in (("a", left), ("b", right))]
    settings = SettingsCreator(
        link_type="link_only",
        probability_two_random_records_match=0.5,
        comparisons=[_comparison(question, u) for question in questions],
    )
    linker = Linker(tables, settings, log_level="ERROR")
    linker.training.estimate_parameters_using_expectation_maximisation(
        block_on("pair"), fix_u_probabilities=True, fix_probability_two_random_records_match=False
    )
    return _m(linker.misc.save_model_to_json())


def _answers(seen: Patterns, question: Question) -> np.ndarray:
    counts = seen.outcomes[:, list(question.outcomes)]
    names = np.array([_name(outcome) for outcome in question.outcomes], object)
    answer = np.where(counts.any(axis=1), names[counts.argmax(axis=1)], None)
    return np.repeat(answer, seen.pairs)


def _comparison(question: Question, u: np.ndarray) -> CustomComparison:
    name = _column(question)
    missing: Any = levels.CustomLevel(f"{name}_r IS NULL", "missing").configure(is_null_level=True)
    answers = [
        levels.CustomLevel(f"{name}_r = '{_name(outcome)}'", _name(outcome)).configure(u_probability=float(u[outcome]))
        for outcome in question.outcomes
    ]
    return CustomComparison([missing, *answers], output_column_name=name)


def _m(settings: dict[str, Any]) -> dict[str, float]:
    found = [level for comparison in settings["comparisons"] for level in comparison["comparison_levels"]]
    return {
        level["label_for_charts"]: level["m_probability"]
        for level in found
        if isinstance(level.get("m_probability"), float)
    }


def _name(outcome: int) -> str:
    return (Level(outcome) if outcome < LEVELS else Otherwise(outcome)).name.lower()


def _column(question: Question) -> str:
    return f"about_{_name(question.outcomes[0])}"


if __name__ == "__main__":
    main()
