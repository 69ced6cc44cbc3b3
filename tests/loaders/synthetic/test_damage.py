import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from loaders.synthetic import damage

RECORD: damage.Record = {
    "name": "ANTONIO CARLOS DA SILVA ROCHA FILHO",
    "tax_id": "01234567890",
    "birth_date": "1980-02-09",
    "phones": "11987654321",
    "street": "RUA A",
    "number": "1",
    "complement": "",
    "district": "CENTRO",
    "city": "OSASCO",
    "state": "SP",
    "postal_code": "06000001",
    "other_name": "ANTONIO CARLOS DA SILVA",
    "spare_surname": "DE MELO",
    "spare_phones": "21912345678",
    "spare_street": "RUA B",
    "spare_number": "2",
    "spare_complement": "CASA",
    "spare_district": "SE",
    "spare_city": "NATAL",
    "spare_state": "RN",
    "spare_postal_code": "59000001",
}
BARE: damage.Record = RECORD | {"name": "ANA LIMA", "tax_id": "", "birth_date": "", "other_name": ""}


def _changed(kind: str, seed: int = 1) -> damage.Record:
    found = damage.KINDS[kind](np.random.default_rng(seed), RECORD)
    assert found is not None
    return {field: text for field, text in found.items() if text != RECORD[field]}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("surname_added", {"name": "ANTONIO CARLOS DA SILVA ROCHA DE MELO FILHO"}),
        ("surname_married", {"name": "ANTONIO CARLOS DA SILVA"}),
        ("abbreviated", {"name": "ANTONIO C DA S ROCHA FILHO"}),
        ("suffix_missing", {"name": "ANTONIO CARLOS DA SILVA ROCHA"}),
        ("birth_swapped", {"birth_date": "1980-09-02"}),
        ("birth_missing", {"birth_date": ""}),
        ("cpf_lost_zeros", {"tax_id": "1234567890"}),
        ("cpf_missing", {"tax_id": ""}),
        ("old_phone", {"phones": "21912345678"}),
    ],
)
def test_a_kind_changes_its_field_in_its_way(kind: str, expected: damage.Record) -> None:
    assert expected == _changed(kind)


@given(st.integers(0, 2**32))
def test_digits_of_a_cpf_are_changed_lost_added_and_swapped(seed: int) -> None:
    def distance(kind: str) -> tuple[int, int]:
        found = damage.KINDS[kind](np.random.default_rng(seed), RECORD)
        assert found is not None
        return len(found["tax_id"]), OSA.distance(RECORD["tax_id"], found["tax_id"])

    assert (11, 1) == distance("cpf_one_digit")
    assert (10, 1) == distance("cpf_missing_digit")
    assert (12, 1) == distance("cpf_extra_digit")
    assert (11, 1) == distance("cpf_swapped")


@given(st.integers(0, 2**32))
def test_typos_hit_the_token_they_name(seed: int) -> None:
    first = _changed("typo_first_name", seed)["name"].split(" ")
    assert (1, "CARLOS DA SILVA ROCHA FILHO") == (OSA.distance("ANTONIO", first[0]), " ".join(first[1:]))
    other = _changed("typo_surname", seed)["name"]
    assert other.startswith("ANTONIO ")
    assert other.endswith(" FILHO")
    assert 1 == OSA.distance(RECORD["name"], other)


@given(st.integers(0, 2**32))
def test_a_dropped_surname_takes_its_particle_along(seed: int) -> None:
    assert _changed("surname_dropped", seed)["name"] in {
        "ANTONIO DA SILVA ROCHA FILHO",
        "ANTONIO CARLOS ROCHA FILHO",
        "ANTONIO CARLOS DA SILVA FILHO",
    }


@given(st.integers(0, 2**32))
def test_a_wrong_day_is_a_day_of_the_same_month(seed: int) -> None:
    found = _changed("birth_day_wrong", seed)["birth_date"]
    assert "1980-02-" == found[:8]
    assert 1 <= int(found[8:]) <= 28


def test_moving_changes_the_address_and_nothing_else() -> None:
    found = _changed("moved")
    assert {"street", "number", "complement", "district", "city", "state", "postal_code"} == set(found)


def test_what_cannot_happen_is_left_out() -> None:
    kinds = ["surname_dropped", "abbreviated", "suffix_missing", "surname_married", "birth_swapped", "cpf_one_digit"]
    assert (BARE, []) == damage.apply(np.random.default_rng(1), BARE, kinds)


def test_every_kind_is_oversampled() -> None:
    rng = np.random.default_rng(1)
    seen = [kind for _ in range(3_000) for kind in damage.oversampled(rng, RECORD)]
    assert set(damage.KINDS) == set(seen)


def test_the_later_register_is_mostly_clean() -> None:
    rng = np.random.default_rng(1)
    wanted = [damage.later_register(rng) for _ in range(5_000)]
    births = np.mean([any(kind.startswith("birth") for kind in kinds) for kinds in wanted])
    assert abs(0.023 - births) < 0.008
    assert np.mean([not kinds for kinds in wanted]) > 0.8
