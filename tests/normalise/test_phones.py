import re

import numpy as np
import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.normalise import phone_digits
from bureau.normalise.phones import (
    Phone,
    PhoneProblem,
    e164,
    line_type,
    national,
    parse_phone,
    phones,
    split_phones,
)
from bureau.reference.places import area_codes

DDDS = sorted(area_codes())
MOBILES = st.tuples(st.sampled_from(DDDS), st.integers(60_000_000, 99_999_999))
LANDLINES = st.tuples(st.sampled_from(DDDS), st.integers(20_000_000, 59_999_999))


@pytest.mark.parametrize(
    ("number", "repairs", "text"),
    [
        (11987654321, "", "(11) 98765-4321"),
        (11987654321, "", "+55 11 98765-4321"),
        (11987654321, "", "CEL: 11 98765 4321"),
        (11987654321, "ninth_digit_added", "11 8765-4321"),
        (11987654321, "country_code_removed", "5511987654321"),
        (11987654321, "country_code_removed", "0055 11 98765-4321"),
        (11987654321, "country_code_removed", "5555 11 98765-4321"),
        (11987654321, "country_code_removed ninth_digit_added", "551187654321"),
        (11987654321, "trunk_zero_removed", "011 98765-4321"),
        (11987654321, "trunk_zero_removed", "(0xx11) 98765-4321"),
        (11987654321, "trunk_zero_removed", "0XX 11 98765-4321"),
        (11987654321, "trunk_zero_removed", "+55 (011) 98765-4321"),
        (2125551234, "trunk_zero_removed", "0021 2555-1234"),
        (11987654321, "carrier_code_removed", "0 15 11 98765-4321"),
        (11987654321, "carrier_code_removed", "015 11 98765-4321"),
        (11987654321, "carrier_code_removed", "21 11 98765-4321"),
        (1134567890, "carrier_code_removed", "0 21 11 3456-7890"),
        (11987654321, "collect_prefix_removed", "90 15 11 98765-4321"),
        (11987654321, "duplicate_area_code_removed", "11 11 98765-4321"),
        (1134567890, "extension_dropped", "11 3456-7890 ramal 12"),
        (1134567890, "extension_dropped", "11 3456-7890 R. 12"),
        (1134567890, "extension_dropped", "(11) 3456-7890 (ramal: 12)"),
        (11987654321, "decimals_dropped", "11987654321.0"),
        (11977654321, "ninth_digit_added legacy_trunk", "11 7765-4321"),
        # DDD 55 is Santa Maria-RS as well as the country code
        (55987654321, "", "55 98765-4321"),
        (55987654321, "", "+55 55 98765-4321"),
        (5532214567, "", "55 3221-4567"),
        (55987654321, "country_code_removed", "5555987654321"),
        (55987654321, "country_code_removed", "005555987654321"),
    ],
)
def test_numbers_and_their_repairs(number: int, repairs: str, text: str) -> None:
    parsed = parse_phone(text)
    assert isinstance(parsed, Phone), parsed
    assert (number, repairs.split()) == (parsed.number, list(parsed.repairs))


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        *[("missing", text) for text in (None, "", "0", "00000000", "NAO TEM", "-1", "--")],
        *[("not_a_number", text) for text in ("FULANO", "a definir")],
        *[("too_short", text) for text in ("1", "34567", "345-6789", "11 345-6789", "11 3456 789")],
        *[("too_long", text) for text in ("11 98765-43210", "9" * 30, "11 3456-78901")],
        *[("bad_ddd", text) for text in ("20 98765-4321", "(10) 3456-7890", "23 3456-7890")],
        *[("missing_ddd", text) for text in ("98765-4321", "3456-7890", "9090 98765-4321", "+55 98765-4321")],
        *[("bad_first_digit", text) for text in ("11 1456-7890", "11 0456-7891", "11 18765-4321")],
        *[("non_geographic", text) for text in ("0800 123 4567", "0800 123456", "800 1234567", "0300 123 4567")],
        *[
            ("non_geographic", text)
            for text in ("0303 1234567", "0500 1234567", "0900 123456", "4004-1234", "3003 1234")
        ],
        *[("non_geographic", text) for text in ("11 4004-1234", "11 3003-1234", "4020 1234", "+55 0800 123 4567")],
        *[("emergency_or_service", text) for text in ("190", "192", "10315")],
        *[("repeated_digits", text) for text in ("11 99999-9999", "11 90000-0000", "1122222222", "2136363636")],
        *[("sequential", text) for text in ("11 91234-5678", "1123456789", "11 2345-6789")],
        *[("foreign", text) for text in ("+1 212 555 1234", "001 212 555 1234", "+351 912 345 678")],
    ],
)
def test_problems(problem: str, text: str | None) -> None:
    assert problem == parse_phone(text)


def test_a_default_area_code_serves_numbers_without_one() -> None:
    assert Phone(11987654321, "mobile", ("area_code_added",)) == parse_phone("98765-4321", 11)
    assert Phone(11987654321, "mobile", ("area_code_added", "ninth_digit_added")) == parse_phone("8765-4321", 11)
    assert Phone(2134567890, "landline") == parse_phone("21 3456-7890", 11)
    assert PhoneProblem.MISSING_DDD == parse_phone("98765-4321", 10)
    assert PhoneProblem.NON_GEOGRAPHIC == parse_phone("4004 1234", 11)


@pytest.mark.parametrize(
    "form", ["{0}9{1}", "({0}) 9{1}", "+55{0}9{1}", "55{0}9{1}", "0055{0}9{1}", "0{0}9{1}", "{0}{1}", "55{0}{1}"]
)
@given(MOBILES)
def test_every_mobile_is_read_in_every_form(form: str, parts: tuple[int, int]) -> None:
    parsed = parse_phone(form.format(*parts))
    fake = parse_phone(f"{parts[0]}9{parts[1]}")
    assert (parsed.number if isinstance(parsed, Phone) else parsed) == (
        fake if isinstance(fake, PhoneProblem) else int(f"{parts[0]}9{parts[1]}")
    )


@given(LANDLINES)
def test_what_is_read_is_read_again_from_its_own_form(parts: tuple[int, int]) -> None:
    parsed = parse_phone("{}{}".format(*parts))
    if isinstance(parsed, Phone):
        assert Phone(parsed.number, "landline") == parse_phone(e164(parsed.number))
        assert Phone(parsed.number, "landline") == parse_phone(national(parsed.number))


@given(st.one_of(MOBILES.map(lambda parts: "{}9{}".format(*parts)), LANDLINES.map(lambda parts: "{}{}".format(*parts))))
def test_libphonenumber_agrees_except_where_nobody_answers(text: str) -> None:
    parsed = parse_phone(text)
    nobody = {PhoneProblem.NON_GEOGRAPHIC, PhoneProblem.REPEATED_DIGITS, PhoneProblem.SEQUENTIAL}
    assert phonenumbers.is_valid_number(phonenumbers.parse(text, "BR"))
    assert isinstance(parsed, Phone) or parsed in nobody


NUMBERISH = st.one_of(
    st.text("0123456789", max_size=20),
    st.text("0159 ()-+./", max_size=22),
    st.text("0123456789 ()+-.xXrRamal,/;é*", max_size=24),
    st.builds("{}{}{}{}".format, st.sampled_from(["", "+55", "0055", "0", "015", "90", "9090", "+", "(", "55"]),
              st.sampled_from(["", *map(str, DDDS)]), st.integers(10**6, 10**9 - 1),
              st.sampled_from(["", " ramal 3", ".0", ".00", " ", ",0", " r 12"])),
)  # fmt: skip


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.tuples(st.one_of(st.none(), NUMBERISH), st.sampled_from([0, 11, 55, 20])), max_size=30))
def test_the_column_says_what_the_scalar_says(rows: list[tuple[str | None, int]]) -> None:
    texts, ddds = [text for text, _ in rows], np.array([ddd for _, ddd in rows], np.int64)
    column = phones(pa.array(texts, pa.string()), ddds)
    for text, ddd, number, problem in zip(texts, ddds, column.numbers, column.problems, strict=True):
        parsed = parse_phone(text, int(ddd))
        if isinstance(parsed, Phone):
            assert (parsed.number, 0) == (number, problem)
        else:
            assert (0, parsed) == (number, PhoneProblem.of(int(problem)))


@given(st.integers(0, 10**18 - 1), st.integers(0, 4), st.booleans())
def test_only_numbers_that_could_exist_come_out(value: int, zeros: int, plus: bool) -> None:
    count = min(len(str(value)) + zeros, phone_digits.MOST_DIGITS)
    number, problem, _ = phone_digits.national(value, count, plus, 0, phone_digits.area_code_table())
    assert (number == 0) == (problem != 0)
    if number:
        assert re.fullmatch(r"\d\d(?:9\d{8}|[2-5]\d{7})", str(number))
        assert number // 10 ** (len(str(number)) - 2) in area_codes()


def test_problem_codes_of_the_compiled_part_are_those_of_the_enum() -> None:
    assert {p.name: p.code for p in PhoneProblem} == {p.name: getattr(phone_digits, p.name) for p in PhoneProblem}


def test_one_area_code_for_the_whole_column_is_not_needed() -> None:
    assert [0, 11987654321] == phones(pa.array(["98765-4321", "11987654321"])).numbers.tolist()
    assert [] == phones(pa.array([], pa.string())).numbers.tolist()


@pytest.mark.parametrize(
    ("expected", "cell"),
    [
        (["11 3456-7890", "11 98765-4321"], "11 3456-7890 / 11 98765-4321"),
        (["1134567890", "11987654321", "2125551234"], "1134567890;11987654321,2125551234"),
        (["1134567890", "11987654321"], "1134567890|11987654321|"),
        (["3456-7890", "98765-4321"], "3456-7890 ou 98765-4321"),
        (["11 3456-7890"], "11 3456-7890"),
        ([], None),
    ],
)
def test_split_phones(expected: list[str], cell: str | None) -> None:
    assert expected == split_phones(cell)


def test_forms() -> None:
    assert "+5511987654321" == e164(11987654321)
    assert "(11) 98765-4321" == national(11987654321)
    assert "(11) 3456-7890" == national(1134567890)
    assert ["mobile", "landline", "unknown"] == [line_type(n) for n in (11987654321, 1134567890, 190)]


@given(st.text("0123456789() -+", max_size=24), st.none() | st.sampled_from([11, 61, 20]))
def test_the_short_way_for_plain_numbers_reads_as_the_long_one(text: str, default_ddd: int | None) -> None:
    unseen = "\u200b"  # is cleaned away, but only the long way knows that
    assert parse_phone(text + unseen, default_ddd) == parse_phone(text, default_ddd)
