"""Values that stand in each other's columns: a name where the CPF belongs, a phone among the e-mails."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from bureau.intake.canonical import LIST_SEPARATOR
from bureau.normalise.documents import TaxId, parse_tax_id
from bureau.normalise.emails import Email, parse_email
from bureau.normalise.phones import Phone, parse_phone

_LETTER = r"[^\x00-@\[-`{-\x7f]"  # ASCII letters and whatever is no ASCII; \pL takes long to prepare
MISPLACED: Mapping[str, str] = MappingProxyType({
    "name": r"@|^[0-9][0-9./ -]{6,}$",
    "tax_id": rf"@|^[^0-9*#]*{_LETTER}[^0-9*#]*$|^[0-9]+/[0-9]+/[0-9]+$|^[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}$",
    "birth_date": rf"@|^[0-9./-]{{11,}}$|^{_LETTER}[^0-9]* [^0-9]*{_LETTER}$",
    "phones": rf"@|^[^0-9]*{_LETTER}[^0-9]*$",
    "emails": r"(?:^|\|)[^@|]*(?:$|\|)",
})  # fmt: skip
"""By field what its values do not look like (RE2); ``rearranged`` then decides."""

_DATE = re.compile(r"\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})|\d{4}-\d{2}-\d{2}")
_NUMBER = re.compile(r"[\d./ -]+")
_NAME = re.compile(r"[^\W\d_][^\d@]* [^\d@]*[^\W\d_]\.?")
_LISTS = ("phones", "emails")
_LONGEST = 200


class Move(NamedTuple):
    """A value that goes from one field to another."""

    source: str
    target: str
    value: str


def rearranged(cells: Mapping[str, str | None]) -> Iterator[tuple[str, str | None, str]]:
    """(field, new value, rule) of each cell that changes when every value goes where it plainly belongs.

    A value moves only to a place that is free, or whose own value moves away as well; nothing is thrown away.
    """
    moves = _possible(cells, [move for field, cell in cells.items() if cell for move in _moves(field, cell)])
    for field, cell in cells.items():
        leaving = [move for move in moves if move.source == field]
        coming = [move for move in moves if move.target == field]
        if leaving or coming:
            staying = [value for value in _values(field, cell) if value not in [move.value for move in leaving]]
            after = LIST_SEPARATOR.join([*staying, *(move.value for move in coming)]) or None
            yield field, after, f"moved_from_{coming[0].source}" if coming else f"moved_to_{leaving[0].target}"


def _possible(cells: Mapping[str, str | None], moves: list[Move]) -> list[Move]:
    """Without those whose place is taken; one that stays may take the place of another, so until nothing changes."""
    while True:
        leaving, wanted = {move.source for move in moves}, Counter(move.target for move in moves)
        empty = {field for field, cell in cells.items() if not cell} | leaving
        free = [m for m in moves if m.target in _LISTS or (wanted[m.target] == 1 and m.target in empty)]
        if len(free) == len(moves):
            return free
        moves = free


def _moves(field: str, cell: str) -> Iterator[Move]:
    for value in _values(field, cell):
        if len(value) <= _LONGEST and not _could_be(field, value):
            target = _plainly(value)
            if target and target != field:
                yield Move(field, target, value)


def _values(field: str, cell: str | None) -> list[str]:
    if field not in _LISTS:
        return [cell] if cell else []
    return [piece.strip() for piece in (cell or "").split(LIST_SEPARATOR) if piece.strip()]


def _could_be(field: str, value: str) -> bool:
    """Whether a value may stay where it is: anything with the look of its field, however damaged."""
    digits = sum(map(str.isdigit, value))
    match field:
        case "name":
            return "@" not in value and any(map(str.isalpha, value))
        case "tax_id":
            return "@" not in value and digits > 0 and not _DATE.fullmatch(value)
        case "birth_date":
            return 0 < digits < 9 or (digits > 0 and any(map(str.isalpha, value)))
        case "phones":
            return "@" not in value and digits > 0
        case _:
            return "@" in value


def _plainly(value: str) -> str | None:
    """The field that a value cannot but be of; None when that is not sure."""
    if "@" in value:
        return "emails" if isinstance(parse_email(value), Email) else None
    if _DATE.fullmatch(value):
        return "birth_date"
    if _NUMBER.fullmatch(value) and sum(map(str.isdigit, value)) >= 9 and isinstance(parse_tax_id(value), TaxId):
        return "tax_id"
    if isinstance(parse_phone(value), Phone):
        return "phones"
    return "name" if _NAME.fullmatch(value) else None
