"""Tax ids that a slip of the typist separates."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bureau.matching.identifiers import one_slip_apart


@settings(deadline=None)  # compiled on the first call
@given(st.integers(0, 10**11 - 1), st.integers(0, 10**11 - 1))
def test_any_two_numbers(one: int, other: int) -> None:
    assert one_slip_apart(one, other) == (OSA.distance(f"{one:011}", f"{other:011}") == 1)


@settings(deadline=None)  # compiled on the first call
@given(st.integers(0, 10**11 - 1), st.integers(0, 10), st.integers(0, 9))
def test_a_digit_changed_or_swapped(number: int, place: int, digit: int) -> None:
    text = f"{number:011}"
    changed = text[:place] + str(digit) + text[place + 1 :]
    swapped = text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
    assert one_slip_apart(number, int(changed)) == (changed != text)
    assert one_slip_apart(int(swapped), number) == (swapped != text)


@pytest.mark.parametrize(("one", "other"), [(12, 30), (1200, 2101), (100, 1), (123, 321)])
def test_more_than_a_slip(one: int, other: int) -> None:
    assert not one_slip_apart(one, other)
