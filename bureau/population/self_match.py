"""Which entities of a register are like each other: the matching engine is asked for every one without tax id.

A record is a query as it is: its tokens are the vocabulary's, so no text is read and no Python runs between two.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.matching.blocking import EMAIL, PHONE, claim_keys
from bureau.matching.engine import BEST, Matches, match, no_matches
from bureau.matching.layout import ENTITY, NO_TAX_ID
from bureau.matching.levels import Level
from bureau.matching.model import Model
from bureau.matching.search import Target
from bureau.matching.subject import BROKEN_TAX, DOUBTED_TAX, NO_TAX, Subjects, known_subjects, phone_recipes
from bureau.matching.weights import weights
from bureau.normalise.neighbours import near_cpfs
from bureau.population.entities import Entities
from bureau.population.preliminary import Preliminary
from bureau.population.rows import Rows

_SLICE = 1 << 14  # records asked for at a time
_THREADS = 2  # the engine runs without the interpreter lock
_BLOCK, _CANDIDATES = 128, 256  # a build has time to look further than an answer
_NEVER = 1e9  # bits: everybody finds themselves first, and is not to stop looking then


class Likenesses(NamedTuple):
    """Pairs of entities ``low < high`` (ascending), likelier the same than not.

    ``bits`` are the engine's: log2 odds that they are one person rather than strangers or relatives. ``rest`` is by
    entity: the odds of all others together that it resembles less.
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    bits: NDArray[np.float64]
    rest: NDArray[np.float64]


class _Found(NamedTuple):
    """What came of one slice: ``entity`` asked for, ``other`` found, ``bits``; and ``rest``, one a record asked."""

    entity: NDArray[np.int64]
    other: NDArray[np.int64]
    bits: NDArray[np.float64]
    rest: NDArray[np.float64]


def likenesses(rows: Rows, entities: Entities, searched: Preliminary, model: Model) -> Likenesses:
    """Whom every entity without tax id resembles."""
    worth = weights(_between_sources(model), searched.statistics)
    worth = worth._replace(alone=2)  # whoever asks is of the register too
    target = Target(searched.register, searched.statistics, worth)
    records = searched.register.records

    def ask(start: int) -> _Found:
        subjects = _subjects(records[start : start + _SLICE].copy(), rows, entities)
        matches = no_matches(len(subjects.rows))
        match(subjects, target, True, matches)
        return others(subjects.rows[:, ENTITY].copy(), matches)

    with ThreadPoolExecutor(_THREADS) as pool:
        slices = list(pool.map(ask, range(searched.undecided, len(records), _SLICE)))
    return _by_pair(_Found(*(np.concatenate(column) for column in zip(*slices, strict=True))), searched)


def _between_sources(model: Model) -> Model:
    """The model for rows of sources: there is time to look further, and a namesake's suffix is lost as seldom as
    anybody's. (That whole files know of no suffix is true of clients', not of what was loaded.)"""
    none, lost = (model.levels[level.name.lower()] for level in (Level.SUFFIX_NONE, Level.SUFFIX_MISSING))
    levels = model.levels | {Level.SUFFIX_NONE.name.lower(): msgspec.structs.replace(none, namesake=lost.m)}
    return msgspec.structs.replace(
        model, levels=levels, decisive_bits=_NEVER, block_budget=_BLOCK, candidate_budget=_CANDIDATES
    )


def _by_pair(found: _Found, searched: Preliminary) -> Likenesses:
    """Of an entity's records the best; where two entities were both asked for, the lower of their opinions."""
    first_record, count = searched.register.first_record.astype(np.int64), len(searched.register.tax_id)
    key, bits = _reduced(found.entity * count + found.other, found.bits, np.maximum)
    one, two = np.divmod(key, count)
    key, bits = _reduced(np.minimum(one, two) * count + np.maximum(one, two), bits, np.minimum)
    low, high = np.divmod(key, count)
    first = int(np.searchsorted(first_record, searched.undecided))
    rest = np.zeros(count)
    rest[first:] = np.maximum.reduceat(found.rest, first_record[first:-1] - searched.undecided)
    return Likenesses(low, high, bits, rest)


def _reduced(
    key: NDArray[np.int64], bits: NDArray[np.float64], reduce: np.ufunc
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    order = np.argsort(key, kind="stable")
    key, bits = key[order], bits[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    return key[starts], reduce.reduceat(bits, starts) if len(starts) else bits


@compiled
def others(own: NDArray[np.int32], matches: Matches) -> _Found:
    """All but the record's own entity, from 0 bits on; the rest of the odds as an upper bound."""
    entity, other = np.empty(len(own) * BEST, np.int64), np.empty(len(own) * BEST, np.int64)
    bits, rest, n = np.empty(len(own) * BEST), np.zeros(len(own)), 0
    for q in range(len(own)):
        for k in range(BEST):
            found, score = matches.entity[q, k], matches.score[q, k]
            if found < 0 or found == own[q]:
                continue
            if score >= 0.0:
                entity[n], other[n], bits[n] = own[q], found, score
                n += 1
            else:
                rest[q] += 2.0**score
        if matches.considered[q] > BEST:  # none of those beyond the best ten is likelier than the tenth
            rest[q] += (matches.considered[q] - BEST) * 2.0 ** min(matches.score[q, BEST - 1], 1000.0)
    return _Found(entity[:n].copy(), other[:n].copy(), bits[:n].copy(), rest)


def _subjects(records: NDArray[np.int32], rows: Rows, entities: Entities) -> Subjects:
    """Records as queries, with all phones and e-mails of their entities."""
    own, count = records[:, ENTITY].copy(), len(records)
    phones, phone_offsets = _claims(own, entities, rows.phone_ends, rows.phones)
    emails, email_offsets = _claims(own, entities, rows.email_ends, rows.emails)
    phone_query, email_query = (
        np.repeat(np.arange(count), np.diff(offsets)) for offsets in (phone_offsets, email_offsets)
    )
    order = np.argsort(np.concatenate([phone_query, email_query]), kind="stable")
    keys = np.concatenate([claim_keys(phones, PHONE), claim_keys(emails, EMAIL)])
    recipes = np.concatenate([phone_recipes(phones), np.full(len(emails), EMAIL, np.uint8)])
    state, near_offsets, near = _tax_ids(own, entities, rows)
    return known_subjects(records)._replace(
        tax_state=state,
        near_offsets=near_offsets,
        near=near,
        claim_offsets=phone_offsets + email_offsets,
        claims=keys[order],
        claim_recipe=recipes[order],
    )


def _tax_ids(
    own: NDArray[np.int32], entities: Entities, rows: Rows
) -> tuple[NDArray[np.uint8], NDArray[np.int32], NDArray[np.int64]]:
    """(state, offsets, near) of entities without a tax id: what linking refused, or else what broken ones may be."""
    said, offsets, doubted = _said(own, entities, rows.tax_id, rows.broken)
    exact = np.repeat(doubted, np.diff(offsets))
    starts, near = near_cpfs(np.where(exact, 0, said))
    counts = np.where(exact, 1, np.diff(starts))
    place = np.concatenate([np.flatnonzero(exact), np.repeat(np.arange(len(said)), np.diff(starts))])
    values = np.concatenate([said[exact], near])[np.argsort(place, kind="stable")]
    state = np.select([doubted, np.diff(offsets) > 0], [DOUBTED_TAX, BROKEN_TAX], NO_TAX)
    return state.astype(np.uint8), np.append(0, np.cumsum(counts))[offsets].astype(np.int32), values


@compiled
def _said(
    own: NDArray[np.int32], entities: Entities, tax_id: NDArray[np.int64], broken: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Of each entity (which holds no tax id) the refused ones, or where there are none the broken ones, with offsets;
    and which it is."""
    offsets, doubted, most = np.zeros(len(own) + 1, np.int64), np.zeros(len(own), np.bool_), 0
    for q in range(len(own)):
        rows = entities.order[entities.first[own[q]] : entities.first[own[q] + 1]]
        most += len(rows)
        for row in rows:
            doubted[q] |= tax_id[row] != NO_TAX_ID
    found, n = np.empty(most, np.int64), 0
    for q in range(len(own)):
        for row in entities.order[entities.first[own[q]] : entities.first[own[q] + 1]]:
            value = tax_id[row] if doubted[q] else broken[row]
            if value not in (0, NO_TAX_ID):
                found[n] = value
                n += 1
        offsets[q + 1] = n
    return found[:n].copy(), offsets, doubted


@compiled
def _claims(
    own: NDArray[np.int32], entities: Entities, ends: NDArray[np.int64], values: NDArray[Any]
) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
    """(values, offsets): all known ones of each entity's rows; what several rows say comes several times."""
    offsets, most = np.zeros(len(own) + 1, np.int32), 0
    for entity in own:
        for row in entities.order[entities.first[entity] : entities.first[entity + 1]]:
            most += ends[row] - (ends[row - 1] if row > 0 else 0)
    found, n = np.empty(most, np.uint64), 0
    for q in range(len(own)):
        for row in entities.order[entities.first[own[q]] : entities.first[own[q] + 1]]:
            for i in range(ends[row - 1] if row > 0 else 0, ends[row]):
                if values[i] != 0:
                    found[n] = values[i]
                    n += 1
        offsets[q + 1] = n
    return found[:n].copy(), offsets
