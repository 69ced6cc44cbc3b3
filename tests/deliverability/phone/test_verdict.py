from datetime import date

import msgspec
import numpy as np
import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.deliverability.phone.columnar import REASONS, STATUSES, check_numbers
from bureau.deliverability.phone.reasons import JUDGEMENTS, Reason
from bureau.deliverability.phone.verdict import Circumstances, LiveAnswer, check_phone
from bureau.deliverability.sightings import Sighting
from bureau.model.answer import Action, VerdictStatus


@pytest.mark.parametrize(
    ("text", "reason", "number"),
    [
        ("(11) 98765-4320", Reason.WELL_FORMED, "+5511987654320"),
        ("+55 55 99123-4567", Reason.WELL_FORMED, "+5555991234567"),
        ("0055 11 98765-4320", Reason.WELL_FORMED, "+5511987654320"),
        ("(0xx11) 3333-4445", Reason.WELL_FORMED, "+551133334445"),
        ("11 8765-4320", Reason.NINTH_DIGIT_ADDED, "+5511987654320"),
        ("11 7888-4320", Reason.LEGACY_TRUNK, "+5511978884320"),
        ("11 92765-4320", Reason.ASSIGNED_RANGE_UNKNOWN, "+5511927654320"),
        ("+1 212 555 0123", Reason.FOREIGN, None),
        ("98765-4320", Reason.MISSING_DDD, None),
        ("", Reason.NOT_A_NUMBER, None),
        ("nao tem", Reason.NOT_A_NUMBER, None),
        ("11 3333", Reason.TOO_SHORT, None),
        ("11 98765-43201234", Reason.TOO_LONG, None),
        ("20 98765-4320", Reason.BAD_DDD, None),
        ("11 1333-4445", Reason.BAD_FIRST_DIGIT, None),
        ("0800 123 4567", Reason.NON_GEOGRAPHIC, None),
        ("11 4004-1234", Reason.NON_GEOGRAPHIC, None),
        ("190", Reason.EMERGENCY_OR_SERVICE, None),
        ("11 99999-9999", Reason.REPEATED_DIGITS, None),
        ("11 91234-5678", Reason.SEQUENTIAL, None),
    ],
)
def test_every_reason_of_the_number_itself(text: str, reason: Reason, number: str | None) -> None:
    verdict = check_phone(text)
    assert (reason, JUDGEMENTS[reason].status, number or text) == (verdict.reason, verdict.status, verdict.number)


def test_any_text_gets_a_verdict_that_can_be_sent() -> None:
    for text in ("\ud800", "\x00", "9" * 5000, -1, 10**30):
        assert VerdictStatus.INVALID == check_phone(text).status
        assert msgspec.json.encode(check_phone(text))


def test_facts_of_a_mobile() -> None:
    verdict = check_phone("61 99876-1234")
    assert ("(61) 99876-1234", "mobile", 61, ("DF", "GO"), "America/Sao_Paulo") == (
        verdict.national,
        verdict.line_type,
        verdict.area_code,
        verdict.states,
        verdict.time_zone,
    )
    assert check_phone("11 98765-4320").original_carrier
    assert "America/Rio_Branco" == check_phone("68 3222-1234").time_zone


def test_the_address_supplies_a_missing_area_code() -> None:
    verdict = check_phone("98765-4320", Circumstances(default_ddd=31))
    assert ("+5531987654320", ("area_code_added",)) == (verdict.number, verdict.repairs)


def test_a_landline_where_a_mobile_was_wanted() -> None:
    verdict = check_phone("11 3333-4445", Circumstances(wants_mobile=True))
    assert (Reason.LANDLINE_IN_MOBILE_FIELD, Action.SEND_WITH_CARE) == (verdict.reason, verdict.action)


def test_a_live_source_has_the_last_word() -> None:
    live = LiveAnswer(Reason.INACTIVE, date(2026, 11, 1), "TIM")
    verdict = check_phone("11 98765-4320", Circumstances(live=live))
    assert (VerdictStatus.INVALID, "TIM") == (verdict.status, verdict.current_carrier)


def test_sightings_move_the_confidence() -> None:
    often, once = (
        check_phone("11 98765-4320", Circumstances(sighting=sighting)).confidence
        for sighting in (Sighting(10, 3), Sighting(2000, 1))
    )
    assert once < check_phone("11 98765-4320").confidence < often


def test_every_reason_has_its_judgement() -> None:
    assert set(Reason) == set(JUDGEMENTS)


numbers = st.one_of(
    st.integers(-5, 10**18),
    st.builds(lambda ddd, rest: ddd * 10**9 + rest, st.integers(10, 99), st.integers(9 * 10**8, 10**9 - 1)),
    st.builds(lambda ddd, rest: ddd * 10**8 + rest, st.integers(10, 99), st.integers(10**7, 10**8 - 1)),
    st.builds(lambda ddd, d: ddd * 10**9 + 9 * 10**8 + d * 11_111_111, st.integers(10, 99), st.integers(0, 9)),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(numbers, max_size=20))
def test_columns_equal_single_verdicts(values: list[int]) -> None:
    codes = check_numbers(np.array(values, np.int64))
    for value, number, code in zip(values, codes.numbers.tolist(), codes.reasons.tolist(), strict=True):
        expected = check_phone(max(value, 0))
        assert (expected.reason, expected.status) == (REASONS[code], STATUSES[code])
        assert (expected.number if expected.area_code else "+550") == f"+55{number}"


@settings(max_examples=300, deadline=None)
@given(numbers)
def test_libphonenumber_agrees_on_valid_numbers(value: int) -> None:
    """Ours is stricter on purpose (repeated digits, 3003/4004): what we call valid, the library must too."""
    verdict = check_phone(max(value, 0))
    if verdict.status is VerdictStatus.VALID:
        assert phonenumbers.is_valid_number(phonenumbers.parse(verdict.number))
