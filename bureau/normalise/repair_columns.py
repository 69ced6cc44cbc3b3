"""The repairs of whole columns as text, ``field: rule; field: rule``, in the order of ``record.canonical``."""

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.normalise.columns import is_valid
from bureau.normalise.emails import Email, parse_email
from bureau.normalise.phones import Phone, parse_phone
from bureau.normalise.record_columns import CanonicalColumns, Emails, Phones

Noted = tuple[NDArray[np.int64], pa.Array]
"""Row numbers, ascending, and what was done there."""


def repair_notes(columns: CanonicalColumns) -> pa.Array:
    """One text a row, null where nothing was repaired."""
    rules = columns.date_rules
    dated = np.flatnonzero(is_valid(rules))
    parts = [
        _noted((row, f"tax_id: {rule}") for row, rule in columns.tax.rules),
        (dated, pc.binary_join_element_wise("birth_date: ", rules.take(dated), "")),
        _noted(_phone_repairs(columns.phones)),
        _noted(_email_repairs(columns.emails)),
    ]
    rows = np.concatenate([some for some, _ in parts])
    notes = pa.concat_arrays([texts for _, texts in parts]).take(np.argsort(rows, kind="stable"))
    counts = np.bincount(rows, minlength=len(columns.date))
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, notes), "; ")
    return pc.if_else(pa.array(counts > 0), joined, None)


def _noted(notes: Iterable[tuple[int, str]]) -> Noted:
    found = list(notes)
    return np.array([row for row, _ in found], np.int64), pa.array([note for _, note in found], pa.string())


def _phone_repairs(phones: Phones) -> Iterator[tuple[int, str]]:
    """Only a number that is not all the digits sent can have been repaired."""
    digits = pc.replace_substring_regex(phones.texts, "[^0-9]", "")
    changed = pc.not_equal(digits, pa.array(phones.numbers).cast(pa.string())).to_numpy(zero_copy_only=False)
    pieces = np.flatnonzero(changed & (phones.numbers > 0))
    for piece, text in zip(pieces.tolist(), phones.texts.take(pieces).to_pylist(), strict=True):
        found = parse_phone(text, int(phones.area_codes[piece]))
        if isinstance(found, Phone):
            yield from _of_piece("phones", phones.offsets, piece, found.repairs)


def _email_repairs(emails: Emails) -> Iterator[tuple[int, str]]:
    """Only an address that is not what was sent, letter case aside, can have been repaired."""
    changed = pc.not_equal(pc.ascii_lower(emails.texts), emails.addresses).fill_null(False)
    pieces = np.flatnonzero(changed.to_numpy(zero_copy_only=False))
    for piece, text in zip(pieces.tolist(), emails.texts.take(pieces).to_pylist(), strict=True):
        found = parse_email(text)
        if isinstance(found, Email):
            yield from _of_piece("emails", emails.offsets, piece, found.repairs)


def _of_piece(field: str, offsets: NDArray[np.int64], piece: int, rules: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    row = int(np.searchsorted(offsets, piece, side="right")) - 1
    for rule in rules:
        yield row, f"{field}[{piece - offsets[row]}]: {rule}"
