"""Names given twice, against a plain reading of the same JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.distinct_names import MOST, all_distinct


class Members(list[tuple[str, Any]]):
    """An object that may give a name twice."""


texts = st.text(st.sampled_from("ab :,{}[]é"), max_size=3)
members = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), texts),
    lambda inside: st.one_of(st.lists(inside, max_size=3), st.lists(st.tuples(texts, inside), max_size=4).map(Members)),
    max_leaves=12,
)


def written(value: Any, blank: str) -> str:
    if isinstance(value, Members):
        inside = [f"{json.dumps(name, ensure_ascii=False)}{blank}:{blank}{written(one, blank)}" for name, one in value]
        return "{" + ",".join(inside) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(one, blank) for one in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def names(value: Any) -> list[str]:
    if isinstance(value, Members):
        return [name for key, one in value for name in (key, *names(one))]
    return [name for one in value for name in names(one)] if isinstance(value, list) else []


@given(members, st.sampled_from(["", " ", "\n\t "]))
def test_as_read_plainly(value: Any, blank: str) -> None:
    found = names(value)
    assert (len(set(found)) == len(found)) == all_distinct(written(value, blank).encode())


@pytest.mark.parametrize(("count", "answer"), [(MOST, True), (MOST + 1, False)])
def test_many_names_are_left_to_a_closer_look(count: int, answer: bool) -> None:
    assert answer == all_distinct(json.dumps({f"name {i}": i for i in range(count)}).encode())


def test_nothing_at_all() -> None:
    assert all_distinct(b"")
    assert all_distinct(b'"')
