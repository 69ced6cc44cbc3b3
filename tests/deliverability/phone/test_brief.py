"""The brief form says what the whole verdict does, of texts and of national numbers."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.deliverability.phone.brief import brief
from bureau.deliverability.phone.verdict import Circumstances, check_phone
from bureau.deliverability.sightings import Sighting

texts = st.text(max_size=20) | st.sampled_from(
    ["(11) 98765-4320", "11 8765-4320", "11 7888-4320", "0800 123 4567", "11 99999-9999", "+1 212 555 0123", "190"]
)
numbers = st.integers(-5, 10**12) | st.integers(1_100_000_000, 9_999_999_999) | st.integers(11 * 10**9, 10**11 - 1)


@settings(deadline=None)  # the first example loads the tables
@given(texts | numbers, st.none() | st.integers(0, 3000), st.integers(0, 5))
def test_it_equals_the_verdict(value: str | int, age: int | None, sources: int) -> None:
    expected = check_phone(value, Circumstances(sighting=Sighting(age, sources) if sources else None))
    found = brief(value, age, sources, explain=True)
    assert (expected.status, expected.reason, expected.action) == (found.status, found.reason, found.action)
    assert (round(expected.confidence, 4), expected.evidence) == (found.confidence, list(found.evidence))
