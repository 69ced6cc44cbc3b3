"""Does hostile input stay quick? From a record's JSON to its decision, one at a time, kind by kind.

    python -m benchmarks.engine.adversarial HOME [--count 1000] [--json FILE]

Every record is different (``hostile.py``), so that nothing is remembered from the one before, except in the last kind:
10,000 times the same. One process; ``p50``, ``p99`` and ``slowest`` are of each record's median wall time of ``RUNS``,
``CPU`` the p99 of the processor time of every run (another process's turn does not count, a page read from disk does
not either), ``seen`` the p99 of the first run as it was. Ends with 1 when a kind's p99 is not below ``BOUND_US``.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks.engine.hostile import Hostile
from bureau.enrich.finder import Finder, Finding
from bureau.errors import InvalidRecord
from bureau.model.query import Kind, Record
from bureau.normalise.record import canonical
from bureau.population import open_population

TODAY = date(2026, 11, 1)
THRESHOLD = 0.95
RUNS = 5
IDENTICAL = 10_000
COMMON = 40
BOUND_US = 5_000
MEGABYTE = 1 << 20


def commonest(finder: Finder) -> tuple[list[str], list[str]]:
    """The tokens that most names begin with, and those that most have later."""
    vocabulary = finder._target.register.vocabulary
    text = {number: token for token, number in finder._token_ids.items()}
    ranked = (np.argsort(-np.asarray(borne).astype(np.int64)) for borne in (vocabulary.as_first, vocabulary.as_other))
    first, later = ([text[number] for number in order[:COMMON].tolist() if number in text] for order in ranked)
    return first, later


def asked(finder: Finder, message: bytes) -> Finding | None:
    """What the service does with one record; ``None`` when nothing in it can be searched by."""
    try:
        record = canonical(msgspec.json.decode(message, type=Record), TODAY)
    except InvalidRecord:
        return None
    return finder.find([record], THRESHOLD)


def timed(finder: Finder, messages: Sequence[bytes]) -> dict[str, Any]:
    wall, processor = np.empty((2, RUNS, len(messages)))
    found: list[Finding | None] = []
    for run in range(RUNS):
        found = []
        for i, message in enumerate(messages):
            started, working = time.perf_counter_ns(), time.thread_time_ns()
            found.append(asked(finder, message))
            processor[run, i] = (time.thread_time_ns() - working) / 1e3
            wall[run, i] = (time.perf_counter_ns() - started) / 1e3
    each = np.median(wall, axis=0)
    searched = [finding.matches for finding in found if finding]
    return {
        "records": len(messages),
        "p50_us": round(float(np.percentile(each, 50)), 1),
        "p99_us": round(float(np.percentile(each, 99)), 1),
        "slowest_us": round(float(each.max()), 1),
        "p99_processor_us": round(float(np.percentile(processor, 99)), 1),
        "p99_seen_us": round(float(np.percentile(wall[0], 99)), 1),
        "refused": len(messages) - len(searched),
        "candidates": round(float(np.mean([m.considered[0] for m in searched])), 1) if searched else 0.0,
        "budget_hit": round(float(np.mean([m.budget_hit[0] for m in searched])), 3) if searched else 0.0,
    }


def megabyte_refused() -> tuple[str, float]:
    """Why decoding refuses a name of a megabyte, and the microseconds that takes."""
    message = b'{"name": "' + b"A" * MEGABYTE + b'"}'
    started = time.perf_counter_ns()
    try:
        msgspec.json.decode(message, type=Record)
    except msgspec.ValidationError as refused:
        return str(refused), (time.perf_counter_ns() - started) / 1e3
    raise AssertionError("a name of a megabyte was read")


def measured(home: Path, count: int) -> dict[str, Any]:
    population = open_population(home)
    finder = Finder(population, Kind.PERSON)
    hostile = Hostile(*commonest(finder))
    asked(finder, b'{"name": "ANA SILVA", "birth_date": "1980-01-01"}')  # compiles, or reads what was compiled
    kinds = {kind: timed(finder, list(hostile.records(kind, count))) for kind in hostile.kinds()}
    for kind in ("only the commonest name", "common everything"):
        kinds[f"identical, {kind}"] = timed(finder, list(hostile.records(kind, 1)) * IDENTICAL)
    refusal, microseconds = megabyte_refused()
    return {
        "people": len(finder._target.register.tax_id),
        "load": os.getloadavg()[0],
        "kinds": dict(sorted(kinds.items(), key=lambda kind: -kind[1]["p99_us"])),
        "megabyte_name": {"refused": refusal, "us": round(microseconds, 1)},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("home", type=Path)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args(arguments)
    found = measured(given.home, given.count)
    print(
        f"{'microseconds':34}{'p50':>8}{'p99':>8}{'slowest':>9}{'CPU':>8}{'seen':>8}{'refused':>9}{'candid.':>9}{'budget':>8}"
    )
    for kind, row in found["kinds"].items():
        print(
            f"{kind:34}{row['p50_us']:8.0f}{row['p99_us']:8.0f}{row['slowest_us']:9.0f}{row['p99_processor_us']:8.0f}"
            f"{row['p99_seen_us']:8.0f}{row['refused']:9}{row['candidates']:9.1f}{row['budget_hit']:8.1%}"
        )
    print(f"a name of a megabyte: {found['megabyte_name']}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return int(any(row["p99_us"] >= BOUND_US for row in found["kinds"].values()))


if __name__ == "__main__":
    sys.exit(main())
