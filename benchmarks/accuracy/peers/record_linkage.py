"""The Python Record Linkage Toolkit: several blocks, its string comparisons, and its unsupervised classifier
(expectation conditional maximisation of Fellegi-Sunter weights), which needs no threshold but a half."""

import time

import numpy as np
import pandas as pd
import pyarrow as pa
import recordlinkage
from recordlinkage.index import Block

from benchmarks.accuracy.task import NOBODY, Answers

THRESHOLD = 0.5  # the classifier predicts a link above it
_ALIKE = 0.85  # the toolkit's own examples compare names with Jaro-Winkler from here on
_BLOCKS = (["birth_date"], ["tax_id"], ["email"], ["postal_code", "given_name"], ["given_name", "surname"])
# Where there are families (their records name mothers) the classifier would tell them from strangers, not people from
# each other, if a block were a household; without families these blocks find more.
_HOUSEHOLDS = (["postal_code", "number"], ["postal_code", "surname"], ["phone"])
_NAMES = ("given_name", "surname", "mother_name", "street")
_EXACT = ("birth_date", "tax_id", "number", "city", "state", "postal_code", "phone", "email")


def answer(known: pa.Table, asked: pa.Table) -> Answers:
    started = time.perf_counter()
    left, right = known.to_pandas(), asked.to_pandas()
    columns = {column for column in left if left[column].notna().any() and right[column].notna().any()}
    ready = time.perf_counter()
    pairs = _index(columns).index(left, right)
    features = _compare(columns).compute(pairs, left, right)
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(features)
    best, score = _best(classifier.prob(features), len(asked))
    return Answers(best, score, ready - started, time.perf_counter() - ready)


def _index(columns: set[str]) -> recordlinkage.Index:
    index = recordlinkage.Index()
    for block in _BLOCKS if "mother_name" in columns else (*_BLOCKS, *_HOUSEHOLDS):
        if columns.issuperset(block):
            index.add(Block(block))
    return index


def _compare(columns: set[str]) -> recordlinkage.Compare:
    compare = recordlinkage.Compare()
    for column in _NAMES:
        if column in columns:
            compare.string(column, column, method="jarowinkler", threshold=_ALIKE, label=column)
    for column in _EXACT:
        if column in columns:
            compare.exact(column, column, label=column)
    return compare


def _best(probability: pd.Series, asked: int) -> tuple[np.ndarray, np.ndarray]:
    best, score = np.full(asked, NOBODY), np.zeros(asked)
    for (theirs, mine), p in probability.items():
        if p > score[mine]:
            best[mine], score[mine] = theirs, p
    return best, score
