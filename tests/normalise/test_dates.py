from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.normalise.dates import DateProblem, dates, parse_date

TODAY = date(2026, 11, 22)
DAYS = st.dates(date(1800, 1, 1), TODAY)


@pytest.mark.parametrize(
    "text",
    [
        *["1980-02-28", "1980/2/28", "28/02/1980", "28/2/1980", "28-02-1980", "28.02.1980", "28/02/80", "28 02 1980"],
        *[
            "19800228",
            "28021980",
            "29279",
            "29279.0",
            "29279,5",
            " 28/02/1980 ",
            "1980-02-28T00:00:00",
            "1980-02-28 10:20",
        ],
        *["28/02/1980 00:00:00", "28 de fevereiro de 1980", "28-FEV-80", "28FEV1980", "28 Feb 1980"],
    ],
)
def test_forms_of_one_day(text: str) -> None:
    assert date(1980, 2, 28) == parse_date(text, TODAY)


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        *[(DateProblem.MISSING, text) for text in (None, "", "0", "00000000", "00/00/0000", "0000-00-00", "N/A")],
        *[
            (DateProblem.IMPOSSIBLE, text)
            for text in ("1980-02-30", "31/04/1980", "02/28/1980", "0202-01-01", "32011980")
        ],
        *[(DateProblem.FUTURE, text) for text in ("4100-01-01", "23/11/2026", "20270101", "99999")],
        *[(DateProblem.UNREADABLE, text) for text in ("1980", "28/1980", "x", "28/02-1980", "281", "9/9/999", "1-2-3")],
    ],
)
def test_problems(problem: DateProblem, text: str | None) -> None:
    assert problem == parse_date(text, TODAY)


def test_two_digit_years_are_never_in_the_future() -> None:
    assert date(2026, 1, 1) == parse_date("01/01/26", TODAY)
    assert date(1927, 1, 1) == parse_date("01/01/27", TODAY)


@given(DAYS)
def test_written_days_are_read_back(day: date) -> None:
    assert day == parse_date(day.isoformat(), TODAY)
    assert day == parse_date(day.strftime("%d/%m/") + f"{day.year:04d}", TODAY)
    assert day == parse_date(f"{day.year:04d}" + day.strftime("%m%d"), TODAY)
    assert day == parse_date(day.strftime("%d%m") + f"{day.year:04d}", TODAY)


@given(st.dates(date(1928, 1, 1), TODAY))
def test_excel_serials_count_from_1899_12_30(day: date) -> None:
    assert day == parse_date(str((day - date(1899, 12, 30)) // timedelta(days=1)), TODAY)


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.one_of(st.none(), st.text("0123456789/-. T:", max_size=12), DAYS.map(str)), max_size=20))
def test_the_column_says_what_the_scalar_says(texts: list[str | None]) -> None:
    column = dates(pa.array(texts, pa.string()), TODAY)
    for text, number, problem in zip(texts, column.numbers, column.problems, strict=True):
        parsed = parse_date(text, TODAY)
        if isinstance(parsed, DateProblem):
            assert (0, parsed) == (number, DateProblem.of(int(problem)))
        else:
            assert (int(parsed.isoformat().replace("-", "")), 0) == (number, problem)


def test_date_and_timestamp_columns_are_read_too() -> None:
    days = pa.array([date(1980, 2, 28), None])
    for column in (days, days.cast(pa.timestamp("s"))):
        assert [19800228, 0] == dates(column, TODAY).numbers.tolist()
