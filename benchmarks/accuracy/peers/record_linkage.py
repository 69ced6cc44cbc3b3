"""The Python Record Linkage Toolkit: several blocks, its string comparisons, and its unsupervised classifier
(expectation conditional maximisation of Fellegi-Sunter weights), which needs no threshold but a half.

It knows agreement or none, no rarity and no "missing", so what pays is fewer and surer columns; with an address among
them it takes families for people. Of the set-ups tried (README) the best for registers with families, and another for
those without.
"""

import time
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import recordlinkage
from recordlinkage.index import Block

from benchmarks.accuracy.peers.derived import LISTS, derived
from benchmarks.accuracy.task import NOBODY, Answers, say

THRESHOLD = 0.5  # the classifier predicts a link above it


class Setup(NamedTuple):
    """Blocks; columns alike by Jaro-Winkler from a similarity on, alike by Damerau-Levenshtein, and equal."""

    blocks: tuple[tuple[str, ...], ...]
    sounding: Mapping[str, float]
    typed: Mapping[str, float]
    equal: tuple[str, ...]


_STRANGERS = Setup(
    (
        ("birth_date",), ("tax_id",), ("email",), ("postal_code", "given_name"), ("given_name", "surname"),
        ("postal_code", "number"), ("postal_code", "surname"), ("phone",),
    ),
    dict.fromkeys(("given_name", "surname", "street"), 0.85),  # from where its own examples call names alike
    {},
    ("birth_date", "tax_id", "number", "city", "state", "postal_code", "phone", "email"),
)  # fmt: skip
_FAMILIES = Setup(
    (
        ("birth_date",), ("tax_id",), ("email",), ("postal_code", "given_name"), ("given_name", "last_name"),
        ("mother_name", "given_name"), ("tax_head", "given_name"), ("tax_tail", "given_name"), ("phone", "given_name"),
    ),
    {"full_name": 0.92, "given_name": 0.9, "mother_name": 0.9},
    {"tax_id": 0.9},  # one slip in eleven digits
    ("birth_date", "phone", "email", "suffix"),
)  # fmt: skip


def answer(known: pa.Table, asked: pa.Table) -> Answers:
    started = time.perf_counter()
    left, right = (derived(records).drop_columns(list(LISTS)).to_pandas() for records in (known, asked))
    columns = {column for column in left if left[column].notna().any() and right[column].notna().any()}
    setup = _FAMILIES if "mother_name" in columns else _STRANGERS
    ready = time.perf_counter()
    say("finding pairs")
    pairs = _index(setup, columns).index(left, right)
    say(f"comparing {len(pairs):,} pairs")
    features = _compare(setup, columns).compute(pairs, left, right)
    say(f"classifying {len(pairs):,} pairs")
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(features)
    best, score = _best(classifier.prob(features), len(asked))
    return Answers(best, score, ready - started, time.perf_counter() - ready)


def _index(setup: Setup, columns: set[str]) -> recordlinkage.Index:
    index = recordlinkage.Index()
    for block in setup.blocks:
        if columns.issuperset(block):
            index.add(Block(list(block)))
    return index


def _compare(setup: Setup, columns: set[str]) -> recordlinkage.Compare:
    compare = recordlinkage.Compare()
    for method, some in (("jarowinkler", setup.sounding), ("damerau_levenshtein", setup.typed)):
        for column in columns.intersection(some):
            compare.string(column, column, method=method, threshold=some[column], label=column)
    for column in columns.intersection(setup.equal):
        compare.exact(column, column, label=column)
    return compare


def _best(probability: pd.Series, asked: int) -> tuple[np.ndarray, np.ndarray]:
    best, score = np.full(asked, NOBODY), np.zeros(asked)
    for (theirs, mine), p in probability.items():
        if p > score[mine]:
            best[mine], score[mine] = theirs, p
    return best, score
