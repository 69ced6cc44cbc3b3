"""What two records of different entities must not say if they are to be one person's."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.compiled import compiled
from bureau.matching.held_twice import against, may_be_one
from bureau.matching.layout import Register
from bureau.model.canonical import CanonicalRecord, TaxEvidence
from bureau.model.query import Kind
from bureau.normalise.names import sound_code

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
CROWD = [CanonicalRecord(kind=Kind.PERSON, name=(first, "ZAGO")) for first in ("OSVINO", "OZVINO", "CLARO", "LINO")]
GIVEN = ("OSVINO", "OZVINO", "CLARO", "LINO")
names = st.tuples(st.sampled_from(GIVEN), *[st.sampled_from([*GIVEN, "ZAGO", "LIMA"])] * 2).flatmap(
    lambda name: st.sampled_from([(), name[:2], name])
)
records = st.builds(
    CanonicalRecord,
    kind=st.just(Kind.PERSON),
    name=names,
    mother=names,
    date=st.sampled_from([0, 19800102, 19800105]),
    sex=st.sampled_from([0, 1, 2]),
    suffix=st.sampled_from([0, 0, JUNIOR, 3]),
    house=st.sampled_from([0, 0xFFFF]),
)


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


@settings(deadline=None, max_examples=200)
@given(records, records, st.sampled_from([(None, None), (7, None), (7, 8)]))
def test_it_is_as_the_rule_says(
    small_register: Small, one: CanonicalRecord, other: CanonicalRecord, numbers: tuple[int | None, int | None]
) -> None:
    pair = [
        msgspec.structs.replace(record, tax=TaxEvidence(valid=number) if number else None)
        for record, number in zip((one, other), numbers, strict=True)
    ]
    small = small_register([*pair, *CROWD * 4])  # sorted by tax id, in this order otherwise
    assert plainly(*pair) == judged(small.register, 0, 1)


def plainly(a: CanonicalRecord, b: CanonicalRecord) -> bool:
    firsts = [[sound_code(name[0]) if name else 0 for name in (r.name, r.mother)] for r in (a, b)]
    known = [(*first, r.date, r.suffix, r.sex) for first, r in zip(firsts, (a, b), strict=True)]
    contradicted = any(x and y and x != y for x, y in zip(*known, strict=True))
    both_numbered = a.tax is not None and b.tax is not None
    return not (both_numbered or contradicted or lacks_second(a.name, b.name) or lacks_second(b.name, a.name))


def lacks_second(name: tuple[str, ...], other: tuple[str, ...]) -> bool:
    sounds = {sound_code(token) for token in name}
    return len(other) == 3 and other[1] in GIVEN and bool(name) and sound_code(other[1]) not in sounds


def test_a_candidate_that_may_be_the_same_counts_up_to_a_limit() -> None:
    assert pytest.approx(1.0, rel=0.01) == against(1.0, 0.002)
    assert pytest.approx(500, rel=0.01) == against(2.0**40, 0.002)
    assert 2.0**40 == against(2.0**40, 0.0)
