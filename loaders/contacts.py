"""Cells of phones and e-mails → one list a row: several columns, several values in a cell, area codes apart."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.normalise.emails import EmailProblem, emails, split_emails
from bureau.normalise.phones import PhoneProblem, phones, split_phones
from loaders.report import Tally
from loaders.values import count_problems

# What may separate two values besides "|", told cheaply; split_phones and split_emails then decide.
_SEVERAL_PHONES = r"[;,/\\\n]|\s[EeOo][Uu]?\s|\s{3}"
_SEVERAL_EMAILS = "(?s)@.*@"


class PhoneCells(NamedTuple):
    """A column of phones; ``area_codes`` when they stand in a column of their own."""

    numbers: pa.Array
    area_codes: pa.Array | None = None


class _Values(NamedTuple):
    """Single values and the row each belongs to."""

    rows: NDArray[np.int64]
    texts: pa.Array


def phone_lists(columns: Sequence[PhoneCells], rows: int, tally: Tally) -> pa.Array:
    """National numbers of each row, columns in order; what is no phone is left out and counted by reason."""
    parts = [_separated(_without_zeros(cells.numbers), _SEVERAL_PHONES, split_phones) for cells in columns]
    area_codes = [_area_codes(cells)[part.rows] for cells, part in zip(columns, parts, strict=True)]
    values = _together(parts)
    numbers, problems = phones(values.texts, np.concatenate([np.zeros(0, np.int64), *area_codes]))
    count_problems(tally.unusable, "phones", PhoneProblem, problems)
    good = problems == 0
    return _lists(values.rows[good], pa.array(numbers[good]), rows)


def email_lists(columns: Sequence[pa.Array], rows: int, tally: Tally) -> pa.Array:
    """Canonical addresses of each row, columns in order; what is no address is left out and counted by reason."""
    values = _together([_separated(column, _SEVERAL_EMAILS, split_emails) for column in columns])
    addresses, problems = emails(values.texts)
    count_problems(tally.unusable, "emails", EmailProblem, problems)
    good = problems == 0
    return _lists(values.rows[good], addresses.filter(pa.array(good)), rows)


def _without_zeros(numbers: pa.Array) -> pa.Array:
    """The register fills absent phones with zeros: they are missing, not wrong."""
    return pc.if_else(pc.equal(pc.utf8_trim(numbers, "0 "), ""), None, numbers)


def _area_codes(cells: PhoneCells) -> NDArray[np.int64]:
    """The area code of each row, 0 where there is none; ``011`` and ``0021`` stand for 11 and 21."""
    if cells.area_codes is None:
        return np.zeros(len(cells.numbers), np.int64)
    digits = pc.utf8_ltrim(pc.replace_substring_regex(cells.area_codes, "[^0-9]|[.]0$", ""), "0")
    usable = pc.if_else(pc.equal(pc.binary_length(digits), 2), digits, None)
    found: NDArray[np.int64] = pc.fill_null(usable.cast(pa.int64()), 0).to_numpy()
    return found


def _together(parts: Sequence[_Values]) -> _Values:
    empty = _Values(np.zeros(0, np.int64), pa.array([], pa.string()))
    rows, texts = zip(empty, *parts, strict=True)
    return _Values(np.concatenate(rows), pa.concat_arrays(texts))


def _separated(column: pa.Array, several: str, split: Callable[[str], list[str]]) -> _Values:
    filled = pc.fill_null(pc.greater(pc.binary_length(column), 0), False)
    rows = np.flatnonzero(filled.to_numpy(zero_copy_only=False))
    cells = pc.split_pattern(column.filter(filled), "|")
    rows = np.repeat(rows, pc.list_value_length(cells).to_numpy(zero_copy_only=False))
    texts = cells.flatten()
    odd = pc.match_substring_regex(texts, several).to_numpy(zero_copy_only=False)
    if not odd.any():
        return _Values(rows, texts)
    pieces = [split(cell) for cell in texts.filter(pa.array(odd)).to_pylist()]
    odd_rows = np.repeat(rows[odd], [len(piece) for piece in pieces])
    odd_texts = pa.array([text for piece in pieces for text in piece], pa.string())
    return _Values(np.concatenate([rows[~odd], odd_rows]), pa.concat_arrays([texts.filter(pa.array(~odd)), odd_texts]))


def _lists(rows: NDArray[np.int64], values: pa.Array, count: int) -> pa.Array:
    """One list a row, in the order given; a row without values gets an empty list."""
    order = np.argsort(rows, kind="stable")
    offsets: NDArray[Any] = np.zeros(count + 1, np.int32)
    np.cumsum(np.bincount(rows, minlength=count), out=offsets[1:])
    return pa.ListArray.from_arrays(pa.array(offsets), values.take(pa.array(order)))
