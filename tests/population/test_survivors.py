from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.matching.layout import ALIAS, DATE, ENTITY, FLAGS, MUNICIPALITY, NAME, POSTAL_CODE
from bureau.population.entities import Entities
from bureau.population.survivors import MAX_RECORDS, Survivors, Traits, survive, token_counts


class Seen(NamedTuple):
    """One row of an entity, latest first."""

    name: tuple[int, ...] = (1, 2)
    suffix: int = 0
    date: int = 19800228
    mother: tuple[int, ...] = ()
    sex: int = 0
    place: tuple[int, int] = (0, 0)
    house: int = 0
    tokens: int = 2


def survivors(entities: list[list[Seen]]) -> Survivors:
    rows = [row for entity in entities for row in entity]
    first = np.cumsum([0] + [len(entity) for entity in entities])
    order = np.arange(len(rows), dtype=np.uint32)
    of_row = np.repeat(np.arange(len(entities), dtype=np.uint32), np.diff(first))

    def padded(names: list[tuple[int, ...]], width: int) -> np.ndarray:
        return np.array([[*name, *[0] * width][:width] for name in names], np.int32)

    traits = Traits(
        1,
        padded([row.name for row in rows], 6),
        np.array([row.suffix for row in rows], np.uint8),
        np.array([row.date for row in rows], np.int32),
        padded([row.mother for row in rows], 4),
        np.cumsum([row.tokens for row in rows]),
        np.array([row.sex for row in rows], np.uint8),
        np.array([row.place[0] for row in rows], np.uint16),
        np.array([row.place[1] for row in rows], np.int32),
        np.array([row.house for row in rows], np.uint16),
    )
    return survive(traits, Entities(np.arange(len(entities)), of_row, first, order))


Variant = tuple[tuple[int, ...], int, int, tuple[int, ...]]


def reference(rows: list[Seen]) -> list[Variant]:
    """Each row joins the first variant it does not contradict; the best supported stay and fill each other's gaps."""
    variants: list[list[object]] = []
    support: list[int] = []
    for row in rows:
        said = [row.name, row.suffix, row.date, row.mother]
        if not (row.name or row.date or row.mother):
            continue
        for i, variant in enumerate(variants):
            if all(not a or not b or a == b for a, b in zip(variant, said, strict=True)):
                variants[i] = [a or b for a, b in zip(variant, said, strict=True)]
                support[i] += 1
                break
        else:
            variants.append(said)
            support.append(1)
    ranked = sorted(range(len(variants)), key=lambda i: (-support[i], i))[:MAX_RECORDS]
    kept = [variants[i] for i in ranked]
    for field in (0, 2, 3):  # name, date, mother; the suffix stays each name's own
        best = next((variant[field] for variant in kept if variant[field]), None)
        for variant in kept:
            variant[field] = variant[field] or best or variant[field]
    return [tuple(variant) for variant in kept] or [((), 0, 0, ())]  # type: ignore[misc]


def variants_of(found: Survivors, entity: int) -> list[Variant]:
    records = found.records[found.first_record[entity] : found.first_record[entity + 1]]
    return [
        (
            tuple(int(t) for t in record[NAME : NAME + 6] if t),
            int(record[FLAGS]) & 0xFF,
            int(record[DATE]),
            tuple(int(t) for t in record[ALIAS : ALIAS + 4] if t),
        )
        for record in records
    ]


seen_rows = st.builds(
    Seen,
    name=st.sampled_from([(1, 2), (1, 2), (1, 3), (2,), ()]),
    suffix=st.sampled_from([0, 0, 2, 3]),
    date=st.sampled_from([19800228, 19810228, 0]),
    mother=st.sampled_from([(), (4, 5), (4,)]),
    sex=st.just(0),
    place=st.just((0, 0)),
    house=st.just(0),
    tokens=st.just(2),
)


@settings(max_examples=300)
@given(st.lists(st.lists(seen_rows, min_size=1, max_size=8), min_size=1, max_size=3))
def test_records_equal_the_reference(entities: list[list[Seen]]) -> None:
    found = survivors(entities)
    for e, rows in enumerate(entities):
        assert reference(rows) == variants_of(found, e)
    assert found.first_record[-1] == len(found.records)
    assert sorted(found.records[:, ENTITY].tolist()) == found.records[:, ENTITY].tolist()


def test_a_maiden_name_keeps_the_mother_that_only_the_married_one_told() -> None:
    found = survivors([[Seen((1, 2), mother=(4, 5)), Seen((1, 2), mother=(4, 5)), Seen((1, 3), mother=())]])
    assert [((1, 2), (4, 5)), ((1, 3), (4, 5))] == [(name, mother) for name, _, _, mother in variants_of(found, 0)]


def test_the_two_latest_places_and_the_latest_house_stay() -> None:
    rows = [
        Seen(place=(0, 0), house=9),
        Seen(place=(7, 1001), house=40_000),
        Seen(place=(7, 1001), house=2),
        Seen(place=(8, 0)),
        Seen(place=(9, 3)),
    ]
    record = survivors([rows]).records[0]
    assert (7, 8) == (record[MUNICIPALITY] & 0xFFFF, record[MUNICIPALITY] >> 16)
    assert [1001, 0] == record[POSTAL_CODE : POSTAL_CODE + 2].tolist()
    assert 40_000 == (int(record[FLAGS]) >> 16) & 0xFFFF


def test_sex_is_the_majority_and_unknown_on_a_tie() -> None:
    found = survivors([[Seen(sex=1), Seen(sex=2), Seen(sex=2)], [Seen(sex=1), Seen(sex=2)], [Seen(sex=1)]])
    assert [2, 0, 1] == [(int(flags) >> 8) & 3 for flags in found.records[:, FLAGS]]


def test_the_name_shown_is_the_latest_in_its_fullest_form() -> None:
    rows = [Seen(()), Seen((1, 3), tokens=2), Seen((1, 3), tokens=3), Seen((1, 2), tokens=5), Seen((1, 2), tokens=5)]
    assert [2, -1] == survivors([rows, [Seen(())]]).shown.tolist()


def test_tokens_are_counted_by_position() -> None:
    records = survivors([[Seen((1, 2, 2))], [Seen((2, 1))], [Seen(())]]).records
    first, other = token_counts(records, 4)
    assert ([0, 1, 1, 0], [0, 1, 2, 0]) == (first.tolist(), other.tolist())
