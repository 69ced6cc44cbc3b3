"""Dates as files carry them: ISO, DD/MM/YYYY, DD/MM/YY, DDMMYYYY, YYYYMMDD, Excel serials, timestamps, month names."""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bureau.normalise.columns import Column, as_strings, text_bytes
from bureau.normalise.plain_digits import UNREAD, plain_dates
from bureau.normalise.problems import Problem
from bureau.normalise.text import clean

FIRST_YEAR = 1800  # nobody alive and hardly a company is older; register years such as 202 and 4100 fall outside

_SEPARATED = re.compile(r"(\d{1,4})([-/. ])(\d{1,2})\2(\d{1,4})")
_EIGHT = re.compile(r"\d{8}")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
_NAMED = re.compile(r"(\d{1,2})[-/. ]*(?:DE )?([A-Z]{3})[A-Z]*[-/. ]*(?:DE )?(\d{2}|\d{4})")
_TIME = re.compile(r"(?<=\d)(?:T| +)\d{1,2}:\d{2}.*")
_MONTHS = {
    **{"JAN": 1, "FEV": 2, "MAR": 3, "ABR": 4, "MAI": 5, "JUN": 6, "JUL": 7, "AGO": 8, "SET": 9, "OUT": 10},
    **{"NOV": 11, "DEZ": 12, "FEB": 2, "APR": 4, "MAY": 5, "AUG": 8, "SEP": 9, "OCT": 10, "DEC": 12},
}
_EXCEL_EPOCH = date(1899, 12, 30)  # makes serials right from 1900-03-01 on, Excel's own leap-year slip included


class DateProblem(Problem):
    MISSING = "missing"
    UNREADABLE = "unreadable"
    IMPOSSIBLE = "impossible"
    FUTURE = "future"


def parse_date(text: str | None, today: date) -> date | DateProblem:
    """Read a day; day comes before month unless the year leads. Two-digit years are the latest not after ``today``."""
    return _parsed(text, today) if text and len(text) > 32 else _remembered(text, today)


def _parsed(text: str | None, today: date) -> date | DateProblem:
    cleaned = clean(text)
    if cleaned is None or not cleaned.strip("0/-. :"):
        return DateProblem.MISSING
    parts = _parts(_TIME.sub("", cleaned), today)
    if isinstance(parts, date):
        return _not_after(parts, today)
    if parts is None:
        return DateProblem.UNREADABLE
    year, month, day = parts
    if year < FIRST_YEAR:
        return DateProblem.IMPOSSIBLE
    try:
        return _not_after(date(year, month, day), today)
    except ValueError:
        return DateProblem.IMPOSSIBLE


# All days of a lifetime in two notations: a file repeats them from batch to batch.
_remembered = lru_cache(maxsize=1 << 16)(_parsed)


def _not_after(found: date, today: date) -> date | DateProblem:
    return DateProblem.FUTURE if found > today else found


def _parts(text: str, today: date) -> tuple[int, int, int] | date | None:
    if match := _SEPARATED.fullmatch(text):
        first, middle, last = match[1], match[3], match[4]
        if len(first) == 4:
            return (int(first), int(middle), int(last)) if len(last) <= 2 else None
        return (_full_year(last, today), int(middle), int(first)) if len(last) in {2, 4} and len(first) <= 2 else None
    if _EIGHT.fullmatch(text):
        return _eight_digits(text)
    if serial := _SERIAL.fullmatch(text):
        return _EXCEL_EPOCH + timedelta(days=int(serial[1]))
    if (named := _NAMED.fullmatch(text)) and named[2] in _MONTHS:
        return _full_year(named[3], today), _MONTHS[named[2]], int(named[1])
    return None


def _full_year(digits: str, today: date) -> int:
    if len(digits) == 4:
        return int(digits)
    year = today.year // 100 * 100 + int(digits)
    return year if year <= today.year else year - 100


def _eight_digits(text: str) -> tuple[int, int, int]:
    """YYYYMMDD or DDMMYYYY. From 1800 on they never read both ways: a century is no month."""
    if int(text[:4]) >= FIRST_YEAR and int(text[4:6]) <= 12:
        return int(text[:4]), int(text[4:6]), int(text[6:])
    return int(text[4:]), int(text[2:4]), int(text[:2])


class DateColumn(NamedTuple):
    """``numbers`` are yyyymmdd, 0 where unknown; ``problems`` are codes of :class:`DateProblem`, 0 for none."""

    numbers: NDArray[np.int32]
    problems: NDArray[np.uint8]


def dates(column: Column, today: date) -> DateColumn:
    """The columnar form of :func:`parse_date`; a date or timestamp column is taken as well."""
    texts = as_strings(column).fill_null("")
    numbers, forms = plain_dates(*text_bytes(texts), FIRST_YEAR, day_number(today))
    problems = np.zeros(len(texts), np.uint8)
    rows = np.flatnonzero(forms == UNREAD)
    others = texts.take(pa.array(rows)).dictionary_encode()
    parsed = [parse_date(value, today) for value in others.dictionary.to_pylist()]
    which = others.indices.to_numpy()
    numbers[rows] = np.array([day_number(one) if isinstance(one, date) else 0 for one in parsed], np.int32)[which]
    problems[rows] = np.array([0 if isinstance(one, date) else one.code for one in parsed], np.uint8)[which]
    return DateColumn(numbers, problems)


def day_number(day: date) -> int:
    """A day as yyyymmdd."""
    return day.year * 10_000 + day.month * 100 + day.day
