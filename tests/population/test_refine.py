"""Which pairs are joined: against a plain reference on random likenesses, and a family through a whole build."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.matching.layout import NO_TAX_ID
from bureau.model.tables import PEOPLE
from bureau.population import build, open_population
from bureau.population.refine import CROWD, certainties, joined
from bureau.population.self_match import Likenesses

Pairs = dict[tuple[int, int], float]


def likenesses(pairs: Pairs, entities: int, rest: dict[int, float] | None = None) -> Likenesses:
    ends = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    others = np.zeros(entities)
    for entity, odds in (rest or {}).items():
        others[entity] = odds
    bits = np.array([pairs[low, high] for low, high in ends.tolist()], np.float64)
    return Likenesses(ends[:, 0].copy(), ends[:, 1].copy(), bits, others)


def tax_ids(known: int, entities: int) -> np.ndarray:
    return np.array([*range(known), *[NO_TAX_ID] * (entities - known)], np.int64)


def groups(pairs: Pairs, tax_id: np.ndarray, rest: dict[int, float] | None = None) -> set[frozenset[int]]:
    alike = likenesses(pairs, len(tax_id), rest)
    chosen = joined(alike, np.zeros(len(pairs), np.bool_), tax_id)
    label = list(range(len(tax_id)))
    for low, high in zip(alike.low[chosen].tolist(), alike.high[chosen].tolist(), strict=True):
        old, new = label[high], label[low]
        label = [new if at == old else at for at in label]
    return {frozenset(e for e, at in enumerate(label) if at == one) for one in set(label)}


def together(found: set[frozenset[int]]) -> set[frozenset[int]]:
    return {group for group in found if len(group) > 1}


@st.composite
def random_pairs(draw: st.DrawFn) -> tuple[Pairs, np.ndarray]:
    entities = draw(st.integers(2, 9))
    tax_id = tax_ids(draw(st.integers(0, entities)), entities)
    possible = [(a, b) for a in range(entities) for b in range(a + 1, entities) if tax_id[b] == NO_TAX_ID]
    chosen = draw(st.lists(st.sampled_from(possible), unique=True)) if possible else []
    bits = draw(st.lists(st.floats(0.0, 30.0), min_size=len(chosen), max_size=len(chosen), unique=True))
    return dict(zip(chosen, bits, strict=True)), tax_id


def reference(pairs: Pairs, kin: set[tuple[int, int]], rest: dict[int, float], group: list[int]) -> list[float]:
    def bits(a: int, b: int) -> float | None:
        return pairs.get((min(a, b), max(a, b)))

    def different(b: int, c: int) -> float:
        alone = bits(b, c)
        return 1.0 if alone is None or (min(b, c), max(b, c)) in kin else 1.0 / (1.0 + 2.0**alone)

    def seen_from(a: int, b: int) -> float:
        others = {x for pair in pairs if a in pair for x in pair if group[x] not in (group[a], group[b])}
        others -= {a, b}
        against = 1.0 + rest.get(a, 0.0) + sum(2.0 ** (bits(a, c) or 0.0) * different(b, c) for c in others)
        odds = 2.0 ** (bits(a, b) or 0.0)
        return odds / (odds + against)

    return [0.0 if pair in kin else min(seen_from(*pair), seen_from(*pair[::-1])) for pair in sorted(pairs)]


@given(random_pairs(), st.sets(st.integers(0, 40)), st.dictionaries(st.integers(0, 8), st.floats(0.0, 9.0)))
def test_certainty_is_the_reference(drawn: tuple[Pairs, np.ndarray], kin: set[int], rest: dict[int, float]) -> None:
    pairs, tax_id = drawn
    group = np.arange(len(tax_id)) // 2 if len(kin) % 2 else np.arange(len(tax_id))
    rest = {entity: odds for entity, odds in rest.items() if entity < len(tax_id)}
    relatives = np.array([i in kin for i in range(len(pairs))], np.bool_)
    expected = reference(pairs, {pair for i, pair in enumerate(sorted(pairs)) if i in kin}, rest, group.tolist())
    found = certainties(likenesses(pairs, len(tax_id), rest), relatives, group)
    np.testing.assert_allclose(expected, found, rtol=1e-9)


@given(random_pairs())
def test_never_two_tax_ids_in_one_entity(drawn: tuple[Pairs, np.ndarray]) -> None:
    pairs, tax_id = drawn
    for group in groups({pair: bits + 20.0 for pair, bits in pairs.items()}, tax_id):
        assert 1 >= sum(tax_id[entity] != NO_TAX_ID for entity in group)


@given(random_pairs(), st.randoms(use_true_random=False))
def test_numbering_changes_nothing(drawn: tuple[Pairs, np.ndarray], draw: Any) -> None:
    pairs, tax_id = drawn
    number = list(range(len(tax_id)))
    draw.shuffle(number)
    renamed = {(min(number[a], number[b]), max(number[a], number[b])): bits for (a, b), bits in pairs.items()}
    shuffled = tax_id.copy()
    shuffled[number] = tax_id
    expected = {frozenset(number[entity] for entity in group) for group in groups(pairs, tax_id)}
    assert expected == groups(renamed, shuffled)


def test_a_sure_pair_is_joined_and_a_doubtful_one_is_not() -> None:
    nobody = tax_ids(0, 4)
    assert {frozenset({0, 1})} == together(groups({(0, 1): 12.0, (2, 3): 3.0}, nobody))
    assert set() == together(groups({(0, 1): 12.0}, nobody, rest={1: 400.0}))


def test_two_people_who_could_both_be_meant_keep_the_row_apart() -> None:
    assert set() == together(groups({(0, 2): 12.0, (1, 2): 12.0}, tax_ids(2, 3)))


def test_two_rows_of_one_person_do_not_compete() -> None:
    alike = {(0, 1): 12.0, (0, 2): 12.0, (1, 2): 12.0}
    assert {frozenset({0, 1, 2})} == together(groups(alike, tax_ids(1, 3)))


def test_who_is_joined_already_no_longer_competes() -> None:
    """Two rows (1, 2) that nothing but a third (0) brings together; a fourth (3) resembles both."""
    alike = {(0, 1): 20.0, (0, 2): 20.0, (1, 2): 6.0, (1, 3): 12.0, (2, 3): 12.0}
    assert {frozenset({0, 1, 2, 3})} == together(groups(alike, tax_ids(0, 4)))
    assert frozenset({2, 3}) not in together(groups({(1, 3): 12.0, (2, 3): 12.0}, tax_ids(0, 4)))


def test_rows_that_contradict_each_other_do_not_share_what_resembles_both() -> None:
    """A row without birth date (0) resembles two people (1, 2) who do not resemble each other."""
    assert set() == together(groups({(0, 1): 12.0, (0, 2): 12.0}, tax_ids(0, 3)))


def test_a_chain_does_not_carry_a_tax_id_to_another() -> None:
    alike = {(0, 2): 30.0, (1, 3): 29.0, (0, 3): 22.0, (1, 2): 22.0, (2, 3): 40.0}  # 0 and 1 have tax ids
    assert {frozenset({0, 2, 3})} == together(groups(alike, tax_ids(2, 4)))
    assert {frozenset({0, 1, 2, 3})} == together(groups(alike | {(0, 1): 40.0}, tax_ids(0, 4)))


def test_a_placeholder_is_nobody() -> None:
    alike = {(0, other): 15.0 for other in range(1, CROWD + 2)}
    assert set() == together(groups(alike, tax_ids(0, CROWD + 2)))


MOTHER = "HELENA PRADO LIMA"
FAMILY = {
    "father": {"tax_id": 901, "name": "JOSE CARLOS PRADO LIMA", "birth_date": date(1950, 3, 9), "sex": 1},
    "son": {"tax_id": 902, "name": "JOSE CARLOS PRADO LIMA FILHO", "birth_date": date(1979, 8, 21), "sex": 1},
    "twin": {"tax_id": 903, "name": "MARIA CLARA ROCHA DIAS", "birth_date": date(1990, 5, 5), "sex": 2},
    "other twin": {"tax_id": 904, "name": "MARIA LUIZA ROCHA DIAS", "birth_date": date(1990, 5, 5), "sex": 2},
    "tenant": {"tax_id": 52998224725, "name": "ELZA BRITO TELES", "birth_date": date(1961, 7, 14), "sex": 2},
    "lodger": {"tax_id": 906, "name": "OTAVIO MELO COSTA", "birth_date": date(1972, 2, 2), "sex": 1},
    "widower": {"tax_id": 907, "name": "NESTOR PAZ QUADROS", "birth_date": date(1955, 11, 3), "sex": 1},
    "bride": {"tax_id": 905, "name": "RITA NUNES FARIA", "birth_date": date(1985, 1, 30), "sex": 2},
}
HOME = {"municipality": 100, "postal_code": 4_567_000, "street": "RUA DAS FLORES", "number": "12"}
MOTHERS = {
    "father": "ALZIRA LIMA",
    "twin": "SONIA ROCHA DIAS",
    "other twin": "SONIA ROCHA DIAS",
    "bride": "IDA NUNES",
    "tenant": "ANA TELES",
    "lodger": "LIA MELO",
    "widower": "EVA PAZ",
}


def first_seen(who: str) -> dict[str, Any]:
    mother = MOTHERS.get(who, MOTHER)
    return {**FAMILY[who], **HOME, "mother_name": mother, "seen_at": date(2020, 1, 1)}


def seen_as(who: str, changes: dict[str, Any]) -> dict[str, Any]:
    return {**first_seen(who), "tax_id": None, **changes}


LATER = {
    "father, misspelt": seen_as("father", {"name": "JOSE CARLOS PARDO LIMA"}),
    "father, one day off": seen_as("father", {"birth_date": date(1950, 3, 8)}),
    "son without Filho": seen_as("son", {"name": "JOSE CARLOS PRADO LIMA"}),
    "father or son": seen_as("father", {"birth_date": None, "mother_name": None}),
    "twin, misspelt": seen_as("twin", {"name": "MARIA CLARA ROHCA DIAS"}),
    "either twin": seen_as("twin", {"name": "MARIA ROCHA DIAS"}),
    "tenant, CPF broken": seen_as(
        "tenant", {"name": "ELZA BRITO", "birth_date": None, "mother_name": None, "broken_tax_id": "52998224726"}
    ),
    "lodger, under another name and day": seen_as(
        "lodger", {"tax_id": 906, "name": "OTTAVIO MELLOS", "birth_date": date(1972, 5, 12)}
    ),
    "widower, without date and mother": seen_as("widower", {"birth_date": None, "mother_name": None}),
    "bride, married": seen_as("bride", {"name": "RITA NUNES BRITO"}),
}


@pytest.fixture(scope="module")
def family(tmp_path_factory: pytest.TempPathFactory, fill_home: Callable[[Path, int], Path]) -> dict[str, int]:
    """The entity of every row of the family, among a few hundred strangers."""
    home = fill_home(tmp_path_factory.mktemp("family"), 400)
    rows = [first_seen(who) for who in FAMILY] + [*LATER.values()]
    directory = home / "sources" / "family" / "1"
    directory.mkdir(parents=True)
    table = pa.Table.from_pylist([{**row, "row": n} for n, row in enumerate(rows, 1)], PEOPLE)
    pq.write_table(table, directory / "people-001.parquet")
    build(home)
    population = open_population(home)
    assert not (population.directory / "people" / "preliminary").exists()
    entities = np.load(population.directory / "lineage" / "people" / "family_entities.npy")
    return dict(zip([*FAMILY, *LATER], entities.tolist(), strict=True))


@pytest.mark.parametrize(
    ("who", "row"),
    [
        ("father", "father, misspelt"),
        ("father", "father, one day off"),
        ("son", "son without Filho"),
        ("twin", "twin, misspelt"),
        ("tenant", "tenant, CPF broken"),
        ("lodger", "lodger, under another name and day"),
        ("widower", "widower, without date and mother"),
        ("bride", "bride, married"),
    ],
)
def test_a_damaged_row_finds_its_person(family: dict[str, int], who: str, row: str) -> None:
    assert family[who] == family[row]


def test_relatives_stay_apart(family: dict[str, int]) -> None:
    assert len(FAMILY) == len({family[who] for who in FAMILY})


def test_a_row_that_could_be_either_relative_stays_alone(family: dict[str, int]) -> None:
    others = [entity for row, entity in family.items() if row not in ("father or son", "either twin")]
    assert family["father or son"] not in others
    assert family["either twin"] not in others
