"""What a source gets wrong, applied to whole columns: spelling, typing, lost parts, wrong days of birth."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.synthetic.chance import Generator, Ints, Mask
from loaders.synthetic.lettering import date_parts
from loaders.synthetic.names import NameStock

# Name units by column: two given names, four surnames, suffix.
GIVEN, SURNAMES, SUFFIX = slice(0, 2), slice(2, 6), 6

_KEYS_BESIDE = {
    a: b
    for row in ("QWERTYUIOP", "ASDFGHJKL", "ZXCVBNM", "qwertyuiop", "asdfghjkl", "zxcvbnm")
    for a, b in zip(row, row[1:] + row[-2], strict=True)
}


def mistyped(rng: Generator, text: str) -> str:
    """``text`` with one slip: a neighbouring key, a letter lost, doubled or swapped with the next one."""
    places = [i for i, letter in enumerate(text[:-1]) if letter.isalpha() and text[i + 1].isalpha()]
    if not places:
        return text + text[-1:]
    i = places[int(rng.integers(len(places)))]
    kind = int(rng.integers(4))
    if kind == 0:
        return text[:i] + _KEYS_BESIDE.get(text[i], "E" if text[i].isupper() else "e") + text[i + 1 :]
    if kind == 1:
        return text[:i] + text[i + 1 :]
    if kind == 2 or text[i] == text[i + 1]:
        return text[:i] + text[i] + text[i:]
    return text[:i] + text[i + 1] + text[i] + text[i + 2 :]


def with_typos(rng: Generator, texts: pa.StringArray, share: float) -> pa.StringArray:
    """A ``share`` of the texts mistyped."""
    wrong = (rng.random(len(texts)) < share) & np.asarray(pc.is_valid(texts))
    replaced = [mistyped(rng, text) for text in texts.filter(pa.array(wrong)).to_pylist()]
    return pc.replace_with_mask(texts, pa.array(wrong), pa.array(replaced, pa.string()))


def worn_names(rng: Generator, stock: NameStock, units: Ints, rates: "tuple[float, float, float, float]") -> Ints:
    """Names as a careless register holds them.

    ``rates``: another spelling of one unit, middle units abbreviated to initials, a middle surname lost, particles
    lost; a quarter of the suffix's bearers lose it at the abbreviation rate's tenfold.
    """
    respelt, abbreviated, lost, bare = rates
    count = len(units)
    result = units.copy()
    column = rng.integers(0, 6, count)
    rows = _some(rng, count, respelt * 3)  # most units have no other spelling
    result[rows, column[rows]] = stock.respelt[result[rows, column[rows]]]
    rows = _some(rng, count, lost)
    result[rows, 3 + rng.integers(0, 2, len(rows))] = 0
    rows = _some(rng, count, abbreviated)
    middle = result[rows, 1:5]
    result[rows, 1:5] = np.where(middle > 0, stock.initial_of[middle], 0)
    rows = _some(rng, count, bare)
    result[rows, SURNAMES] = stock.bare(result[rows, SURNAMES])
    result[_some(rng, count, abbreviated * 5), SUFFIX] = 0
    return result


def wrong_births(rng: Generator, birth: Ints, share: float) -> Ints:
    """Birth days of which ``share`` are wrong: the day 52 %, month 18 %, year 16 %, more 11 %, swapped 3 %.

    The proportions are those of 5,594 people in two registers (facts-brazil §4.2).
    """
    rows = _some(rng, len(birth), share)
    year, month, day = date_parts(birth[rows])
    kind = rng.choice(5, len(rows), p=(0.52, 0.18, 0.16, 0.11, 0.03))
    slip = rng.choice((-10, -2, -1, 1, 2, 10), len(rows))
    day_wrong, month_wrong, year_wrong = np.isin(kind, (0, 3)), np.isin(kind, (1, 3)), kind == 2
    new_day = np.where(day_wrong, (day + slip - 1) % 28 + 1, day)
    new_month = np.where(month_wrong, (month + slip - 1) % 12 + 1, month)
    swapped = (kind == 4) & (day <= 12)
    new_day, new_month = np.where(swapped, month, new_day), np.where(swapped, day, new_month)
    new_year = np.where(year_wrong, year + slip, year)
    result = birth.copy()
    result[rows] = as_days(new_year, new_month, np.minimum(new_day, 28))
    return result


def as_days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days since 1970-01-01 of calendar dates."""
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    result: Ints = months.astype("datetime64[D]").astype(np.int64) + day - 1
    return result


def some(rng: Generator, count: int, share: float) -> Mask:
    result: Mask = rng.random(count) < share
    return result


def _some(rng: Generator, count: int, share: float) -> Ints:
    return np.flatnonzero(rng.random(count) < share)
