"""From scores to a decision: homonyms share the probability among themselves, and with "none of them"."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.matching.engine import Matches

ORDERS = 36**4  # establishments a company root can have: the order part of a CNPJ in base 36
HEAD_OFFICE = 1  # order 0001


class Outcome(IntEnum):
    MATCHED = 0
    AMBIGUOUS = 1
    NOT_FOUND = 2


class Decisions(NamedTuple):
    """Per query: the outcome, which of the best ten is answered, its probability, and its lead over the next other
    candidate in bits (infinite when there is none)."""

    outcome: NDArray[np.uint8]
    chosen: NDArray[np.int64]
    probability: NDArray[np.float64]
    gap: NDArray[np.float64]


def posterior(matches: Matches) -> NDArray[np.float64]:
    """(Q, 10): the probability of each kept entity, with all others and "not in the population" against it."""
    scores = np.where(matches.entity >= 0, matches.score, -np.inf)
    odds: NDArray[np.float64] = np.exp2(scores.clip(max=1000.0)) / (1.0 + matches.odds)[:, None]
    return odds


def decide(
    matches: Matches, threshold: float, sparse: NDArray[np.bool_], tax_ids: NDArray[np.int64] | None = None
) -> Decisions:
    """Decide a batch.

    ``matched`` needs the threshold. Otherwise somebody being likelier than nobody is ``ambiguous``, and so is a
    ``sparse`` query (no date, no tax id) whose blocks were too large to look through. For companies ``tax_ids``
    (Q, 10) makes establishments of one root one candidate, answered by the best of them, the head office in a tie.
    """
    p = posterior(matches)
    groups = np.where(matches.entity >= 0, matches.entity, -1).astype(np.int64)
    chosen = np.zeros(len(p), np.int64)
    if tax_ids is not None:
        groups = np.where(groups >= 0, tax_ids // ORDERS, -1)
        mine = (groups == groups[:, :1]) & (groups >= 0)
        tied = mine & (matches.score > matches.score[:, :1] - 0.01)
        office = tied & (tax_ids % ORDERS == HEAD_OFFICE)
        chosen = np.where(office.any(1), office.argmax(1), 0)
    mine = groups == groups[:, :1]
    probability = np.where(groups[:, 0] >= 0, np.where(mine, p, 0.0).sum(1), 0.0)
    others = np.where(mine, 0.0, p).max(1, initial=0.0)
    gap = np.full(len(p), np.inf)
    np.log2(probability / np.where(others > 0, others, 1.0), out=gap, where=(others > 0) & (probability > 0))
    somebody = p.sum(1) >= 0.5
    outcome = np.where(somebody | (matches.budget_hit & sparse), Outcome.AMBIGUOUS, Outcome.NOT_FOUND)
    outcome = np.where(probability >= threshold, Outcome.MATCHED, outcome)
    return Decisions(outcome.astype(np.uint8), chosen, probability, gap)
