"""The brief form says what the whole verdict does, for whatever address."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from bureau.deliverability.email.brief import brief
from bureau.deliverability.email.verdict import Stages, check_email
from bureau.deliverability.sightings import Sighting

AT = datetime(2026, 11, 22, tzinfo=UTC)

texts = st.text(max_size=40) | st.builds(
    lambda local, domain: local + domain,
    st.sampled_from(["fulano", "contato", "vendas.sp", "xxxxx", "bcdfghjk", "Fulano.Tal", "a..b", "joão", ""]),
    st.sampled_from(
        ["@exemplo.com.br", "@gmal.com", "@mailinator.com", "@duck.com", "@LIVRE.com", "@x", "", "@ação.com"]
    ),
)


@given(texts, st.none() | st.integers(0, 3000), st.integers(0, 5), st.booleans())
def test_it_equals_the_verdict(text: str, age: int | None, sources: int, expects_role: bool) -> None:
    sighting = Sighting(age, sources) if sources else None
    expected = check_email(text, AT, Stages(sighting=sighting, expects_role=expects_role))
    found = brief(text, age, sources, expects_role=expects_role, explain=True)
    assert (expected.status, expected.reason, expected.action) == (found.status, found.reason, found.action)
    assert (round(expected.confidence, 4), expected.evidence) == (found.confidence, list(found.evidence))
