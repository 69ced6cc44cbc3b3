"""Splink 5 on DuckDB, after its own demonstration of linking FEBRL 4: Fellegi-Sunter with weights trained by
expectation maximisation on these very records, term-frequency adjustments, and several blocking rules."""

import time
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.blocking_rule_library import CustomRule
from splink.internals.blocking_rule_creator import BlockingRuleCreator

from benchmarks.accuracy.task import NOBODY, Answers

THRESHOLD = 0.5  # its match probability is one; more likely than not
LEAST = 0.001  # pairs below are not fetched: no curve is drawn down there
U_PAIRS = 1e7  # what its documentation recommends


def answer(known: pa.Table, asked: pa.Table) -> Answers:
    started = time.perf_counter()
    columns = {column for column in known.column_names if _filled(known, column) and _filled(asked, column)}
    database = DuckDBAPI(duckdb.connect())
    both = {"known": known, "asked": asked}
    tables = [database.register(_table(both[name], columns), dataset_display_name=name) for name in both]
    linker = Linker(tables, _settings(columns, len(known)), log_level="ERROR")
    linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS)
    for rule in _training_rules():
        linker.training.estimate_parameters_using_expectation_maximisation(rule, estimate_without_term_frequencies=True)
    ready = time.perf_counter()
    pairs = linker.inference.predict(threshold_match_probability=LEAST)
    best, score = _best(pairs.as_duckdbpyrelation(), len(asked))
    return Answers(best, score, ready - started, time.perf_counter() - ready)


def _filled(records: pa.Table, column: str) -> bool:
    return bool(pc.any(pc.is_valid(records[column])).as_py())


def _table(records: pa.Table, columns: set[str]) -> pa.Table:
    """Row numbers are the unique ids."""
    return records.select(sorted(columns)).append_column("unique_id", pa.array(range(len(records))))


def _settings(columns: set[str], known: int) -> SettingsCreator:
    comparisons = {
        "given_name": cl.NameComparison("given_name").configure(term_frequency_adjustments=True),
        "surname": cl.NameComparison("surname").configure(term_frequency_adjustments=True),
        "birth_date": cl.DateOfBirthComparison(
            "birth_date", input_is_string=True, datetime_format="%Y%m%d", invalid_dates_as_null=True
        ),
        "mother_name": cl.NameComparison("mother_name").configure(term_frequency_adjustments=True),
        "tax_id": cl.DamerauLevenshteinAtThresholds("tax_id", [1, 2]),
        "number": cl.ExactMatch("number").configure(term_frequency_adjustments=True),
        "postal_code": cl.DamerauLevenshteinAtThresholds("postal_code", [1, 2]).configure(
            term_frequency_adjustments=True
        ),
        "phone": cl.ExactMatch("phone"),
        "email": cl.EmailComparison("email"),
    }
    return SettingsCreator(
        link_type="link_only",
        probability_two_random_records_match=1 / known,  # one to one, which its demonstration says may be set
        blocking_rules_to_generate_predictions=_prediction_rules(columns),
        comparisons=[comparison for column, comparison in comparisons.items() if column in columns],
        retain_matching_columns=False,
    )


def _prediction_rules(columns: set[str]) -> list[BlockingRuleCreator | dict[str, Any]]:
    """Those of the demonstration, and the identifiers that our own records have besides."""
    swapped = CustomRule("l.given_name = r.surname and l.surname = r.given_name")
    alone = [
        block_on(column) for column in ("birth_date", "tax_id", "phone", "email", "postal_code") if column in columns
    ]
    together = [("state", "street"), ("number", "street"), ("given_name", "mother_name")]
    return [
        block_on("given_name", "surname"),
        swapped,
        *alone,
        *(block_on(*pair) for pair in together if columns.issuperset(pair)),
    ]


def _training_rules() -> list[BlockingRuleCreator]:
    """Among the pairs of a rule EM must find two classes, and those must be people: pairs of one postal code, as in the
    demonstration, are households where there are families, and EM then learns to recognise relatives."""
    return [block_on("birth_date"), block_on("given_name", "surname")]


def _best(pairs: duckdb.DuckDBPyRelation, asked: int) -> tuple[np.ndarray, np.ndarray]:
    """The likeliest known record of each record asked; Splink answers pairs."""
    best, score = np.full(asked, NOBODY), np.zeros(asked)
    names = pairs.columns
    sides = [names.index(name) for name in ("source_dataset_l", "unique_id_l", "unique_id_r", "match_probability")]
    for row in pairs.fetchall():
        source, left, right, probability = (row[side] for side in sides)
        mine, theirs = (left, right) if source == "asked" else (right, left)
        if probability > score[mine]:
            best[mine], score[mine] = theirs, probability
    return best, score
