"""Precision, recall and calibration on the generator's labelled queries.

    python -m benchmarks.accuracy.synthetic HOME QUERIES_DIRECTORY TRUTH_PARQUET [--json FILE]

Prints one line a kind of damage, the reliability of the probabilities, and the worst misses (synthetic people).
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.accuracy.truth import Labelled, entities_of_people, labelled_queries
from bureau.enrich.finder import Finder, Finding
from bureau.matching.posterior import Outcome
from bureau.model.query import Kind
from bureau.normalise.record import canonical
from bureau.population import open_population

THRESHOLD = 0.95
BINS = 20
_NAMESAKES_AND_TWINS = ("father", "son", "twin")
_CPF_ERRORS = ("cpf_one_digit", "cpf_swapped", "cpf_missing_digit", "cpf_extra_digit")


class Result(NamedTuple):
    """One query's outcome; ``right`` whether the best candidate is who was meant."""

    query: Labelled
    outcome: Outcome
    right: bool
    present: bool
    probability: float
    seconds: float


def run(finder: Finder, queries: Sequence[Labelled], meant: dict[int, set[int]]) -> tuple[list[Result], Finding]:
    """Answer all queries in one batch."""
    today = datetime.now(UTC).date()
    records = [canonical(query.record, today, lenient=True) for query in queries]
    started = time.perf_counter()
    finding = finder.find(records, THRESHOLD)
    each = (time.perf_counter() - started) / len(records)
    best = finding.matches.entity[np.arange(len(queries)), finding.decisions.chosen]
    results = []
    for i, query in enumerate(queries):
        entities = meant.get(query.person, set()) if query.person else set()
        right = int(best[i]) in entities
        outcome = Outcome(finding.decisions.outcome[i])
        results.append(Result(query, outcome, right, bool(entities), float(finding.decisions.probability[i]), each))
    return results, finding


def summary(results: Iterable[Result]) -> dict[str, float]:
    """Counts and rates of a group. ``accepted_absent`` is the share of absent people answered ``matched``."""
    group = list(results)
    matched = [r for r in group if r.outcome is Outcome.MATCHED]
    present = [r for r in group if r.present]
    right = sum(r.right for r in matched)
    absent = [r for r in group if not r.present]
    return {
        "queries": len(group),
        "precision": right / len(matched) if matched else 1.0,
        "recall": right / len(present) if present else 1.0,
        "wrong": len(matched) - right,
        "ambiguous": sum(r.outcome is Outcome.AMBIGUOUS for r in group),
        "absent": len(absent),
        "accepted_absent": sum(r.outcome is Outcome.MATCHED for r in absent) / len(absent) if absent else 0.0,
    }


def reliability(results: Sequence[Result]) -> tuple[list[dict[str, float]], float]:
    """Reliability diagram of the best candidate's probability, and the expected calibration error over its bins."""
    bins = defaultdict(list)
    for r in results:
        bins[min(int(r.probability * BINS), BINS - 1)].append(r)
    rows, error = [], 0.0
    for number in sorted(bins):
        group = bins[number]
        said, true = float(np.mean([r.probability for r in group])), float(np.mean([r.right for r in group]))
        error += abs(said - true) * len(group) / len(results)
        rows.append({"bin": number / BINS, "queries": len(group), "said": said, "true": true})
    return rows, error


def report(results: Sequence[Result]) -> dict[str, Any]:
    groups: dict[str, list[Result]] = defaultdict(list)
    for r in results:
        groups["all"].append(r)
        groups[f"mix {r.query.mix}"].append(r)
        groups[f"damage {r.query.damage}"].append(r)
        if r.query.relative:
            groups[f"absent with {r.query.relative}"].append(r)
        if r.query.relative in _NAMESAKES_AND_TWINS:
            groups["absent with father, son or twin"].append(r)
        if r.query.damage in _CPF_ERRORS:
            groups["CPF with an error"].append(r)
            if r.query.tax_id_held:
                groups["CPF with an error, held by a source"].append(r)
        if not r.query.record.birth_date:
            groups["no birth date"].append(r)
        if r.query.mix == "later_register" and r.query.record.name and r.query.record.birth_date:
            groups["later register, name and birth date"].append(r)
            if r.query.fields <= 1:
                groups["later register, name and birth date, one damaged at most"].append(r)
    rows, error = reliability(results)
    return {"groups": {k: summary(v) for k, v in sorted(groups.items())}, "reliability": rows, "ece": error}


def print_report(found: dict[str, Any]) -> None:
    print(
        f"{'group':58} {'n':>7} {'precision':>9} {'recall':>7} {'wrong':>5} {'ambig':>6} {'absent':>6} {'accepted':>8}"
    )
    for name, g in found["groups"].items():
        print(
            f"{name:58} {g['queries']:7} {g['precision']:9.5f} {g['recall']:7.4f} {g['wrong']:5} "
            f"{g['ambiguous']:6} {g['absent']:6} {g['accepted_absent']:8.4%}"
        )
    for row in found["reliability"]:
        print(f"said {row['said']:.3f}  true {row['true']:.3f}  queries {row['queries']}")
    print(f"expected calibration error {found['ece']:.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("queries", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--misses", type=int, default=10)
    arguments = parser.parse_args()
    population = open_population(arguments.home)
    finder = Finder(population, Kind.PERSON)
    queries = labelled_queries(arguments.queries)
    results, finding = run(finder, queries, entities_of_people(population, arguments.truth))
    found = report(results)
    print_report(found)
    print(f"{results[0].seconds * 1e6:.1f} us a query in batch, {finding.matches.considered.mean():.1f} candidates")
    show_misses(finder, results, finding, arguments.misses)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=1))


def show_misses(finder: Finder, results: Sequence[Result], finding: Finding, count: int) -> None:
    """The confident mistakes, then the present people not found, with the best candidate's explanation."""
    wrong = [i for i, r in enumerate(results) if r.outcome is Outcome.MATCHED and not r.right]
    missed = [i for i, r in enumerate(results) if r.present and r.outcome is not Outcome.MATCHED]
    for title, places in (("wrong", wrong), ("missed", missed)):
        for i in places[:count]:
            r = results[i]
            record = r.query.record
            print(f"\n{title} {r.query.damage} {r.query.relative} p={r.probability:.4f} {r.outcome.name}")
            print(f"   {record.name} | {record.birth_date} | {record.mother_name} | {record.tax_id} | {record.address}")
            entity, best = int(finding.matches.entity[i, 0]), int(finding.matches.record[i, 0])
            if entity >= 0:
                asked = canonical(record, datetime.now(UTC).date(), lenient=True)
                for row in finder.explain(asked, entity, best)[0]:
                    compared = f"{row.submitted or ''} ~ {row.found or ''}"
                    print(f"      {row.weight_bits:8.2f} {row.field}.{row.level}  {compared}")


if __name__ == "__main__":
    main()
