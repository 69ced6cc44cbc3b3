"""What survives of an entity's rows: its records, its two latest places, its sex and the name to show.

A record is one variant of (name, suffix, date, alias). A row joins the first variant that it does not contradict and
fills its gaps, so most entities have one record; the variants that most rows support stay, at most four. What one of
them leaves unknown is then taken from the best that knows it: a maiden name has the same mother as the married one.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import borrowed, compiled, inlined, outlives
from bureau.matching.layout import (
    ALIAS,
    ALIAS_TOKENS,
    DATE,
    ENTITY,
    FLAGS,
    MUNICIPALITY,
    NAME,
    NAME_TOKENS,
    POSTAL_CODE,
    WIDTH,
)
from bureau.population.entities import Entities

MAX_RECORDS = 4
_MOST_VARIANTS = 16  # looked at per entity; a tax id shared by more is not worth more


class Traits(NamedTuple):
    """What is said of an entity, by row; name i of row r is row ``r * names_per_row + i`` of the name columns."""

    names_per_row: int
    content: NDArray[np.int32]
    suffix: NDArray[np.uint8]
    date: NDArray[np.int32]
    alias: NDArray[np.int32]
    name_ends: NDArray[np.int64]
    sex: NDArray[np.uint8]  # may be empty
    municipality: NDArray[np.uint16]
    postal_code: NDArray[np.int32]
    house: NDArray[np.uint16]


class Survivors(NamedTuple):
    """``shown`` is the name row to show each entity by; -1 when no row has a name."""

    records: NDArray[np.int32]  # (R, 16), matching/layout.py
    first_record: NDArray[np.uint32]  # (N + 1,)
    shown: NDArray[np.int64]  # (N,)


class _Variants(NamedTuple):
    content: NDArray[np.int32]
    suffix: NDArray[np.uint8]
    date: NDArray[np.int32]
    alias: NDArray[np.int32]
    support: NDArray[np.int32]
    fullest: NDArray[np.int64]  # the name row with the most tokens


def survive(traits: Traits, entities: Entities) -> Survivors:
    """The records of every entity, in entity order."""
    most = len(traits.content)  # an entity has a name row for every record; pages never written cost nothing
    first_record = np.zeros(len(entities.first), np.uint32)
    shown = np.full(len(entities.tax_id), -1, np.int64)
    found = Survivors(np.empty((most, WIDTH), np.int32), first_record, shown)
    _write_records(traits, entities, found)
    return found._replace(records=found.records[: first_record[-1]])


def token_counts(records: NDArray[np.int32], tokens: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """How many records carry each of ``tokens`` tokens as first, and as later token of the name."""
    first = np.bincount(records[:, NAME], minlength=tokens)
    other = np.zeros(tokens, np.int64)
    for column in range(NAME + 1, NAME + NAME_TOKENS):
        other += np.bincount(records[:, column], minlength=tokens)
    first[0] = other[0] = 0
    return first.astype(np.uint32), other.astype(np.uint32)


@inlined
def _no_variants() -> _Variants:
    return _Variants(
        np.zeros((_MOST_VARIANTS, NAME_TOKENS), np.int32),
        np.zeros(_MOST_VARIANTS, np.uint8),
        np.zeros(_MOST_VARIANTS, np.int32),
        np.zeros((_MOST_VARIANTS, ALIAS_TOKENS), np.int32),
        np.zeros(_MOST_VARIANTS, np.int32),
        np.zeros(_MOST_VARIANTS, np.int64),
    )


@inlined
def _agree(a: NDArray[np.int32], b: NDArray[np.int32]) -> bool:
    if a[0] == 0 or b[0] == 0:
        return True
    for i in range(len(a)):  # noqa: SIM110  # a compiled loop
        if a[i] != b[i]:
            return False
    return True


@inlined
def _fits(v: _Variants, i: int, t: Traits, name: int) -> bool:
    if v.suffix[i] != t.suffix[name] and v.suffix[i] != 0 and t.suffix[name] != 0:
        return False
    if v.date[i] != t.date[name] and v.date[i] != 0 and t.date[name] != 0:
        return False
    return _agree(v.content[i], t.content[name]) and _agree(v.alias[i], t.alias[name])


@inlined
def _tokens(t: Traits, name: int) -> int:
    return int(t.name_ends[name] - (t.name_ends[name - 1] if name > 0 else 0))


@inlined
def _fill(v: _Variants, i: int, t: Traits, name: int) -> None:
    v.support[i] += 1
    if t.content[name, 0] != 0:
        if v.content[i, 0] == 0 or _tokens(t, name) > _tokens(t, v.fullest[i]):
            v.fullest[i] = name
        v.content[i] = t.content[name]
    if t.alias[name, 0] != 0:
        v.alias[i] = t.alias[name]
    v.suffix[i] = max(v.suffix[i], t.suffix[name])
    v.date[i] = max(v.date[i], t.date[name])


@inlined
def _gather(t: Traits, rows: NDArray[np.uint32], v: _Variants) -> int:
    """The distinct variants of an entity's rows, in order of their latest row; returns how many."""
    n = 0
    for row in rows:
        for i in range(t.names_per_row):
            name = int(np.int64(row) * t.names_per_row + i)
            if t.content[name, 0] == 0 and t.date[name] == 0 and t.alias[name, 0] == 0:
                continue
            found = 0
            while found < n and not _fits(v, found, t, name):
                found += 1
            if found == _MOST_VARIANTS:
                continue
            if found == n:
                n += 1
                v.content[found], v.suffix[found], v.date[found] = 0, 0, 0
                v.alias[found], v.support[found] = 0, 0
            _fill(v, found, t, name)
    return n


@compiled
def _write_records(traits: Traits, entities: Entities, survivors: Survivors) -> None:
    variants, place = _no_variants(), np.zeros(WIDTH, np.int32)
    t, e, found, v = borrowed(traits), borrowed(entities), borrowed(survivors), borrowed(variants)
    for entity in range(len(e.tax_id)):
        rows = e.order[e.first[entity] : e.first[entity + 1]]
        n = _gather(t, rows, v)
        for i in range(n):
            if v.content[i, 0] != 0:
                found.shown[entity] = v.fullest[i]
                break
        _describe(t, rows, place)
        start = np.int64(found.first_record[entity])
        end = start + min(max(n, 1), MAX_RECORDS)
        found.first_record[entity + 1] = end
        for r in range(start, end):
            found.records[r] = place
            found.records[r, ENTITY] = entity
            if n > 0:
                best = int(np.argmax(v.support[:n]))  # of equals the latest
                _write_variant(v, best, found.records[r])
                v.support[best] = -1
        _fill_gaps(found.records[start:end])
    outlives(variants)


@inlined
def _write_variant(v: _Variants, i: int, record: NDArray[np.int32]) -> None:
    record[NAME : NAME + NAME_TOKENS] = v.content[i]
    record[ALIAS : ALIAS + ALIAS_TOKENS] = v.alias[i]
    record[DATE] = v.date[i]
    record[FLAGS] |= np.int32(v.suffix[i])


@inlined
def _fill_gaps(records: NDArray[np.int32]) -> None:
    for first, width in ((NAME, NAME_TOKENS), (ALIAS, ALIAS_TOKENS), (DATE, 1)):
        known = 0
        while known < len(records) and records[known, first] == 0:
            known += 1
        for r in range(len(records) if known < len(records) else 0):
            if records[r, first] == 0:
                records[r, first : first + width] = records[known, first : first + width]


@inlined
def _describe(t: Traits, rows: NDArray[np.uint32], place: NDArray[np.int32]) -> None:
    """Fill the columns that all records of an entity share: two latest places, house number, sex."""
    place[:], places, house = 0, 0, np.int64(0)
    men, women = 0, 0
    for row in rows:
        if len(t.sex) > 0:
            men += t.sex[row] == 1
            women += t.sex[row] == 2
        municipality, postal_code = np.int32(t.municipality[row]), t.postal_code[row]
        if places < 2 and (municipality != 0 or postal_code != 0):
            if places == 0:
                house = np.int64(t.house[row])
            elif place[POSTAL_CODE] == postal_code and place[MUNICIPALITY] == municipality:
                continue
            place[POSTAL_CODE + places] = postal_code
            place[MUNICIPALITY] |= municipality << (16 * places)
            places += 1
    sex = 1 if men > women else (2 if women > men else 0)
    place[FLAGS] = np.int32(sex << 8 | house << 16)
