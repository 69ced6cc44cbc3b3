"""Joins the entities that the linking rules left apart, where the matching engine is sure that they are one person.

A pair is joined when it is probable enough from both ends, against all others that either could be. Two candidates
that are themselves likely one person do not compete: otherwise three rows of somebody would keep each other apart.
Tax ids never mix: of two entities that have one, none is joined to the other, not even by way of a third.
"""

import shutil
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import borrowed, compiled, inlined, signed
from bureau.matching.given_names import second_names_differ
from bureau.matching.layout import NO_TAX_ID
from bureau.matching.model import Model
from bureau.population.entities import Entities
from bureau.population.preliminary import preliminary
from bureau.population.rows import Rows
from bureau.population.self_match import Likenesses, likenesses
from bureau.population.survivors import Traits
from bureau.population.vocabulary import Tokens

THRESHOLD = 0.94
"""A little below what is answered as matched by default. Of 43,500 pairs of rows among 50,000 synthetic people in three
sources 100 stay apart at 0.94 and 105 at 0.95, and 24 are joined in error at either. Lower down the mistakes begin to
cost more than the rows left apart: among 1 million, of those that lay between 0.90 and 0.95 only 93 % were right, and
most mistakes, at any threshold, are twins."""

CROWD = 64
"""An entity that resembles more than this many is a placeholder, and joined to nobody."""


class Tools(NamedTuple):
    """The matching model to judge by, and a directory that does not exist yet, for files meanwhile."""

    model: Model
    directory: Path


class _Neighbours(NamedTuple):
    """Whom each entity resembles: ``other[first[e]:first[e + 1]]`` in ascending order, and which pair that is."""

    first: NDArray[np.int64]
    other: NDArray[np.int64]
    pair: NDArray[np.int64]


def same_people(rows: Rows, tokens: Tokens, entities: Entities, traits: Traits, tools: Tools) -> NDArray[np.uint32]:
    """Pairs of rows whose entities are to be joined."""
    if len(entities.tax_id) == 0 or entities.tax_id[-1] != NO_TAX_ID:
        return np.zeros((0, 2), np.uint32)
    searched = preliminary(rows, tokens, entities, traits, tools.directory)
    alike = likenesses(rows, entities, searched, tools.model)
    relatives = second_names_differ(searched.register, alike.low, alike.high)
    shutil.rmtree(tools.directory)
    chosen = joined(alike, relatives, entities.tax_id)
    row = entities.order[entities.first[:-1]]
    return np.stack([row[alike.low[chosen]], row[alike.high[chosen]]], axis=1)


def joined(
    alike: Likenesses, relatives: NDArray[np.bool_], tax_id: NDArray[np.int64], threshold: float = THRESHOLD
) -> NDArray[np.int64]:
    """The pairs to join, surest first; ``relatives`` marks pairs that are to be held for two people."""
    order, group = np.zeros(0, np.int64), np.arange(len(tax_id))
    while True:
        certainty = certainties(alike, relatives, group)
        sure = np.setdiff1d(np.flatnonzero(certainty >= threshold), order)
        order = np.concatenate([order, sure[np.lexsort((sure, -alike.bits[sure]))]])
        chosen, group = _joins(alike.low[order], alike.high[order], tax_id)
        if len(sure) == 0:
            return order[chosen]


def certainties(alike: Likenesses, relatives: NDArray[np.bool_], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """The probability of every pair, seen from the end where it is lower. Entities of one ``group`` are one person
    already, and do not compete for a third: so joining makes others sure, and is repeated until it does not."""
    ends, others = np.concatenate([alike.low, alike.high]), np.concatenate([alike.high, alike.low])
    order = np.lexsort((others, ends))
    first = np.searchsorted(ends[order], np.arange(len(group) + 1))
    pair = np.tile(np.arange(len(alike.low)), 2)
    neighbours = _Neighbours(first, others[order], pair[order])
    return _certainties(neighbours, np.exp2(alike.bits.clip(max=500.0)), alike.rest, relatives, group)


@compiled
def _certainties(
    neighbours: _Neighbours,
    odds: NDArray[np.float64],
    rest: NDArray[np.float64],
    relatives: NDArray[np.bool_],
    group: NDArray[np.int64],
) -> NDArray[np.float64]:
    n, found = borrowed(neighbours), np.where(relatives, 0.0, 1.0)
    for a in range(len(n.first) - 1):
        start, end = n.first[a], n.first[a + 1]
        for i in range(start, end):
            if end - start > CROWD:
                found[n.pair[i]] = 0.0
                continue
            against = 1.0 + rest[a]
            for j in range(start, end):
                rival = group[n.other[j]]
                if j != i and rival not in (group[a], group[n.other[i]]):
                    against += odds[n.pair[j]] * _two_people(n, n.other[i], n.other[j], odds, relatives)
            mine = odds[n.pair[i]]
            found[n.pair[i]] = min(found[n.pair[i]], mine / (mine + against))
    return found


@inlined
def _two_people(n: _Neighbours, b: int, c: int, odds: NDArray[np.float64], relatives: NDArray[np.bool_]) -> float:
    """How probable it is that two candidates are two people, judged as a pair alone."""
    low, high = n.first[b], n.first[b + 1]
    place = low + np.searchsorted(n.other[low:high], c)
    if place == high or n.other[place] != c or relatives[n.pair[place]]:
        return 1.0
    return float(1.0 / (1.0 + odds[n.pair[place]]))


@compiled
def _joins(
    low: NDArray[np.int64], high: NDArray[np.int64], tax_id: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Which pairs to join, in this order, so that no entity gets two tax ids; and the group each entity is then in."""
    root, held, found = np.arange(len(tax_id)), tax_id.copy(), np.zeros(len(low), np.bool_)
    for p in range(len(low)):
        a, b = _root(root, low[p]), _root(root, high[p])
        if a != b and (held[a] == NO_TAX_ID or held[b] == NO_TAX_ID):
            root[b] = a
            held[a] = min(held[a], held[b])
            found[p] = True
    for entity in range(len(root)):
        root[entity] = _root(root, entity)
    return found, root


@inlined
def _root(root: NDArray[np.int64], entity: int) -> int:
    found = signed(entity)
    while root[found] != found:
        root[found] = root[root[found]]
        found = root[found]
    return found
