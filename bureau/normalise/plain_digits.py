"""Dates and postal codes as nearly all files write them, read in compiled loops; everything else is left to the
scalar functions, which a property test holds these equal to."""

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, inlined, signed

UNREAD, ISO, DAY_FIRST, EIGHT_DIGITS = 0, 1, 2, 3
_ZERO, _HYPHEN, _SLASH = 48, 45, 47


@compiled
def plain_dates(
    data: NDArray[np.uint8], offsets: NDArray[np.int32], first_year: int, today: int
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """(yyyymmdd, form): ``1980-02-28``, ``28/02/1980``, ``19800228`` and ``28021980`` from ``first_year`` to ``today``
    (yyyymmdd); ``UNREAD`` is every other text, days that do not exist among them."""
    rows = len(offsets) - 1
    numbers, forms = np.zeros(rows, np.int32), np.zeros(rows, np.uint8)
    for row in range(rows):
        start, length = offsets[row], offsets[row + 1] - offsets[row]
        if length == 8:
            form, year_at, month_at, day_at = EIGHT_DIGITS, start, start + 4, start + 6
            if _read(data, start, 4) < first_year or _read(data, start + 4, 2) > 12:  # never both: see dates
                year_at, month_at, day_at = start + 4, start + 2, start
        elif length != 10:
            continue
        elif data[start + 4] == _HYPHEN and data[start + 7] == _HYPHEN:
            form, year_at, month_at, day_at = ISO, start, start + 5, start + 8
        elif data[start + 2] == _SLASH and data[start + 5] == _SLASH:
            form, year_at, month_at, day_at = DAY_FIRST, start + 6, start + 3, start
        else:
            continue
        year, month, day = _read(data, year_at, 4), _read(data, month_at, 2), _read(data, day_at, 2)
        number = year * 10_000 + month * 100 + day
        if year >= first_year and number <= today and 1 <= month <= 12 and 1 <= day <= _days(year, month):
            numbers[row], forms[row] = number, form
    return numbers, forms


@compiled
def plain_postal_codes(data: NDArray[np.uint8], offsets: NDArray[np.int32]) -> NDArray[np.int32]:
    """Texts of eight digits as numbers, -1 for every other text."""
    rows = len(offsets) - 1
    numbers = np.full(rows, -1, np.int32)
    for row in range(rows):
        if offsets[row + 1] - offsets[row] == 8:
            numbers[row] = _read(data, offsets[row], 8)
    return numbers


@inlined
def _read(data: NDArray[np.uint8], start: int, count: int) -> int:
    """The number that so many digits are, -1 if one is none."""
    value = 0
    for place in range(start, start + count):
        digit = signed(data[place]) - _ZERO
        if digit < 0 or digit > 9:
            return -1
        value = value * 10 + digit
    return value


@inlined
def _days(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31
