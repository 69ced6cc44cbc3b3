"""Entities in their final order, and each one's rows."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.matching.layout import NO_TAX_ID
from bureau.population.link import Links


class Entities(NamedTuple):
    """Sorted by tax id, unknown last. Rows of entity e are ``order[first[e]:first[e + 1]]``, latest seen first."""

    tax_id: NDArray[np.int64]  # (N,)
    of_row: NDArray[np.uint32]  # (n,)
    first: NDArray[np.int64]  # (N + 1,)
    order: NDArray[np.uint32]  # (n,)


def number_entities(links: Links, tax_id: NDArray[np.int64], seen: NDArray[np.int32]) -> Entities:
    """Give every linked group its number; an entity's tax id is the lowest that its rows keep."""
    lowest = _lowest_tax_id(links, tax_id)
    roots = np.flatnonzero(links.label == np.arange(len(tax_id), dtype=np.uint32))
    roots = roots[np.argsort(lowest[roots], kind="stable")]
    number = np.zeros(len(tax_id), np.uint32)
    number[roots] = np.arange(len(roots), dtype=np.uint32)
    of_row = number[links.label]
    first = np.zeros(len(roots) + 1, np.int64)
    np.cumsum(np.bincount(of_row, minlength=len(roots)), out=first[1:])
    return Entities(lowest[roots], of_row, first, _latest_first(of_row, first, seen))


@compiled
def _lowest_tax_id(links: Links, tax_id: NDArray[np.int64]) -> NDArray[np.int64]:
    lowest = np.full(len(tax_id), NO_TAX_ID)
    for row in range(len(tax_id)):
        if not links.lost[row]:
            label = links.label[row]
            lowest[label] = min(lowest[label], tax_id[row])
    return lowest


@compiled
def _latest_first(of_row: NDArray[np.uint32], first: NDArray[np.int64], seen: NDArray[np.int32]) -> NDArray[np.uint32]:
    """A counting sort by entity, then insertion by date: rows seen the same day keep their order."""
    order, filled = np.empty(len(of_row), np.uint32), np.zeros(len(first) - 1, np.int32)
    for row in range(len(of_row)):
        start = first[of_row[row]]
        place = start + filled[of_row[row]]
        filled[of_row[row]] += 1
        while place > start and seen[order[place - 1]] < seen[row]:
            order[place] = order[place - 1]
            place -= 1
        order[place] = row
    return order
