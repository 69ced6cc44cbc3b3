"""What two records of different entities must not say if they are to be one person's."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from bureau.compiled import compiled
from bureau.matching.held_twice import against, may_be_one
from bureau.matching.layout import Register
from bureau.model.canonical import CanonicalRecord, TaxEvidence
from bureau.model.query import Kind

JUNIOR = 1
RECORD = CanonicalRecord(
    kind=Kind.PERSON,
    name=("OSVINO", "CLARO", "ZAGO"),
    mother=("ZULMIRA", "ZAGO"),
    date=19800102,
    sex=1,
    suffix=JUNIOR,
    tax=TaxEvidence(valid=7),
)
CROWD = [CanonicalRecord(kind=Kind.PERSON, name=(first, "ZAGO")) for first in ("OSVINO", "CLARO", "LINO")]


@compiled
def judged(register: Register, a: int, b: int) -> bool:
    return may_be_one(register, a, b)


Small = Callable[[Sequence[CanonicalRecord]], Any]


def one(small_register: Small, **said: Any) -> bool:
    """Whether somebody may be ``RECORD`` of whom nothing is known but what is ``said``."""
    nothing = CanonicalRecord(kind=Kind.PERSON)
    other = msgspec.structs.replace(nothing, **said)
    small = small_register([RECORD, other, *CROWD])
    a, b = small.people.index(RECORD), small.people.index(other)
    found = {judged(small.register, a, b), judged(small.register, b, a)}
    assert len(found) == 1  # whoever is asked first
    return found.pop()


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"name": ("OSVINO", "CLARO", "LIMA"), "date": 19800102},
        {"name": ("OZVINO", "C", "ZAGO"), "mother": ("ZULMIRA", "LIMA"), "sex": 1},
        {"name": ("OSVINO", "CLARO", "ZAGO"), "suffix": JUNIOR},
    ],
)
def test_what_is_missing_is_no_contradiction(small_register: Small, said: dict[str, Any]) -> None:
    assert one(small_register, **said)


@pytest.mark.parametrize(
    "said",
    [
        {"tax": TaxEvidence(valid=8)},
        {"date": 19500102},
        {"date": 19800103},
        {"suffix": 3},
        {"sex": 2},
        {"name": ("LINO", "CLARO", "ZAGO")},
        {"name": ("OSVINO", "LINO", "ZAGO")},
        {"mother": ("ISAURA", "ZAGO")},
    ],
)
def test_what_makes_them_two(small_register: Small, said: dict[str, Any]) -> None:
    assert not one(small_register, **said)


def test_a_candidate_that_may_be_the_same_counts_up_to_a_limit() -> None:
    assert pytest.approx(1.0, rel=0.01) == against(1.0, 0.002)
    assert pytest.approx(500, rel=0.01) == against(2.0**40, 0.002)
    assert 2.0**40 == against(2.0**40, 0.0)
