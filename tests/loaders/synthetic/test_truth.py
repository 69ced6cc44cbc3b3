from typing import Any

import pyarrow as pa
from rapidfuzz.distance import JaroWinkler

from loaders.synthetic.lettering import unaccented

Records = dict[tuple[str, int], dict[str, str]]


def _plain(names: list[str]) -> list[str]:
    return [name.upper() for name in unaccented(pa.array(names)).to_pylist()]


def test_every_record_belongs_to_exactly_one_person(truth: list[dict[str, Any]], records: Records) -> None:
    places = [(row["source"], row["row"]) for person in truth for row in person["rows"]]
    assert sorted(records) == sorted(places)
    assert all(person["rows"] for person in truth)


def test_the_records_are_of_the_person_the_truth_says(truth: list[dict[str, Any]], records: Records) -> None:
    pairs = [(person, records[row["source"], row["row"]]) for person in truth for row in person["rows"]]
    with_tax_id = [(person, record) for person, record in pairs if record["tax_id"]]
    assert all(f"{p['tax_id']:011}" == "".join(filter(str.isdigit, r["tax_id"])) for p, r in with_tax_id)
    assert 0.4 < len(with_tax_id) / len(pairs) < 0.8
    names = _plain([record["name"] for _, record in pairs])
    near = [
        max(JaroWinkler.similarity(name, person[kind]) for kind in ("name", "birth_name")) > 0.8
        for name, (person, _) in zip(names, pairs, strict=True)
    ]
    assert sum(near) / len(near) > 0.98
    exact = [name in (p["name"], p["birth_name"]) for name, (p, _) in zip(names, pairs, strict=True)]
    assert 0.8 < sum(exact) / len(exact) < 0.96


def test_people_are_unique_and_their_parents_are_people(truth: list[dict[str, Any]]) -> None:
    person_of = {person["person_id"]: person for person in truth}
    assert len(truth) == len(person_of) == len({person["tax_id"] for person in truth})
    with_mother = [person for person in truth if person["mother_id"]]
    assert len(with_mother) > 1_000
    for person in with_mother:
        mother = person_of[person["mother_id"]]
        assert mother["sex"] == 2
        assert mother["birth_date"] < person["birth_date"]
        assert person["mother_name"] in (mother["name"], mother["birth_name"])


def test_households_hold_families(truth: list[dict[str, Any]]) -> None:
    homes: dict[int, list[dict[str, Any]]] = {}
    for person in truth:
        homes.setdefault(person["household_id"], []).append(person)
    assert 2 < len(truth) / len(homes) < 4
    assert max(map(len, homes.values())) <= 9
