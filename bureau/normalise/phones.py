"""Brazilian phone numbers: prefixes taken off, ninth digit added, and why a number is nobody's line.

A number is kept as its national significant number, area code (DDD) first: 10 digits for a landline, 11 for a mobile.
Sources: Anatel Resolution 749/2022 (format; 553/2010 for the ninth digit, everywhere since 2016-11-06).
"""

import re
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.normalise import phone_digits
from bureau.normalise.columns import Column, as_strings, text_bytes
from bureau.normalise.phone_digits import REPAIRS
from bureau.normalise.problems import Problem
from bureau.normalise.text import clean

LineType = Literal["mobile", "landline", "unknown"]

_EXTENSION = re.compile(r"[\s,;(-]*\b(?:RAMAL|RM|R|EXTENSION|EXT|X)\b[\s.:]*\d{1,5}\)?$")
_CARRIER_MARK = re.compile(r"0?XX\)?(?=[\s(.-]*\d)")
_DECIMALS = re.compile(r"(?<=\d{8})[.,]0{1,2}$")
_is_plain = re.compile("[0-9() -]{8,40}").fullmatch  # nothing in it but digits and what separates them
_PUNCTUATION = re.compile("[() -]+")
_LONGEST = 80  # characters; also keeps the patterns above from much backtracking
_CELL = re.compile(r"[|;,/\\\n]+|\s(?:E|OU)\s|\s{3,}", re.IGNORECASE)


class PhoneProblem(Problem):
    MISSING = "missing"
    NOT_A_NUMBER = "not_a_number"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    BAD_DDD = "bad_ddd"
    MISSING_DDD = "missing_ddd"
    BAD_FIRST_DIGIT = "bad_first_digit"
    NON_GEOGRAPHIC = "non_geographic"
    EMERGENCY_OR_SERVICE = "emergency_or_service"
    REPEATED_DIGITS = "repeated_digits"
    SEQUENTIAL = "sequential"
    FOREIGN = "foreign"


class Phone(msgspec.Struct, frozen=True):
    """A number that could exist; ``repairs`` name what was changed to read it, in order."""

    number: int
    line_type: LineType
    repairs: tuple[str, ...] = ()


def parse_phone(text: str | None, default_ddd: int | None = None) -> Phone | PhoneProblem:
    """Read a phone number; ``default_ddd`` (from the address, say) serves a number without area code."""
    if text and _is_plain(text) and 8 <= len(digits := _PUNCTUATION.sub("", text)) <= phone_digits.MOST_DIGITS:
        return _read(digits, default_ddd or 0)
    return _read_closely(text, default_ddd or 0)


def _read_closely(text: str | None, default_ddd: int) -> Phone | PhoneProblem:
    cleaned = clean(text)
    if cleaned is None:
        return PhoneProblem.MISSING
    if len(cleaned) > _LONGEST:
        return PhoneProblem.TOO_LONG
    bare = _EXTENSION.sub("", cleaned)
    whole = _DECIMALS.sub("", bare)
    dialled = _CARRIER_MARK.sub("0", whole)
    digits = re.sub(r"\D", "", dialled)
    if not digits:
        return PhoneProblem.NOT_A_NUMBER
    if len(digits) > phone_digits.MOST_DIGITS:
        return PhoneProblem.TOO_LONG
    found = _read(digits, default_ddd, dialled.lstrip("( ").startswith("+"))
    dropped = ("extension_dropped",) if bare != cleaned else ("decimals_dropped",) if whole != bare else ()
    if dropped and isinstance(found, Phone):
        return msgspec.structs.replace(found, repairs=dropped + found.repairs)
    return found


def _read(digits: str, default_ddd: int, international: bool = False) -> Phone | PhoneProblem:
    number, problem, mask = phone_digits.national(
        int(digits), len(digits), international, default_ddd, phone_digits.area_code_table()
    )
    if problem:
        return PhoneProblem.of(problem) or PhoneProblem.NOT_A_NUMBER
    return Phone(number, line_type(number), tuple(name for bit, name in REPAIRS.items() if mask & bit) if mask else ())


class PhoneColumn(NamedTuple):
    """``numbers`` are 0 where there is a problem; ``problems`` are codes of :class:`PhoneProblem`, 0 for none."""

    numbers: NDArray[np.int64]
    problems: NDArray[np.uint8]


def phones(column: Column, default_ddds: NDArray[np.int64] | None = None) -> PhoneColumn:
    """The columnar form of :func:`parse_phone`; ``default_ddds`` has one area code a row, 0 for none."""
    texts = as_strings(column)
    ddds = np.zeros(1, np.int64) if default_ddds is None else default_ddds
    numbers, problems, odd = phone_digits.national_column(*text_bytes(texts), ddds, phone_digits.area_code_table())
    for row in np.flatnonzero(odd):
        parsed = parse_phone(texts[row].as_py(), int(ddds[row if len(ddds) > 1 else 0]))
        if isinstance(parsed, Phone):
            numbers[row] = parsed.number
        else:
            problems[row] = parsed.code
    return PhoneColumn(numbers, problems)


def split_phones(cell: str | None) -> list[str]:
    """The numbers of a cell that holds several, separated by ``| ; , /``, line ends, "e", "ou" or wide gaps."""
    return [part.strip() for part in _CELL.split(cell or "") if part.strip()]


def line_type(number: int) -> LineType:
    """By the number alone; portability and voice over broadband make it a strong hint, not a fact."""
    if number >= 10**10:
        return "mobile"
    return "landline" if number >= 10**9 else "unknown"


def e164(number: int) -> str:
    return f"+55{number}"


def national(number: int) -> str:
    """As written in Brazil: ``(11) 98765-4321``."""
    digits = str(number)
    return f"({digits[:2]}) {digits[2:-4]}-{digits[-4:]}"
