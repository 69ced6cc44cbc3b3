from collections import defaultdict

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bureau.model.snapshot import CLAIM
from bureau.population.claims import (
    MAX_ADDRESSES,
    MAX_CLAIMS,
    Places,
    Sightings,
    Values,
    addresses,
    claims,
    count_sharers,
)
from bureau.population.entities import Entities, number_entities
from bureau.population.link import Links

# One row: entity, day seen, source, values.
row_lists = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(0, 31), st.lists(st.integers(0, 4), max_size=3)),
    min_size=1,
    max_size=20,
)
Row = tuple[int, int, int, list[int]]


def entities_of(rows: list[Row]) -> Entities:
    first = {entity: i for i, (entity, *_) in reversed(list(enumerate(rows)))}
    label = np.array([first[entity] for entity, *_ in rows], np.uint32)
    links = Links(label, np.zeros(len(rows), np.bool_))
    tax_id = np.array([entity for entity, *_ in rows], np.int64)
    return number_entities(links, tax_id, np.array([seen for _, seen, *_ in rows], np.int32))


def sightings(rows: list[Row]) -> Sightings:
    return Sightings(np.array([r[1] for r in rows], np.int32), np.array([r[2] for r in rows], np.uint8))


@given(row_lists)
def test_rows_of_an_entity_are_latest_first(rows: list[Row]) -> None:
    entities = entities_of(rows)
    assert sorted({row[0] for row in rows}) == entities.tax_id.tolist()
    for e, tax_id in enumerate(entities.tax_id.tolist()):
        mine = [i for i, row in enumerate(rows) if row[0] == tax_id]
        found = entities.order[entities.first[e] : entities.first[e + 1]].tolist()
        assert sorted(mine, key=lambda i: (-rows[i][1], i)) == found


@given(row_lists)
def test_claims_merge_the_sightings_of_a_value(rows: list[Row]) -> None:
    entities = entities_of(rows)
    values = Values(
        np.cumsum([len(r[3]) for r in rows], dtype=np.int64), np.array([v for r in rows for v in r[3]], np.int64)
    )
    found, offsets = claims(values, sightings(rows), entities)
    expected = defaultdict(list)
    for entity, seen, source, held in rows:
        for value in held:
            expected[entity, value].append((seen, source))
    count = 0
    for e, tax_id in enumerate(entities.tax_id.tolist()):
        mine = found[offsets[e] : offsets[e + 1]]
        assert sorted(mine["last_seen"].tolist(), reverse=True) == mine["last_seen"].tolist()
        for claim in mine:
            seen = expected[tax_id, int(claim["value"])]
            dated = [day for day, _ in seen if day]
            assert claim["value"] != 0
            assert (min(dated, default=0), max(dated, default=0)) == (claim["first_seen"], claim["last_seen"])
            assert sum({1 << source for _, source in seen}) == claim["sources"]
            count += 1
    assert len([key for key in expected if key[1]]) == count


def test_only_the_latest_claims_of_a_dummy_id_are_kept() -> None:
    rows: list[Row] = [(1, day, 0, [day]) for day in range(1, MAX_CLAIMS + 10)]
    values = Values(np.arange(1, len(rows) + 1), np.array([r[3][0] for r in rows]))
    found, _ = claims(values, sightings(rows), entities_of(rows))
    assert list(range(len(rows), len(rows) - MAX_CLAIMS, -1)) == found["value"].tolist()


def test_sharers_are_counted_over_both_registers() -> None:
    people, companies = np.zeros(3, CLAIM), np.zeros(2, CLAIM)
    people["value"], companies["value"] = [7, 8, 7], [7, 9]
    count_sharers([people, companies])
    assert ([3, 1, 3], [3, 1]) == (people["shared_by"].tolist(), companies["shared_by"].tolist())


def test_addresses_are_distinct_latest_first_and_bounded() -> None:
    rows: list[Row] = [(1, day, day % 3, []) for day in range(1, 10)]
    texts = np.zeros((9, 4), np.uint32)
    texts[:, 0] = [1, 1, 2, 3, 4, 5, 6, 6, 0]  # the last row has no address at all
    places = Places(texts, np.zeros(9, np.uint16), np.zeros(9, np.int32))
    found, offsets = addresses(places, sightings(rows), entities_of(rows))
    assert [6, 5, 4, 3, 2] == found["street"].tolist()
    assert MAX_ADDRESSES == len(found) == offsets[-1]
    assert (7, 8, 0b110) == (found["first_seen"][0], found["last_seen"][0], found["sources"][0])
