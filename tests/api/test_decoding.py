"""Duplicate members are found by the short look exactly as by the long one."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.decoding import _duplicate_members, ambiguities

texts = st.sampled_from(["name", "a", ":", ": ", ",", "", "x: y", "b", "]", "}", " a", "é"]) | st.text(
    '":, {}[]a\\', max_size=5
)


def rendered(value: Any) -> str:
    """JSON with members in the order, and as often, as they come."""
    if isinstance(value, tuple):
        return "{" + ", ".join(f"{json.dumps(name)} :{rendered(member)}" for name, member in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(rendered, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


values = st.recursive(
    st.none() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.lists(st.tuples(texts, inner), max_size=4).map(tuple),
    max_leaves=20,
)


@given(values)
def test_the_short_look_finds_what_the_long_one_does(value: Any) -> None:
    body = rendered(value).encode()
    assert _duplicate_members(body) == [fault for fault in ambiguities(body) if fault.code == "duplicate_member"]


def test_names_that_look_like_separators_are_no_way_around() -> None:
    for body in (b'{"a":"x", ":k":1, ":k":2}', b'{"":1,"":2}', b'{"a":{"b":1,"b":2}}', b'{" a":1," a":2}'):
        assert ["duplicate_member"] == [fault.code for fault in ambiguities(body)]
    assert [] == ambiguities(b'{"a":"x", "b":[":", {"c":": "}], "d" : {"e":null}}')
