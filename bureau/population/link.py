"""Which rows are one entity: by tax id first, then by name and birth date, never by guess.

1. Rows with one tax id are one entity. Where name *and* birth date both contradict, the id was mistyped or lent: the
   rows that disagree with the majority lose it.
2. Rows with equal name (content tokens in any order, and suffix) and birth date form a group. A group is *alone* when
   its name has two tokens or more and is not common, no two mothers contradict, and at most one tax id is in it: then
   all of it is one entity.
   Otherwise a row needs corroboration (mother, phone, e-mail, postal code or broken tax id) from exactly one entity
   that holds a tax id, or, failing that, from other rows without one.
3. A row with neither tax id nor birth date joins the one entity of its name that mother, phone, e-mail or a broken tax
   id point to.

A row that could be two people's stays on its own: a wrong merge hands out a stranger's contacts, a missed one only
makes an answer ambiguous. ``refine`` is where later evidence joins what these rules left apart.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import borrowed, compiled, inlined, signed
from bureau.matching.blocking import mixed
from bureau.matching.layout import NO_TAX_ID
from bureau.population.agreement import (
    Evidence,
    contradict,
    corroborated,
    different_people,
    personally_corroborated,
)

COMMON_NAME = 250
"""Birth dates seen with one name from which on the name is common. With 25,000 birth dates alive, a namesake of the
same birth date is then about 1 % likely (facts: 78,403 MARIA JOSE DA SILVA, three to a date)."""

CROWD = 64
"""A group larger than this is a placeholder (1900-01-01), not a person: only tax ids link it."""

NAMESAKES = 1024
"""Rows of one name up to which rows without birth date are compared with all of them."""


class Links(NamedTuple):
    """``label`` is one row of the entity, the same for all its rows; ``lost`` marks rows whose tax id was refused."""

    label: NDArray[np.uint32]
    lost: NDArray[np.bool_]


def link(evidence: Evidence) -> Links:
    """The entity of every row."""
    label = np.arange(len(evidence.tax_id), dtype=np.uint32)
    lost = np.zeros(len(label), np.bool_)
    _by_tax_id(evidence, np.argsort(evidence.tax_id, kind="stable"), label, lost)
    key = _name_and_date(evidence)
    known = np.flatnonzero(key)
    order = known[np.argsort(key[known], kind="stable")]
    _by_name(evidence, Links(label, lost), key, order)
    return Links(label, lost)


def refine(links: Links, pairs: NDArray[np.uint32]) -> Links:
    """Join the entities of each (row, row) pair too, transitively."""
    label = links.label.copy()
    _join(label, pairs)
    return Links(label, links.lost)


@compiled
def _by_tax_id(
    evidence: Evidence, order: NDArray[np.int64], label: NDArray[np.uint32], lost: NDArray[np.bool_]
) -> None:
    e, start = borrowed(evidence), 0
    while start < len(order) and e.tax_id[order[start]] != NO_TAX_ID:
        end = start + 1
        while end < len(order) and e.tax_id[order[end]] == e.tax_id[order[start]]:
            end += 1
        group = order[start:end]
        anchor = _most_agreed(e, group)
        first = -1
        for row in group:
            if row != anchor and different_people(e, row, anchor):
                lost[row] = True
            else:
                first = row if first < 0 else first
                label[row] = first
        start = end


@inlined
def _most_agreed(e: Evidence, group: NDArray[np.int64]) -> int:
    """The row that the most rows agree with; of several the latest seen."""
    best, most = group[0], -1
    for i in range(min(len(group), CROWD)):
        agreeing = 0
        for j in range(min(len(group), CROWD)):
            agreeing += i == j or not different_people(e, group[i], group[j])
        if agreeing > most or (agreeing == most and e.seen[group[i]] > e.seen[best]):
            best, most = group[i], agreeing
    return int(best)


@compiled
def _name_and_date(evidence: Evidence) -> NDArray[np.uint64]:
    """47 bits of the name, 17 of the date: sorting brings namesakes together, by date, the undated first.

    0 when the name is unknown.
    """
    e = borrowed(evidence)
    key = np.zeros(len(e.date), np.uint64)
    for i in range(len(key)):
        if e.content[i, 0] == 0:
            continue
        name = np.uint64(e.suffix[i])
        for token in e.content[i]:
            if token != 0:
                name += mixed(np.uint64(token))
        year, month, day = e.date[i] // 10000, e.date[i] // 100 % 100, e.date[i] % 100
        number = min(max((year - 1800) * 372 + month * 31 + day, 1), 131071) if e.date[i] != 0 else 0
        key[i] = (mixed(name) >> np.uint64(17) << np.uint64(17)) | np.uint64(number)
    return key


@compiled
def _by_name(evidence: Evidence, into: Links, key: NDArray[np.uint64], order: NDArray[np.int64]) -> None:
    e, links, start = borrowed(evidence), borrowed(into), 0
    while start < len(order):
        name = key[order[start]] >> np.uint64(17)
        end, dates, dated = start, 0, start
        while end < len(order) and key[order[end]] >> np.uint64(17) == name:
            dates += end == start or key[order[end]] != key[order[end - 1]]
            dated += e.date[order[end]] == 0
            end += 1
        single = e.content[order[start], 1] == 0
        first = dated
        while first < end:
            last = first + 1
            while last < end and key[order[last]] == key[order[first]]:
                last += 1
            if 1 < last - first <= CROWD:
                _link_group(e, links, order[first:last], single or dates >= COMMON_NAME)
            first = last
        if start < dated and end - start <= NAMESAKES and not single:
            _link_undated(e, links, order[start:end], dated - start)
        start = end


@inlined
def _has_id(e: Evidence, links: Links, row: int) -> bool:
    return bool(e.tax_id[row] != NO_TAX_ID and not links.lost[row])


@compiled
def _link_group(e: Evidence, links: Links, group: NDArray[np.int64], common: bool) -> None:
    """Link the rows of one name and birth date, in ascending order."""
    owner, several, free = -1, False, 0
    for row in group:
        if not _has_id(e, links, row):
            free += 1
        elif owner < 0:
            owner = signed(links.label[row])
        elif owner != links.label[row]:
            several = True
    if free == 0:
        return
    if not common and not several and not _any_contradiction(e, group):
        for row in group:
            if not _has_id(e, links, row):
                links.label[row] = owner if owner >= 0 else group[0]
        return
    _link_to_owners(e, links, group)
    _link_leftovers(e, links, group)


@inlined
def _link_to_owners(e: Evidence, links: Links, group: NDArray[np.int64]) -> None:
    """Join rows without tax id to the one entity with a tax id that corroborates them."""
    owners, n = np.empty(len(group), np.int64), 0
    for row in group:
        if _has_id(e, links, row):
            owners[n] = row
            n += 1
    for row in group:
        if not _has_id(e, links, row):
            found = _only_corroborated(e, links, owners[:n], row, True)
            if found >= 0:
                links.label[row] = found


@inlined
def _link_undated(e: Evidence, links: Links, group: NDArray[np.int64], undated: int) -> None:
    """Join rows without tax id and birth date, among the first ``undated`` of a name, to the entity they point to."""
    owners, n = np.empty(len(group), np.int64), 0
    for i in range(len(group)):
        if i >= undated or _has_id(e, links, group[i]):
            owners[n] = group[i]
            n += 1
    for row in group[:undated]:
        if not _has_id(e, links, row):
            found = _only_corroborated(e, links, owners[:n], row, False)
            if found >= 0:
                links.label[row] = found


@inlined
def _any_contradiction(e: Evidence, group: NDArray[np.int64]) -> bool:
    for i in range(len(group)):
        for j in range(i):
            if contradict(e.alias[group[i]], e.alias[group[j]], e.sound):
                return True
    return False


@inlined
def _only_corroborated(e: Evidence, links: Links, owners: NDArray[np.int64], row: int, by_place: bool) -> int:
    """The one entity of ``owners`` that corroborates ``row`` and does not contradict it; -1 when none or several."""
    found = -1
    for other in owners:
        label = signed(links.label[other])
        if label == found:
            continue
        if not (corroborated(e, row, other) if by_place else personally_corroborated(e, row, other)):
            continue
        blocked = False
        for third in owners:
            if links.label[third] == label:
                blocked |= contradict(e.alias[row], e.alias[third], e.sound)
        if not blocked:
            if found >= 0:
                return -1
            found = label
    return found


@inlined
def _link_leftovers(e: Evidence, links: Links, group: NDArray[np.int64]) -> None:
    """Join corroborated rows that hold no tax id and found no owner; a chain with a contradiction falls apart."""
    rows = np.empty(len(group), np.int64)
    n = 0
    for row in group:
        if not _has_id(e, links, row) and links.label[row] == row:
            rows[n] = row
            n += 1
    root = np.arange(n)
    for i in range(n):
        for j in range(i):
            if root[i] != root[j] and corroborated(e, rows[i], rows[j]):
                low, high = min(root[i], root[j]), max(root[i], root[j])
                root[root == high] = low
    for i in range(n):
        for j in range(i):
            if root[i] == root[j] and root[i] >= 0 and contradict(e.alias[rows[i]], e.alias[rows[j]], e.sound):
                root[root == root[i]] = -1
    for i in range(n):
        if root[i] >= 0:
            links.label[rows[i]] = rows[root[i]]


@compiled
def _join(label: NDArray[np.uint32], pairs: NDArray[np.uint32]) -> None:
    for p in range(len(pairs)):
        a, b = _root(label, pairs[p, 0]), _root(label, pairs[p, 1])
        label[max(a, b)] = min(a, b)
    for row in range(len(label)):
        label[row] = _root(label, row)


@inlined
def _root(label: NDArray[np.uint32], row: int) -> int:
    found = signed(row)
    while label[found] != found:
        found = signed(label[found])
    return found
