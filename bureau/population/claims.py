"""Contacts and addresses of entities: which source said what, when first and when last, and who else claims it."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import borrowed, compiled, inlined
from bureau.model.snapshot import ADDRESS, CLAIM
from bureau.population.entities import Entities

MAX_CLAIMS = 64
"""Phones, or e-mails, kept of one entity: the latest seen. More is a register's dummy tax id."""

MAX_ADDRESSES = 5


class Sightings(NamedTuple):
    """When and by whom each row was seen."""

    seen: NDArray[np.int32]
    source: NDArray[np.uint8]


class Values(NamedTuple):
    """Phones or e-mails by row: ``values[ends[r - 1]:ends[r]]``; 0 is no value."""

    ends: NDArray[np.int64]
    values: NDArray[Any]


class Places(NamedTuple):
    """Address columns by row; ``texts`` are street, number, complement, district."""

    texts: NDArray[np.uint32]
    municipality: NDArray[np.uint16]
    postal_code: NDArray[np.int32]


def claims(values: Values, sightings: Sightings, entities: Entities) -> tuple[NDArray[Any], NDArray[np.uint32]]:
    """(CLAIM rows, offsets by entity), an entity's rows last seen first; ``shared_by`` is still 0."""
    found = np.empty(len(values.values), CLAIM)
    offsets = np.zeros(len(entities.first), np.uint32)
    _write_claims(values, sightings, entities, found, offsets)
    return found[: offsets[-1]], offsets


def addresses(places: Places, sightings: Sightings, entities: Entities) -> tuple[NDArray[Any], NDArray[np.uint32]]:
    """(ADDRESS rows, offsets by entity), the distinct ones last seen first, at most five an entity."""
    found = np.empty(len(entities.order), ADDRESS)
    offsets = np.zeros(len(entities.first), np.uint32)
    _write_addresses(places, sightings, entities, found, offsets)
    return found[: offsets[-1]], offsets


def count_sharers(registers: list[NDArray[Any]]) -> None:
    """Set ``shared_by`` of CLAIM arrays of one kind: how many entities of all registers claim the value."""
    values = np.concatenate([found["value"] for found in registers])
    shared = _run_lengths(values, np.argsort(values))
    start = 0
    for found in registers:
        found["shared_by"] = shared[start : start + len(found)]
        start += len(found)


@inlined
def _note(row: Any, s: Sightings, r: int) -> None:
    """Merge one more sighting into a CLAIM or ADDRESS row; rows come latest first, undated ones last."""
    row.sources |= np.uint32(1) << np.uint32(s.source[r])
    if s.seen[r] != 0:
        row.first_seen = s.seen[r]


@compiled
def _write_claims(
    values: Values, sightings: Sightings, entities: Entities, found: NDArray[Any], offsets: NDArray[np.uint32]
) -> None:
    v, s, e, n = borrowed(values), borrowed(sightings), borrowed(entities), 0
    for entity in range(len(e.tax_id)):
        start = n
        for r in e.order[e.first[entity] : e.first[entity + 1]]:
            for i in range(v.ends[r - 1] if r > 0 else 0, v.ends[r]):
                value = np.int64(v.values[i])
                k = start
                while k < n and found[k].value != value:
                    k += 1
                if value == 0 or (k == n and n - start == MAX_CLAIMS):
                    continue
                if k == n:
                    n += 1
                    found[k].value, found[k].shared_by = value, 0
                    found[k].first_seen, found[k].last_seen, found[k].sources = s.seen[r], s.seen[r], 0
                _note(found[k], s, r)
        offsets[entity + 1] = n


@compiled
def _write_addresses(
    places: Places, sightings: Sightings, entities: Entities, found: NDArray[Any], offsets: NDArray[np.uint32]
) -> None:
    p, s, e, n = borrowed(places), borrowed(sightings), borrowed(entities), 0
    for entity in range(len(e.tax_id)):
        start = n
        for r in e.order[e.first[entity] : e.first[entity + 1]]:
            if p.texts[r, 0] == 0 and p.municipality[r] == 0 and p.postal_code[r] == 0:
                continue
            k = start
            while k < n and not _same_address(found[k], p, r):
                k += 1
            if k == n and n - start == MAX_ADDRESSES:
                continue
            if k == n:
                n += 1
                _set_address(found[k], p, r)
                found[k].first_seen, found[k].last_seen, found[k].sources = s.seen[r], s.seen[r], 0
            _note(found[k], s, r)
        offsets[entity + 1] = n


@inlined
def _same_address(row: Any, p: Places, r: int) -> bool:
    texts = p.texts[r]
    return bool(
        row.street == texts[0]
        and row.number == texts[1]
        and row.complement == texts[2]
        and row.district == texts[3]
        and row.municipality == p.municipality[r]
        and row.postal_code == p.postal_code[r]
    )


@inlined
def _set_address(row: Any, p: Places, r: int) -> None:
    texts = p.texts[r]
    row.street, row.number, row.complement, row.district = texts[0], texts[1], texts[2], texts[3]
    row.municipality, row.postal_code = p.municipality[r], p.postal_code[r]


@compiled
def _run_lengths(values: NDArray[np.int64], order: NDArray[np.int64]) -> NDArray[np.uint32]:
    """How often each value occurs, by place; ``order`` sorts the values."""
    found = np.empty(len(values), np.uint32)
    start = 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for i in range(start, end):
            found[order[i]] = end - start
        start = end
    return found
