from collections import Counter
from typing import Any

from loaders.synthetic.damage import KINDS
from loaders.synthetic.queries import TRUTH
from loaders.synthetic.sources import FIELDS

Queries = list[tuple[dict[str, str], dict[str, str]]]


def test_files_have_their_columns_and_join(queries: Queries) -> None:
    assert 1_200 == len(queries)
    assert ["query_id", *FIELDS] == list(queries[0][0])
    assert list(TRUTH) == list(queries[0][1])
    assert all(query["query_id"] == true["query_id"] for query, true in queries)
    assert {"synthetic_client"} == {query["source"] for query, _ in queries}


def test_a_quarter_is_absent_and_unknown_to_every_source(
    queries: Queries, truth: list[dict[str, Any]], records: dict[tuple[str, int], dict[str, str]]
) -> None:
    absent = [(query, true) for query, true in queries if true["absent"] == "1"]
    assert 300 == len(absent)
    assert all(true["person_id"] == true["tax_id"] == "" for _, true in absent)
    known = {"".join(filter(str.isdigit, record["tax_id"])) for record in records.values()} | {
        f"{person['tax_id']:011}" for person in truth
    }
    undamaged = [query["tax_id"] for query, true in absent if not true["damages"] and query["tax_id"]]
    assert len(undamaged) > 50
    assert not known & set(undamaged)


def test_the_present_are_who_the_truth_says(queries: Queries, truth: list[dict[str, Any]]) -> None:
    person_of = {str(person["person_id"]): person for person in truth}
    for query, true in queries:
        if true["absent"] == "1":
            continue
        person = person_of[true["person_id"]]
        assert true["tax_id"] in ("", f"{person['tax_id']:011}")
        if "cpf" not in true["damages"] and query["tax_id"] and true["tax_id"]:
            assert true["tax_id"] == query["tax_id"]
        if "birth" not in true["damages"] and query["birth_date"]:
            assert person["birth_date"].isoformat() == query["birth_date"]
        if true["damage"] == "clean":
            assert person["name"] == query["name"]


def test_the_population_does_not_know_every_tax_id(queries: Queries) -> None:
    present = [true for _, true in queries if true["absent"] == "0"]
    assert 0.05 < sum(not true["tax_id"] for true in present) / len(present) < 0.35


def test_labels_are_stable_names(queries: Queries) -> None:
    assert {true["damage"] for _, true in queries} <= {*KINDS, "clean", "several"}
    for _, true in queries:
        done = true["damages"].split("|") if true["damages"] else []
        assert (true["damage"] == "several") == (len(done) > 1)
        assert (int(true["damaged_fields"]) > 0) == bool(done)
    oversampled = Counter(true["damage"] for _, true in queries if true["mix"] == "oversampled")
    assert len(oversampled) > 15
    assert oversampled.most_common(1)[0][1] < 120
    later = Counter(true["damage"] for _, true in queries if true["mix"] == "later_register")
    assert later["clean"] / later.total() > 0.7


def test_strangers_have_relatives_and_namesakes_in_the_population(queries: Queries) -> None:
    relatives = Counter(true["relative"] for _, true in queries if true["absent"] == "1")
    assert {"father", "son", "twin", "homonym", "sibling", "child"} <= set(relatives)
    assert relatives["father"] + relatives["son"] > 30
    assert {""} == {true["relative"] for _, true in queries if true["absent"] == "0"}
