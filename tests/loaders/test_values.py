"""Dates in columns against the calendar."""

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from loaders.values import date_column


@given(st.lists(st.one_of(st.none(), st.dates(date(1800, 1, 1), date(2100, 12, 31)))))
def test_decimal_dates_are_days_of_the_calendar(days: list[date | None]) -> None:
    numbers = [day.year * 10_000 + day.month * 100 + day.day if day else 0 for day in days]
    assert days == date_column(np.array(numbers, np.int32)).to_pylist()
