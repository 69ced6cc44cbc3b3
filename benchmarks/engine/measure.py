"""One register measured by one fresh process: prints one JSON object.

    python -m benchmarks.engine.measure QUERIES --home HOME | --register DIRECTORY_OF multiplied.py HOME

Times are of this process alone: CPU seconds for batches, wall time for single queries (each the median of its runs, so
that what another process took does not count; ``seen`` is every run as it was).
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import psutil
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from benchmarks.accuracy.truth import Labelled, labelled_queries
from benchmarks.engine.blocks import sizes_by_recipe
from benchmarks.engine.opened import opened
from bureau.enrich.finder import Finder, Finding
from bureau.matching.engine import match, no_matches
from bureau.matching.posterior import Outcome, Rule, decide, no_decisions
from bureau.matching.prepare import column_subjects, subjects
from bureau.model.canonical import CanonicalRecord
from bureau.model.query import Kind
from bureau.normalise.record import canonical
from bureau.normalise.record_columns import canonical_columns

TODAY = date(2026, 11, 1)
THRESHOLD = 0.95
RUNS = 5
SINGLE = 4_000
SAMPLE = 2_000
PERCENTILES = (50, 90, 99, 99.9)


class Asked(NamedTuple):
    """The queries in every form they are timed in."""

    labelled: list[Labelled]
    records: list[CanonicalRecord]
    table: pa.Table


def asked(queries: Path) -> Asked:
    labelled = labelled_queries(queries)
    records = [canonical(query.record, TODAY, lenient=True) for query in labelled]
    columns = pa_csv.read_csv(queries / "queries.csv", convert_options=_as_text(queries / "queries.csv"))
    return Asked(labelled, records, columns)


def _as_text(path: Path) -> pa_csv.ConvertOptions:
    with path.open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    return pa_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=True)


def median_cpu(work: Callable[[], object], items: int, runs: int = RUNS) -> float:
    """Microseconds of CPU an item, the median of ``runs``."""
    seconds = []
    for _ in range(runs):
        started = time.process_time()
        work()
        seconds.append(time.process_time() - started)
    return float(np.median(seconds)) / items * 1e6


def batch(finder: Finder, given: Asked) -> dict[str, float]:
    """Microseconds a record, step by step and as a whole, and records a second."""
    n, target = len(given.records), finder._target
    columns = canonical_columns(given.table, Kind.PERSON, TODAY)
    prepared = column_subjects(columns, finder._token_ids)
    sparse, rule, decisions = np.zeros(n, np.bool_), Rule(THRESHOLD, target.weights.twice, people=True), no_decisions(n)
    matches = no_matches(n)

    def matched() -> None:
        fresh = no_matches(n)
        match(prepared, target, True, fresh)

    def whole() -> None:
        finder.find_columns(canonical_columns(given.table, Kind.PERSON, TODAY), THRESHOLD)

    match(prepared, target, True, matches)
    found = {
        "canonical_columns": median_cpu(lambda: canonical_columns(given.table, Kind.PERSON, TODAY), n),
        "column_subjects": median_cpu(lambda: column_subjects(columns, finder._token_ids), n),
        "subjects_of_structs": median_cpu(lambda: subjects(given.records, finder._token_ids), n),
        "match": median_cpu(matched, n),
        "decide": median_cpu(lambda: decide(matches, rule, sparse, target.register, decisions), n),
        "find_columns": median_cpu(lambda: finder.find_columns(columns, THRESHOLD), n),
        "text_to_decision": median_cpu(whole, n),
    }
    rates = {f"{name}_per_second": 1e6 / found[name] for name in ("find_columns", "text_to_decision")}
    return {name: round(value, 2) for name, value in (found | rates).items()}


def single(finder: Finder, given: Asked) -> tuple[dict[str, Any], NDArray[np.float64]]:
    """Percentiles in microseconds of reading one record, finding it, both, and ``find_one``; and of finding each."""
    some = list(zip(given.labelled[:SINGLE], given.records[:SINGLE], strict=True))
    read = np.empty((RUNS, len(some)))
    found = np.empty((RUNS, len(some)))
    for run in range(RUNS):
        for i, (query, _) in enumerate(some):
            started = time.perf_counter_ns()
            record = canonical(query.record, TODAY, lenient=True)
            between = time.perf_counter_ns()
            finder.find([record], THRESHOLD)
            read[run, i], found[run, i] = between - started, time.perf_counter_ns() - between
    both = read + found
    report = {
        "canonical": spread(np.median(read, axis=0) / 1e3),
        "find": spread(np.median(found, axis=0) / 1e3),
        "both": spread(np.median(both, axis=0) / 1e3),
        "find_one": spread(np.median(_found_alone(finder, [record for _, record in some]), axis=0) / 1e3),
        "find_seen": spread(found.ravel() / 1e3),
        "find_first_run": spread(found[0] / 1e3),
    }
    return report, np.median(found, axis=0) / 1e3


def _found_alone(finder: Finder, records: Sequence[CanonicalRecord]) -> NDArray[np.float64]:
    """Nanoseconds of ``find_one``, which single requests use, by run and record. Not in turn with ``find``, which would
    leave it a cache that holds the answer."""
    taken = np.empty((RUNS, len(records)))
    for run in range(RUNS):
        for i, record in enumerate(records):
            started = time.perf_counter_ns()
            finder.find_one(record, THRESHOLD)
            taken[run, i] = time.perf_counter_ns() - started
    return taken


def spread(values: NDArray[Any]) -> dict[str, float]:
    named = {f"p{p:g}": float(np.percentile(values, p)) for p in PERCENTILES}
    return {name: round(value, 1) for name, value in (named | {"mean": float(values.mean())}).items()}


def slowest(given: Asked, finding: Finding, times: NDArray[np.float64]) -> list[str]:
    """The kinds of the slowest hundredth and how many are of each: never whose they are."""
    outcome = finding.decisions.outcome
    slow = np.flatnonzero(times >= np.percentile(times, 99))
    kinds = Counter(_kind(given.labelled[i], given.records[i], Outcome(outcome[i])) for i in slow.tolist())
    return [f"{count} {kind}" for kind, count in kinds.most_common(10)]


def _kind(query: Labelled, record: CanonicalRecord, outcome: Outcome) -> str:
    has = [
        name
        for name, there in (
            ("tax id", record.tax is not None),
            ("date", record.date > 0),
            ("mother", bool(record.mother)),
            ("place", record.municipality > 0 or record.postal_code > 0),
        )
        if there
    ]
    who = "present" if query.person else "absent"
    return f"{who}, {query.damage}, {outcome.name.lower()}, with {' '.join(has) or 'a name only'}"


def memory() -> dict[str, int]:
    """Mebibytes: ``own`` is this process's alone, ``file`` the part of the register that was touched, page cache that
    all processes share."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    resident = {name: int(status[field].split()[0]) >> 10 for name, field in (("own", "RssAnon"), ("file", "RssFile"))}
    full = psutil.Process().memory_full_info()
    return {"rss": full.rss >> 20, "pss": full.pss >> 20} | resident


def answered(given: Asked, finding: Finding) -> dict[str, float]:
    """How the queries were answered, as shares, by whether a source holds the person."""
    outcome = finding.decisions.outcome
    present = np.array([query.person != 0 for query in given.labelled])
    shares: dict[str, float] = {}
    for title, group in (("present", present), ("absent", ~present)):
        for kind in Outcome:
            shares[f"{title}_{kind.name.lower()}"] = round(float((outcome[group] == kind).mean()), 5)
    return shares


def measured(finder: Finder, given: Asked) -> dict[str, Any]:
    first = time.perf_counter()
    finder.find(given.records[:SAMPLE], THRESHOLD)  # loads the compiled code, touches the first pages
    first = time.perf_counter() - first
    prepared = subjects(given.records, finder._token_ids)
    finding = finder.find(given.records, THRESHOLD)
    considered = finding.matches.considered
    times, by_query = single(finder, given)
    return {
        "queries": len(given.records),
        "first_batch_seconds": round(first, 3),
        "batch_us": batch(finder, given),
        "single_us": times,
        "candidates": spread(considered),
        "budget_hit": float(finding.matches.budget_hit.mean()),
        "answers": answered(given, finding),
        "slowest": slowest(given, finding, by_query),
        "blocks": sizes_by_recipe(prepared, finder._target.register, SAMPLE),
        "memory_mib": memory(),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("queries", type=Path)
    parser.add_argument("home", type=Path)
    parser.add_argument("--register", type=Path, help="directory of multiplied.py, made of HOME")
    given = parser.parse_args(arguments)
    questions = asked(given.queries)
    opened(given.home, given.register)  # whatever has to be compiled or read from disk first
    started = time.perf_counter()
    population, register = opened(given.home, given.register)
    finder = Finder(cast(Any, population), Kind.PERSON)
    seconds = time.perf_counter() - started
    files = register.glob("*.npy")
    size = {
        "people": len(finder._target.register.tax_id),
        "records": len(finder._target.register.records),
        "postings": len(finder._target.register.blocks.postings),
        "tokens": len(finder._token_ids),
        "register_mib": sum(path.stat().st_size for path in files) >> 20,
        "open_seconds": round(seconds, 3),
    }
    print(json.dumps(size | measured(finder, questions)))


if __name__ == "__main__":
    main()
