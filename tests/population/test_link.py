"""The linking rules against an obvious reference on small random data, and one by one."""

from collections import defaultdict
from itertools import combinations
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.matching.layout import NO_TAX_ID
from bureau.population.agreement import Evidence
from bureau.population.link import COMMON_NAME, CROWD, Links, link, refine

SOUND = np.array([0, 11, 12, 13, 13, 15], np.uint32)  # tokens 3 and 4 sound alike


class Row(NamedTuple):
    tax_id: int | None = None
    name: tuple[int, ...] = (1, 2)
    suffix: int = 0
    date: int = 19800228
    mother: tuple[int, ...] = ()
    postal_code: int = 0
    phones: tuple[int, ...] = ()
    emails: tuple[int, ...] = ()
    broken: int = 0
    seen: int = 0


def evidence(rows: list[Row]) -> Evidence:
    def padded(names: list[tuple[int, ...]], width: int) -> np.ndarray:
        return np.array([[*name, *[0] * width][:width] for name in names], np.int32).reshape(-1, width)

    return Evidence(
        np.array([NO_TAX_ID if row.tax_id is None else row.tax_id for row in rows], np.int64),
        np.array([row.seen for row in rows], np.int32),
        padded([row.name for row in rows], 6),
        np.array([row.suffix for row in rows], np.uint8),
        np.array([row.date for row in rows], np.int32),
        padded([row.mother for row in rows], 4),
        np.array([row.postal_code for row in rows], np.int32),
        np.cumsum([len(row.phones) for row in rows], dtype=np.int64),
        np.array([phone for row in rows for phone in row.phones], np.int64),
        np.cumsum([len(row.emails) for row in rows], dtype=np.int64),
        np.array([email for row in rows for email in row.emails], np.uint32),
        np.array([row.broken for row in rows], np.int64),
        SOUND,
    )


def partition(labels: list[int]) -> set[frozenset[int]]:
    groups = defaultdict(set)
    for row, label in enumerate(labels):
        groups[label].add(row)
    return {frozenset(group) for group in groups.values()}


def linked(rows: list[Row]) -> set[frozenset[int]]:
    return partition(link(evidence(rows)).label.tolist())


def common_sounds(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    left, right = [SOUND[t] for t in a], [SOUND[t] for t in b]
    return sum(min(left.count(s), right.count(s)) for s in set(left))


def contradict(a: tuple[int, ...], b: tuple[int, ...]) -> bool:
    return common_sounds(a, b) < min(2, len(a), len(b))


def different_people(a: Row, b: Row) -> bool:
    return contradict(a.name, b.name) and bool(a.date and b.date) and a.date != b.date


def personally_corroborated(a: Row, b: Row) -> bool:
    contacts = set(a.phones) & set(b.phones) or set(a.emails) & set(b.emails)
    return common_sounds(a.mother, b.mother) >= 2 or bool(contacts) or a.broken == b.broken != 0


def corroborated(a: Row, b: Row) -> bool:
    return personally_corroborated(a, b) or a.postal_code == b.postal_code != 0


def reference(rows: list[Row]) -> tuple[set[frozenset[int]], set[int]]:
    """The rules of the module's docstring, written for reading."""
    entities: list[set[int]] = []
    lost: set[int] = set()
    for tax_id in {row.tax_id for row in rows if row.tax_id is not None}:
        group = [i for i, row in enumerate(rows) if row.tax_id == tax_id]
        agreeing = {i: sum(not different_people(rows[i], rows[j]) or i == j for j in group) for i in group}
        anchor = max(group, key=lambda i: (agreeing[i], rows[i].seen, -i))
        kept = {i for i in group if i == anchor or not different_people(rows[i], rows[anchor])}
        entities.append(kept)
        lost |= set(group) - kept
    free = [i for i, row in enumerate(rows) if row.tax_id is None or i in lost]
    groups = defaultdict(list)
    for i, row in enumerate(rows):
        if row.name and row.date:
            groups[tuple(sorted(row.name)), row.suffix, row.date].append(i)
    placed: set[int] = set()
    for group in groups.values():
        members = [i for i in group if i in free]
        owners = [entity for entity in entities if entity & (set(group) - set(free))]
        clash = any(contradict(rows[i].mother, rows[j].mother) for i, j in combinations(group, 2))
        if len(owners) <= 1 and not clash and len(rows[group[0]].name) > 1:
            joined = owners[0] if owners else set()
            joined |= set(members)
            if not owners:
                entities.append(joined)
            placed |= set(members)
            continue
        snapshot = [(entity, entity & set(group) - set(free)) for entity in owners]
        for i in members:
            fits = [
                entity
                for entity, inside in snapshot
                if any(corroborated(rows[i], rows[j]) for j in inside)
                and not any(contradict(rows[i].mother, rows[j].mother) for j in inside)
            ]
            if len(fits) == 1:
                fits[0].add(i)
                placed.add(i)
        for chain in chains([i for i in members if i not in placed], rows):
            if not any(contradict(rows[i].mother, rows[j].mother) for i, j in combinations(chain, 2)):
                entities.append(set(chain))
                placed |= chain
    undated = [i for i in free if not rows[i].date]
    entities += [{i} for i in free if i not in placed and i not in undated]
    return with_undated(rows, entities, undated), lost


def with_undated(rows: list[Row], entities: list[set[int]], undated: list[int]) -> set[frozenset[int]]:
    joined = [set(entity) for entity in entities]
    for i in undated:
        same = {j for j, row in enumerate(rows) if len(row.name) > 1 and name_of(row) == name_of(rows[i])}
        fits = [
            n
            for n, entity in enumerate(entities)
            if any(personally_corroborated(rows[i], rows[j]) for j in entity & same)
            and not any(contradict(rows[i].mother, rows[j].mother) for j in entity & same)
        ]
        if len(fits) == 1:
            joined[fits[0]].add(i)
        else:
            joined.append({i})
    return {frozenset(entity) for entity in joined if entity}


def name_of(row: Row) -> tuple[tuple[int, ...], int]:
    return tuple(sorted(row.name)), row.suffix


def chains(members: list[int], rows: list[Row]) -> list[set[int]]:
    found: list[set[int]] = []
    for i in members:
        touching = [chain for chain in found if any(corroborated(rows[i], rows[j]) for j in chain)]
        found = [chain for chain in found if chain not in touching] + [{i}.union(*touching)]
    return found


small = st.builds(
    Row,
    tax_id=st.sampled_from([None, None, None, 7, 8]),
    name=st.sampled_from([(1, 2), (2, 1), (1, 3), (1, 4), (5,), ()]),
    suffix=st.sampled_from([0, 0, 0, 2]),
    date=st.sampled_from([19800228, 19800228, 19810228, 0]),
    mother=st.sampled_from([(), (), (1, 3), (1, 4), (2, 5)]),
    postal_code=st.sampled_from([0, 0, 1001]),
    phones=st.sampled_from([(), (), (1,), (2, 3), (3,)]),
    emails=st.sampled_from([(), (), (1,), (2, 1)]),
    broken=st.sampled_from([0, 0, 0, 1_777, 1_778]),
    seen=st.integers(0, 2),
)


@settings(max_examples=600)
@given(st.lists(small, max_size=9))
def test_linking_equals_the_reference(rows: list[Row]) -> None:
    expected, expected_lost = reference(rows)
    links = link(evidence(rows))
    assert expected == partition(links.label.tolist())
    assert expected_lost == set(np.flatnonzero(links.lost).tolist())


def test_one_tax_id_is_one_entity_although_the_surname_changed() -> None:
    assert {frozenset([0, 1])} == linked([Row(7, (1, 2)), Row(7, (1, 5))])


def test_a_row_that_contradicts_name_and_date_loses_its_tax_id() -> None:
    rows = [Row(7, (1, 2)), Row(7, (1, 2)), Row(7, (3, 5), date=19500101)]
    links = link(evidence(rows))
    assert [False, False, True] == links.lost.tolist()
    assert {frozenset([0, 1]), frozenset([2])} == partition(links.label.tolist())


def test_a_row_without_tax_id_joins_its_only_namesake() -> None:
    assert {frozenset([0, 1])} == linked([Row(None, (2, 1)), Row(7, (1, 2))])


def test_a_row_without_tax_id_stays_alone_between_two_namesakes() -> None:
    assert {frozenset([0]), frozenset([1]), frozenset([2])} == linked([Row(7), Row(8), Row()])


def test_a_phone_tells_two_namesakes_apart() -> None:
    assert {frozenset([0]), frozenset([1, 2])} == linked([Row(7, phones=(1,)), Row(8, phones=(2,)), Row(phones=(2, 3))])


def test_another_mother_blocks_even_a_shared_address() -> None:
    rows = [Row(7, mother=(1, 2), postal_code=1001), Row(mother=(3, 5), postal_code=1001)]
    assert {frozenset([0]), frozenset([1])} == linked(rows)


def test_father_and_son_stay_apart() -> None:
    assert {frozenset([0]), frozenset([1])} == linked([Row(7, postal_code=1001), Row(suffix=2, postal_code=1001)])


SLIP = 1_52998224726  # of 529.982.247-25; a 1 goes before the digits


def test_a_broken_tax_id_tells_two_namesakes_apart() -> None:
    holders = [Row(52998224725), Row(11144477735)]
    assert {frozenset([0, 2]), frozenset([1])} == linked([*holders, Row(broken=SLIP)])
    assert {frozenset([0]), frozenset([1]), frozenset([2])} == linked([*holders, Row(broken=1_99999999990)])
    assert {frozenset([0]), frozenset([1]), frozenset([2, 3])} == linked([*holders, *[Row(broken=1_777)] * 2])


def test_a_common_name_needs_corroboration() -> None:
    crowd = [Row(100 + i, date=(1900 + i // 12) * 10000 + (i % 12 + 1) * 100 + 1) for i in range(COMMON_NAME)]
    lonely = linked([*crowd, Row(7), Row()])
    assert frozenset([COMMON_NAME + 1]) in lonely
    assert frozenset([COMMON_NAME, COMMON_NAME + 1]) in linked([*crowd, Row(7, emails=(1,)), Row(emails=(1,))])


def test_a_single_token_is_no_name_to_link_by() -> None:
    assert 2 == len(linked([Row(7, (1,)), Row(None, (1,))]))


def test_a_row_without_birth_date_joins_by_phone_but_not_by_place() -> None:
    assert {frozenset([0, 1])} == linked([Row(7, phones=(1,)), Row(date=0, phones=(1,))])
    assert 2 == len(linked([Row(7, postal_code=1001), Row(date=0, postal_code=1001)]))
    assert 3 == len(linked([Row(7, phones=(1,)), Row(8, date=19500101, phones=(1,)), Row(date=0, phones=(1,))]))


def test_a_crowd_of_one_birth_date_is_a_placeholder() -> None:
    assert CROWD + 1 == len(linked([Row()] * (CROWD + 1)))
    assert 1 == len(linked([Row()] * CROWD))


@given(st.integers(1, 12).flatmap(lambda n: st.lists(st.tuples(*[st.integers(0, n - 1)] * 2)).map(lambda p: (n, p))))
def test_refine_joins_transitively(case: tuple[int, list[tuple[int, int]]]) -> None:
    count, pairs = case
    groups = [{i} for i in range(count)]
    for a, b in pairs:
        merged = set().union(*(group for group in groups if a in group or b in group))
        groups = [group for group in groups if not group & merged] + [merged]
    before = Links(np.arange(count, dtype=np.uint32), np.zeros(count, np.bool_))
    after = refine(before, np.array(pairs, np.uint32).reshape(-1, 2))
    assert {frozenset(group) for group in groups} == partition(after.label.tolist())
