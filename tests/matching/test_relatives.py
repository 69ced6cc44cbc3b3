"""What tells a person from a father, a son or a twin of the same name, and that nothing else does."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.matching.levels import Level
from bureau.matching.model import default_model
from bureau.matching.reference import FEMALE, Found, weigh
from bureau.model.canonical import CanonicalRecord, TaxEvidence
from bureau.model.query import Kind

MODEL = default_model("people")
ACCEPTED = math.log2(0.95 / 0.05)
MALE, JUNIOR, NETO = 1, 1, 3
MOBILE, LANDLINE, SHARED_MOBILE = 11987654321, 1133334444, 11900000000
OWN, SHARED = "a@b.br", "family@b.br"
CPF = 12345678909
NAME = ("OSVINO", "ZAGO", "TELES")
NAMES = ["OSVINO", "OSVIN", "QUIRINO", "QUIRIN", "ZAGO", "ZGO", "TELES", "Z"]


class Rare:
    """A population in which every value is rare, so that only relatives are left to doubt."""

    entities = 2_000_000
    bearers = 1  # of any whole name

    def __init__(self, maria: float = 20.0) -> None:
        rare = ("OSVINO", "QUIRINO", "ZULMIRA", "LUCIANA", "ZAGO", "TELES")
        self.bits = {**dict.fromkeys(rare, 20.0), "MARIA": maria}

    def first_bits(self, token: str) -> float | None:
        return self.bits.get(token)

    def other_bits(self, token: str) -> float | None:
        return self.bits.get(token)

    def date_bits(self, date: int) -> float:
        return 15.0 if date else 0.0

    def city_bits(self, municipality: int) -> float:
        return 15.0 if municipality else 0.0

    def postal_bits(self, postal_code: int) -> float:
        return 15.0 if postal_code else 0.0

    def homonyms(self, name: Sequence[str]) -> int:
        return self.bearers if name else 0

    def share_of_women(self, first_name: str) -> float:
        return 1.0 if first_name == "LUCIANA" else 0.0

    def is_given_name(self, token: str) -> bool:
        return token in ("OSVINO", "QUIRINO", "ZULMIRA")

    def claimants(self, contact: int | str) -> int:
        return 4 if contact in (SHARED_MOBILE, LANDLINE, SHARED) else 1

    def state(self, municipality: int) -> int:
        return municipality // 100


def man(**fields: Any) -> Found:
    nobody = Found(NAME, (), 0, 0, MALE, ((0, 0), (0, 0)), 0, None, frozenset(), frozenset())
    return msgspec.structs.replace(nobody, **fields)


def asked(**fields: Any) -> CanonicalRecord:
    return CanonicalRecord(kind=Kind.PERSON, **{"name": NAME, **fields})


def bits(query: CanonicalRecord, found: Found) -> float:
    return weigh(query, found, MODEL, Rare()).score


@st.composite
def nothing_separates(draw: st.DrawFn) -> tuple[CanonicalRecord, Found]:
    """Names, homes, contacts of a household, and suffixes that do not agree."""
    city, postal_code, house = draw(
        st.sampled_from([(0, 0, 0), (101, 0, 0), (102, 0, 0), (101, 1310100, 0), (101, 1310100, 7), (900, 0, 0)])
    )
    phones = draw(st.lists(st.sampled_from([LANDLINE, SHARED_MOBILE]), unique=True))
    emails = draw(st.lists(st.just(SHARED), max_size=1))
    suffixes = draw(st.sampled_from([(0, 0), (0, JUNIOR), (JUNIOR, NETO)]))
    sexes = draw(st.sampled_from([(0, 0), (MALE, 0), (0, MALE), (MALE, MALE)]))
    names = st.lists(st.sampled_from(NAMES), min_size=1, max_size=5).map(tuple)
    query = asked(
        name=draw(names),
        suffix=suffixes[0],
        sex=sexes[0],
        municipality=city,
        postal_code=postal_code,
        house=house,
        phones=tuple(enumerate(phones)),
        emails=tuple(enumerate(emails)),
    )
    found = man(name=draw(names), suffix=suffixes[1], sex=sexes[1], places=((101, 1310100), (0, 0)), house=7)
    return query, msgspec.structs.replace(found, phones=frozenset(phones), emails=frozenset(emails))


@given(nothing_separates())
def test_a_man_of_whom_nothing_is_known_but_name_and_home_may_be_his_own_father(
    pair: tuple[CanonicalRecord, Found],
) -> None:
    assert bits(*pair) < ACCEPTED


@pytest.mark.parametrize(
    ("said", "held"),
    [
        ({"date": 19800102}, {"date": 19800102}),
        ({"date": 19800102}, {"date": 19800105}),
        ({"mother": ("QUIRINO", "ZAGO")}, {"mother": ("QUIRINO", "ZAGO")}),
        ({"suffix": JUNIOR}, {"suffix": JUNIOR}),
        ({"tax": TaxEvidence(valid=CPF)}, {"tax_id": CPF}),
        ({"tax": TaxEvidence(near=(CPF,))}, {"tax_id": CPF}),
        ({"phones": ((0, MOBILE),)}, {"phones": frozenset({MOBILE})}),
        ({"phones": ((0, LANDLINE), (1, MOBILE))}, {"phones": frozenset({LANDLINE, MOBILE})}),
        ({"emails": ((0, OWN),)}, {"emails": frozenset({OWN})}),
        ({"sex": FEMALE}, {"sex": 0}),
        ({}, {"sex": FEMALE}),
    ],
)  # fmt: skip
def test_what_separates_a_person_from_a_namesake(said: dict[str, Any], held: dict[str, Any]) -> None:
    assert bits(asked(**said), man(**held)) > ACCEPTED


def test_a_cpf_one_slip_away_is_no_contradiction() -> None:
    """Check digits let one slip in 500 pass; a twin's CPF is another one altogether."""
    known = {"date": 19800102, "mother": ("QUIRINO", "ZAGO"), "sex": MALE}
    slip, other = asked(tax=TaxEvidence(valid=1000012700), **known), asked(tax=TaxEvidence(valid=12345678909), **known)
    found = man(tax_id=1000021700, **known)
    assert Level.TAX_SLIP in {row.level for row in weigh(slip, found, MODEL, Rare()).rows}
    assert bits(slip, found) > ACCEPTED > bits(other, found)


def test_a_namesakes_mother_may_be_called_maria_too() -> None:
    query, found = asked(mother=("MARIA", "QUIRINO")), man(mother=("MARIA", "TELES"))
    weighing = weigh(query, found, MODEL, Rare(maria=3.5))
    assert Level.MOTHER_GIVEN in {row.level for row in weighing.rows}
    assert weighing.score < ACCEPTED


@pytest.mark.parametrize(("second", "common"), [("ZAGO", True), ("QUIRINO", False)])
def test_homonyms_are_those_of_the_whole_name(second: str, common: bool) -> None:
    crowd = Rare()
    crowd.bearers = 500_000
    rows = weigh(asked(), man(name=("OSVINO", second, "TELES")), MODEL, crowd).rows
    assert common == (Level.COMMON_NAME in {row.level for row in rows})


@pytest.mark.parametrize("typed", ["QUIRIN", "OSVIN"])
def test_a_slip_in_the_first_name_makes_no_twin(typed: str) -> None:
    real = "QUIRINO" if typed == "QUIRIN" else "OSVINO"
    same = {"date": 19800102, "sex": FEMALE}
    found = man(**same, mother=("QUIRINO", "ZAGO"))
    query = asked(name=(typed, "ZAGO", "TELES"), mother=("QUIRINO", "ZAGO"), **same)
    assert bits(query, msgspec.structs.replace(found, name=(real, "ZAGO", "TELES"))) > ACCEPTED
    assert bits(query, msgspec.structs.replace(found, name=("TELES", "ZAGO", "TELES"))) < ACCEPTED


def test_a_first_name_that_only_women_bear_leaves_no_father_to_doubt() -> None:
    luciana = ("LUCIANA", "ZAGO", "TELES")
    assert bits(asked(name=luciana), man(name=luciana, sex=0)) > ACCEPTED
    assert bits(asked(name=luciana), man(name=luciana)) < ACCEPTED  # what is said of the candidate goes before


def test_sisters_are_not_called_the_same() -> None:
    """A surname added on marriage is not taken for a sister's, unless her second given name is not in the records."""
    woman = {"sex": FEMALE}
    query = asked(name=("OSVINO", "ZAGO", "TELES", "QUIRINO"), **woman)
    assert bits(query, man(**woman)) > ACCEPTED
    assert bits(query, man(name=("OSVINO", "QUIRINO", "TELES"), **woman)) < ACCEPTED


@pytest.mark.parametrize(
    ("submitted", "held"),
    [
        ("OSVINO QUIRINO", "OSVINO ZULMIRA TELES"),
        ("OSVINO ZULMIRA TELES", "OSVINO QUIRINO"),
        ("QUIRINO OSVINO TELES", "OSVINO ZAGO TELES"),
        ("OSVINO ZAGO TELES", "QUIRINO OSVINO TELES"),
        ("OSVINO QUIRINO TELES", "OSVINO ZULMIRA TELES"),
    ],
)
def test_twins_who_share_one_of_two_given_names(submitted: str, held: str) -> None:
    same = {"date": 19800102, "sex": FEMALE}
    found = man(name=tuple(held.split()), places=((101, 1310100), (0, 0)), **same)
    weighing = weigh(asked(name=tuple(submitted.split()), postal_code=1310100, **same), found, MODEL, Rare())
    assert Level.MIDDLE_REPLACED in {row.level for row in weighing.rows}
    assert weighing.score < ACCEPTED


def test_a_last_name_that_differs_is_no_given_name() -> None:
    rows = weigh(asked(name=("OSVINO", "ZAGO")), man(name=("OSVINO", "LIMA", "TELES")), MODEL, Rare()).rows
    assert Level.LAST_REPLACED in {row.level for row in rows}
    assert Level.MIDDLE_REPLACED not in {row.level for row in rows}


def test_another_womans_name_is_no_misspelling_of_the_mothers() -> None:
    population = Rare(maria=3.5)
    population.bits |= {"MARTA": 8.0, "LIMA": 5.0}
    query, found = asked(mother=("MARIA", "QUIRINO", "LIMA")), man(mother=("MARTA", "ZAGO", "LIMA"))
    assert weigh(query, found, MODEL, population).score < ACCEPTED
    slip = asked(mother=("MRTA", "QUIRINO", "LIMA"))  # nobody's name
    assert weigh(slip, found, MODEL, population).score > weigh(query, found, MODEL, population).score
