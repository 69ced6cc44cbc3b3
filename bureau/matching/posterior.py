"""From scores to a decision: homonyms share the probability among themselves, and with "none of them"."""

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import borrowed, compiled, inlined
from bureau.matching.engine import BEST, Matches
from bureau.matching.held_twice import LEAST, against, may_be_one
from bureau.matching.layout import Register

ORDERS = 36**4  # establishments a company root can have: the order part of a CNPJ in base 36
HEAD_OFFICE = 1  # order 0001
TIE_BITS = 0.01


class Outcome(IntEnum):
    MATCHED = 0
    AMBIGUOUS = 1
    NOT_FOUND = 2


_MATCHED, _AMBIGUOUS, _NOT_FOUND = int(Outcome.MATCHED), int(Outcome.AMBIGUOUS), int(Outcome.NOT_FOUND)


class Rule(NamedTuple):
    """``threshold``: from which probability on a candidate is ``matched``. ``twice``: the odds that another candidate
    is the same person, for each of its own odds (``weights.twice``). ``people``: otherwise companies."""

    threshold: float
    twice: float
    people: bool


class Decisions(NamedTuple):
    """Per query: the outcome, which of the best ten is answered, its probability, its lead in bits over the
    likeliest case without it (infinite when there is no other candidate), and the probability of each of the ten.

    Of somebody held twice both are the person asked for: then the ten add up to more than 1.
    """

    outcome: NDArray[np.uint8]
    chosen: NDArray[np.int64]
    probability: NDArray[np.float64]
    gap: NDArray[np.float64]
    each: NDArray[np.float64]  # (Q, 10)


def no_decisions(queries: int) -> Decisions:
    """Room for the decisions on a batch."""
    return Decisions(
        np.empty(queries, np.uint8),
        np.zeros(queries, np.int64),
        np.empty(queries),
        np.empty(queries),
        np.zeros((queries, BEST)),
    )


@compiled
def decide(matches: Matches, rule: Rule, sparse: NDArray[np.bool_], register: Register, out: Decisions) -> None:
    """Decide a batch; ``out`` comes fresh from :func:`no_decisions`.

    ``matched`` needs the threshold. Otherwise somebody being likelier than nobody is ``ambiguous``, and so is a
    ``sparse`` query (no date, no tax id) whose blocks were too large to look through. A person whom the register holds
    twice competes little with himself (``held_twice``). Establishments of one company root are one candidate,
    answered by the best of them, the head office in a tie.
    """
    _decide_all(borrowed(matches), rule, sparse, borrowed(register), borrowed(out))


@inlined
def _decide_all(matches: Matches, rule: Rule, sparse: NDArray[np.bool_], register: Register, out: Decisions) -> None:
    odds, joined = np.zeros(BEST), np.zeros(BEST, np.bool_)
    for q in range(len(sparse)):
        candidates, listed = 0, 0.0
        while candidates < BEST and matches.entity[q, candidates] >= 0:
            odds[candidates] = 2.0 ** min(matches.score[q, candidates], 1000.0)
            listed += odds[candidates]
            candidates += 1
        unsure = listed >= 0.5 * (1.0 + matches.odds[q]) or (matches.budget_hit[q] and sparse[q])
        if rule.people:
            _join_held_twice(matches, q, candidates, rule, register, joined)
            _share_among_people(matches, q, odds[:candidates], joined, rule, out)
        else:
            _share_among_companies(matches, q, odds[:candidates], register.tax_id, out)
        out.outcome[q] = _MATCHED if out.probability[q] >= rule.threshold else _AMBIGUOUS if unsure else _NOT_FOUND


@inlined
def _join_held_twice(
    matches: Matches, q: int, candidates: int, rule: Rule, register: Register, joined: NDArray[np.bool_]
) -> None:
    """Mark the candidates that may be one person with the best, and with each other."""
    least = np.log2(LEAST / rule.twice)
    joined[:] = False
    joined[0] = True
    for i in range(1, candidates):
        if matches.score[q, i] < least:
            break
        joined[i] = True
        for j in range(i):
            if joined[j] and not may_be_one(register, matches.record[q, i], matches.record[q, j]):
                joined[i] = False


@inlined
def _share_among_people(
    matches: Matches, q: int, odds: NDArray[np.float64], joined: NDArray[np.bool_], rule: Rule, out: Decisions
) -> None:
    all_cases, other = 1.0 + matches.odds[q], 0.0
    for i in range(1, len(odds)):
        counted = against(odds[i], rule.twice) if joined[i] else odds[i]
        all_cases -= odds[i] - counted
        other = max(other, counted)
    for i in range(len(odds)):
        cases = all_cases
        if i > 0 and joined[i]:  # seen from this one, it is the best that may be the same person
            cases += odds[i] - against(odds[i], rule.twice) - odds[0] + against(odds[0], rule.twice)
        out.each[q, i] = odds[i] / max(cases, odds[i])
    out.probability[q] = out.each[q, 0]
    out.gap[q] = np.log2(odds[0] / other) if other > 0.0 else np.inf


@inlined
def _share_among_companies(
    matches: Matches, q: int, odds: NDArray[np.float64], tax_id: NDArray[np.int64], out: Decisions
) -> None:
    mine, other = 0.0, 0.0
    for i in range(len(odds)):
        out.each[q, i] = odds[i] / (1.0 + matches.odds[q])
        best, number = tax_id[matches.entity[q, 0]], tax_id[matches.entity[q, i]]
        if best // ORDERS != number // ORDERS:
            other = max(other, odds[i])
            continue
        mine += odds[i]
        if matches.score[q, i] > matches.score[q, 0] - TIE_BITS and number % ORDERS == HEAD_OFFICE:
            out.chosen[q] = i
    out.probability[q] = mine / (1.0 + matches.odds[q])
    out.gap[q] = np.log2(mine / other) if other > 0.0 else np.inf
