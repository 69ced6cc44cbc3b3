"""A plain RapidFuzz loop, what a team writes first: the same tax id, or else ``process.extractOne`` over the people
born in the same year, on the name with the birth date behind it."""

import time
from collections import defaultdict

import numpy as np
import pyarrow as pa
from rapidfuzz import fuzz, process

from benchmarks.accuracy.task import NOBODY, Answers, say

THRESHOLD = None  # its documentation names none
SAID = 1_000


def answer(known: pa.Table, asked: pa.Table) -> Answers:
    started = time.perf_counter()
    texts, years, tax_ids = _texts(known), _years(known), known["tax_id"].to_pylist()
    by_tax_id = {tax_id: row for row, tax_id in enumerate(tax_ids) if tax_id}
    by_year: dict[str, dict[int, str]] = defaultdict(dict)
    for row, year in enumerate(years):
        by_year[year][row] = texts[row]
        by_year[""][row] = texts[row]  # a record without date is compared with everybody
    ready = time.perf_counter()
    best, score = np.full(len(asked), NOBODY), np.zeros(len(asked))
    for i, (text, year, tax_id) in enumerate(
        zip(_texts(asked), _years(asked), asked["tax_id"].to_pylist(), strict=True)
    ):
        if i % SAID == 0:
            say(f"answering record {i:,}")
        if tax_id in by_tax_id:
            best[i], score[i] = by_tax_id[tax_id], 1.0
        elif found := process.extractOne(text, by_year.get(year, {}), scorer=fuzz.token_sort_ratio):
            best[i], score[i] = found[2], found[1] / 100
    return Answers(best, score, ready - started, time.perf_counter() - ready)


def _texts(records: pa.Table) -> list[str]:
    parts = [records[column].fill_null("").to_pylist() for column in ("given_name", "surname", "birth_date")]
    return [" ".join(filter(None, words)) for words in zip(*parts, strict=True)]


def _years(records: pa.Table) -> list[str]:
    return [date[:4] for date in records["birth_date"].fill_null("").to_pylist()]
