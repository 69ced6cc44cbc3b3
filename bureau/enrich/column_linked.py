"""What the entities of a table's rows hold, with what their linked companies hold: ``linked`` for whole tables."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, signed
from bureau.enrich.column_contacts import Claims
from bureau.enrich.linked import ANYBODYS, have_linked, linked_companies
from bureau.model.query import Kind
from bureau.model.snapshot import CLAIM
from bureau.population import Population


class Companies(NamedTuple):
    """Of row r those from ``numbers[offsets[r]]`` to ``numbers[offsets[r + 1]]``, in the order of their merit."""

    numbers: NDArray[np.int64]
    offsets: NDArray[np.int64]


def companies_of(population: Population, kind: Kind, entities: NDArray[np.int64]) -> Companies:
    """The linked companies of each row's entity (-1: none)."""
    found: list[int] = []
    counts = np.zeros(len(entities), np.int64)
    for row in np.flatnonzero(have_linked(population, kind, entities)).tolist():
        companies = linked_companies(population, kind, int(entities[row]))
        counts[row] = len(companies)
        found.extend(linked.company for linked in companies)
    return Companies(np.array(found, np.int64), np.concatenate([[0], np.cumsum(counts)]))


def held_claims(own: Claims, entities: NDArray[np.int64], linked: Claims, companies: Companies) -> Claims:
    """CLAIM rows of a table: of row r the entity's own are number 2r, those of its linked companies 2r + 1.

    A value held twice is one claim with the longest history, as ``contacts.survivorship`` has it.
    """
    most = count(own, entities) + count(linked, companies.numbers)
    rows, holders = np.empty(most, CLAIM), np.empty(most, np.int64)
    offsets = np.zeros(2 * len(entities) + 1, np.uint32)
    gather(own, entities, linked, companies, (rows, holders, offsets))
    return Claims(rows[: offsets[-1]], offsets)


@compiled
def count(claims: Claims, entities: NDArray[np.int64]) -> int:
    """How many claims entities have together; -1 is nobody."""
    found = 0
    for entity in entities:
        if entity >= 0:
            found += signed(claims.offsets[entity + 1]) - signed(claims.offsets[entity])
    return found


@compiled
def gather(
    own: Claims,
    entities: NDArray[np.int64],
    linked: Claims,
    companies: Companies,
    filled: tuple[NDArray[np.void], NDArray[np.int64], NDArray[np.uint32]],
) -> None:
    """Fill the claims of :func:`held_claims`, of each the place in ``companies.numbers`` of who holds it (-1: the
    entity), and the offsets."""
    found, holders, offsets = filled
    n = 0
    for row in range(len(entities)):
        start = n
        if entities[row] >= 0:
            for claim in range(own.offsets[entities[row]], own.offsets[entities[row] + 1]):
                found[n], holders[n] = own.rows[claim], -1
                n += 1
        offsets[2 * row + 1] = n
        for place in range(companies.offsets[row], companies.offsets[row + 1]):
            company = companies.numbers[place]
            for claim in range(linked.offsets[company], linked.offsets[company + 1]):
                other = linked.rows[claim]
                if other.shared_by >= ANYBODYS:
                    continue
                k = start
                while k < n and found[k].value != other.value:
                    k += 1
                if k == n:
                    found[n], holders[n] = other, place
                    n += 1
                    continue
                first, last = found[k].first_seen, found[k].last_seen
                if first == 0 or 0 < other.first_seen < first:
                    found[k].first_seen = other.first_seen
                found[k].last_seen = max(last, other.last_seen)
                found[k].sources |= other.sources
                found[k].shared_by = max(signed(found[k].shared_by), signed(other.shared_by), 2) - 1
        offsets[2 * row + 2] = n
