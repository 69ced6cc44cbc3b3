"""The compiled readers against the scalar functions, on texts near the border of what they read."""

from datetime import date

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bureau.normalise.addresses import postal_code, postal_codes
from bureau.normalise.dates import FIRST_YEAR, DateProblem, dates, day_number, parse_date
from bureau.normalise.plain_digits import DAY_FIRST, EIGHT_DIGITS, ISO, UNREAD, plain_dates

TODAY = date(2026, 11, 22)
ISO_TEXT = st.from_regex(r"(1[789]|20)[0-9]{2}-[01][0-9]-[0-3][0-9]", fullmatch=True)
DAY_FIRST_TEXT = st.from_regex(r"[0-3][0-9]/[01][0-9]/(1[789]|20)[0-9]{2}", fullmatch=True)
EIGHT = st.from_regex(r"(1[789]|20)[0-9]{2}[01][0-9][0-3][0-9]|[0-3][0-9][01][0-9](1[789]|20)[0-9]{2}", fullmatch=True)
NEAR = st.text(st.sampled_from("0129-/ "), min_size=8, max_size=11)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.one_of(st.none(), ISO_TEXT, DAY_FIRST_TEXT, EIGHT, NEAR), max_size=8))
@example(["29/02/2000", "29/02/1900", "1900-02-29", "2026-11-22", "2026-11-23", "0000-00-00", "31/04/1999"])
@example(["19800228", "28021980", "20000229", "29022000", "19000229", "10121805", "18051210", "20261123", "28/02/80"])
def test_dates_are_as_the_scalar_function_reads_them(texts: list[str | None]) -> None:
    found = dates(pa.array(texts, pa.string()), TODAY)
    for row, text in enumerate(texts):
        expected = parse_date(text or "", TODAY)
        if isinstance(expected, date):
            assert (day_number(expected), 0) == (found.numbers[row], found.problems[row])
        else:
            assert (0, expected) == (found.numbers[row], DateProblem.of(int(found.problems[row])))


def test_ordinary_dates_do_not_reach_the_scalar_function() -> None:
    data = np.frombuffer(b"1980-02-2828/02/198028.02.19801980022828021980", np.uint8)
    _, forms = plain_dates(data, np.array([0, 10, 20, 30, 38, 46], np.int32), FIRST_YEAR, day_number(TODAY))
    assert [ISO, DAY_FIRST, UNREAD, EIGHT_DIGITS, EIGHT_DIGITS] == forms.tolist()


@settings(deadline=None)
@given(st.lists(st.one_of(st.none(), st.text(st.sampled_from("0129- .x"), max_size=9)), max_size=8))
@example(["11111111", "01310100", "00000001", "1310100", "01310-100", "00999999"])
def test_postal_codes_are_as_the_scalar_function_reads_them(texts: list[str | None]) -> None:
    found = postal_codes(pa.array(texts, pa.string()))
    assert [postal_code(text) for text in texts] == found.tolist()
