"""What a source gets wrong, applied to whole columns: spelling, typing, lost parts, wrong days of birth."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.synthetic.chance import Generator, Ints, some
from loaders.synthetic.lettering import date_parts
from loaders.synthetic.names import NameStock

# Name units by column: two given names, four surnames, suffix.
_SURNAMES, _SUFFIX = slice(2, 6), 6
_MIDDLE = slice(1, 5)

_ROWS = ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM")
_BESIDE = {key: other for row in _ROWS for a, b in pairwise(row) for key, other in ((b, a), (a, b))}


class Wear(NamedTuple):
    """Shares of names a register holds differently: another spelling of one unit, middle units as initials, a middle
    surname lost, particles lost, the suffix lost (of those who have one)."""

    respelt: float = 0.008
    abbreviated: float = 0.01
    shortened: float = 0.012
    bare: float = 0.02
    unsuffixed: float = 0.06


def mistyped(rng: Generator, text: str) -> str:
    """``text`` with one slip: a neighbouring key, a letter lost, doubled or swapped with the next one."""
    places = [i for i, (one, two) in enumerate(pairwise(text)) if one.isalpha() and two.isalpha()]
    if not places:
        return text + text[-1:]
    i = places[int(rng.integers(len(places)))]
    kind = int(rng.integers(4))
    if kind == 0:
        other = _BESIDE.get(text[i].upper(), "E")
        return text[:i] + (other if text[i].isupper() else other.lower()) + text[i + 1 :]
    if kind == 1:
        return text[:i] + text[i + 1 :]
    if kind == 2 or text[i] == text[i + 1]:
        return text[:i] + text[i] + text[i:]
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def with_typos(rng: Generator, texts: pa.StringArray, share: float) -> pa.StringArray:
    """A ``share`` of the texts mistyped."""
    wrong = pc.and_(pa.array(some(rng, len(texts), share)), pc.is_valid(texts))
    slips = [mistyped(rng, text) for text in texts.filter(wrong).to_pylist()]
    return pc.replace_with_mask(texts, wrong, pa.array(slips, pa.string()))


def worn_names(rng: Generator, stock: NameStock, units: Ints, wear: Wear) -> Ints:
    """Names (n, 7) as a careless register holds them."""
    result = units.copy()
    rows = _rows(rng, len(units), wear.respelt * 3)  # two units in three are absent or have one spelling only
    column = rng.integers(0, 6, len(rows))
    result[rows, column] = stock.respelt[result[rows, column]]
    rows = _rows(rng, len(units), wear.shortened)
    result[rows, 3 + rng.integers(0, 2, len(rows))] = 0
    rows = _rows(rng, len(units), wear.abbreviated)
    result[rows, _MIDDLE] = np.where(result[rows, _MIDDLE] > 0, stock.initial_of[result[rows, _MIDDLE]], 0)
    rows = _rows(rng, len(units), wear.bare)
    result[rows, _SURNAMES] = stock.bare(result[rows, _SURNAMES])
    result[_rows(rng, len(units), wear.unsuffixed), _SUFFIX] = 0
    return result


def wrong_births(rng: Generator, birth: Ints, share: float) -> Ints:
    """Birth days of which ``share`` are wrong: the day 52 %, month 18 %, year 16 %, day and month 11 %, swapped 3 %.

    The proportions are those of 5,594 people in two registers (electoral registers of 2014 and 2018).
    """
    rows = _rows(rng, len(birth), share)
    year, month, day = date_parts(birth[rows])
    kind = rng.choice(5, len(rows), p=(0.52, 0.18, 0.16, 0.11, 0.03))
    slip = rng.choice((-10, -2, -1, 1, 2, 10), len(rows))
    new_day = np.where(np.isin(kind, (0, 3)), (day + slip - 1) % 28 + 1, day)
    new_month = np.where(np.isin(kind, (1, 3)), (month + slip - 1) % 12 + 1, month)
    new_year = np.where(kind == 2, year + slip, year)
    swapped = (kind == 4) & (day <= 12)
    new_day, new_month = np.where(swapped, month, new_day), np.where(swapped, day, new_month)
    result = birth.copy()
    longest = np.where((new_month != month) | (month == 2), 28, 31)
    result[rows] = _as_days(new_year, new_month, np.minimum(new_day, longest))
    return result


def _as_days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970-01-01 of calendar dates."""
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    result: Ints = months.astype("datetime64[D]").astype(np.int64) + day - 1
    return result


def _rows(rng: Generator, count: int, share: float) -> Ints:
    return np.flatnonzero(some(rng, count, share))
