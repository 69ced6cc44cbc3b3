"""From scores to a decision: homonyms share the probability among themselves, and with "none of them"."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, inlined
from bureau.matching.engine import BEST, Matches

ORDERS = 36**4  # establishments a company root can have: the order part of a CNPJ in base 36
HEAD_OFFICE = 1  # order 0001
TIE_BITS = 0.01


class Outcome(IntEnum):
    MATCHED = 0
    AMBIGUOUS = 1
    NOT_FOUND = 2


_MATCHED, _AMBIGUOUS, _NOT_FOUND = int(Outcome.MATCHED), int(Outcome.AMBIGUOUS), int(Outcome.NOT_FOUND)


class Decisions(NamedTuple):
    """Per query: the outcome, which of the best ten is answered, its probability, its lead over the next other
    candidate in bits (infinite when there is none), and the probability of each of the ten."""

    outcome: NDArray[np.uint8]
    chosen: NDArray[np.int64]
    probability: NDArray[np.float64]
    gap: NDArray[np.float64]
    each: NDArray[np.float64]  # (Q, 10)


def decide(
    matches: Matches, threshold: float, sparse: NDArray[np.bool_], tax_ids: NDArray[np.int64], *, people: bool
) -> Decisions:
    """Decide a batch.

    ``matched`` needs the threshold. Otherwise somebody being likelier than nobody is ``ambiguous``, and so is a
    ``sparse`` query (no date, no tax id) whose blocks were too large to look through. Establishments of one company
    root (by the register's ``tax_ids``) are one candidate, answered by the best of them, the head office in a tie.
    """
    queries = len(sparse)
    out = Decisions(
        np.empty(queries, np.uint8),
        np.zeros(queries, np.int64),
        np.empty(queries),
        np.empty(queries),
        np.zeros((queries, BEST)),
    )
    decide_all(matches, threshold, sparse, tax_ids, people, out)
    return out


@compiled
def decide_all(
    matches: Matches,
    threshold: float,
    sparse: NDArray[np.bool_],
    tax_ids: NDArray[np.int64],
    people: bool,
    out: Decisions,
) -> None:
    """Fill ``out``, which comes as :func:`decide` makes it."""
    for q in range(len(sparse)):
        best = matches.entity[q, 0]
        mine, other, all_of_them = 0.0, 0.0, 0.0
        for i in range(BEST):
            entity = matches.entity[q, i]
            if entity < 0:
                break
            p = 2.0 ** min(matches.score[q, i], 1000.0) / (1.0 + matches.odds[q])
            out.each[q, i] = p
            all_of_them += p
            if not _same(tax_ids, best, entity, people):
                other = max(other, p)
                continue
            mine += p
            tied = matches.score[q, i] > matches.score[q, 0] - TIE_BITS
            if not people and tied and tax_ids[entity] % ORDERS == HEAD_OFFICE:
                out.chosen[q] = i
        out.probability[q] = mine
        out.gap[q] = np.log2(mine / other) if other > 0.0 else np.inf
        unsure = all_of_them >= 0.5 or (matches.budget_hit[q] and sparse[q])
        out.outcome[q] = _MATCHED if mine >= threshold else _AMBIGUOUS if unsure else _NOT_FOUND


@inlined
def _same(tax_ids: NDArray[np.int64], best: int, entity: int, people: bool) -> bool:
    """Whether two entities are one candidate: the same, or establishments of one company."""
    return best == entity or (not people and tax_ids[best] // ORDERS == tax_ids[entity] // ORDERS)
