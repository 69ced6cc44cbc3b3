"""Tax ids: CPF (people, 11 digits) and CNPJ (companies, 12 base characters and 2 check digits, letters since 2026).

A CPF is kept as its number, a CNPJ as its 12 base characters read in base 36: the check digits follow from them and
are recomputed for display. Sources: Receita Federal; IN RFB 2.229/2024 for the alphanumeric CNPJ.
"""

import re
from typing import Literal, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.normalise.check_digits import cnpj_check_digits, is_cnpj, is_cpf
from bureau.normalise.columns import Column, as_strings, text_bytes
from bureau.normalise.problems import Problem
from bureau.normalise.tax_id_digits import plain_tax_ids
from bureau.normalise.text import fold, is_missing

TaxKind = Literal["person", "company"]
Repairs = tuple[tuple[str, str, str], ...]

_SEPARATORS = re.compile(r"[\s.\-/'\"’´`_,\\\x00-\x1f\xad\u200b-\u200f\ufeff\u2010-\u2015]+")
_FLOAT = re.compile(r"(\d+)[.,]0{1,2}", re.ASCII)
_SCIENTIFIC = re.compile(r"(\d)(?:[.,](\d+))?E\+?(\d{1,2})", re.ASCII)
_MASKED = re.compile(r"[*X#]{3}\.?(\d{3})\.?(\d{3})-?[*X#]{2}", re.ASCII)
_MASK_CHARACTER = re.compile(r"[*#]|X{2,}")
_PLAIN_CPF = re.compile(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", re.ASCII).fullmatch
_LEAST_DIGITS = 8  # a CPF with more than three leading zeros is one in 2,500: fewer digits are something else
_CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class TaxIdProblem(Problem):
    MISSING = "missing"
    NOT_A_TAX_ID = "not_a_tax_id"
    WRONG_LENGTH = "wrong_length"
    CHECK_DIGITS = "check_digits"
    REPEATED_DIGITS = "repeated_digits"
    PRECISION_LOST = "precision_lost"
    MASKED = "masked"
    WRONG_KIND = "wrong_kind"


class TaxId(msgspec.Struct, frozen=True):
    """A valid tax id. ``number`` is the CPF, or the CNPJ's base in base 36. ``repairs`` are (rule, before, after)."""

    kind: TaxKind
    number: int
    repairs: Repairs = ()


class MaskedCpf(msgspec.Struct, frozen=True):
    """A CPF of which only the six middle digits show, as in ``***123456**``."""

    visible: int


class TaxIdColumn(NamedTuple):
    """``numbers`` are 0 where there is a problem; ``problems`` are codes of :class:`TaxIdProblem`, 0 for none."""

    numbers: NDArray[np.int64]
    problems: NDArray[np.uint8]


def parse_tax_id(text: str | None, kind: TaxKind | None = None) -> TaxId | MaskedCpf | TaxIdProblem:
    """Read a tax id as spreadsheets, masks and fixed-width files damage it.

    With ``kind`` unknown, a number of up to 11 digits is tried as CPF first, then as CNPJ, by check digits.
    """
    raw = (text or "").strip().upper()
    if not raw.strip("0.-/") or is_missing(fold(raw)):
        return TaxIdProblem.MISSING
    if masked := _MASKED.fullmatch(raw):
        visible = int(masked[1] + masked[2])
        return MaskedCpf(visible) if visible else TaxIdProblem.MISSING
    if scientific := _SCIENTIFIC.fullmatch(raw):
        return _from_scientific(raw, scientific, kind)
    if whole := _FLOAT.fullmatch(raw):
        found = _from_characters(whole[1], kind)
        if isinstance(found, TaxId):
            return _with_repair(found, "decimals_dropped", raw, whole[1])
    return _from_characters(_SEPARATORS.sub("", raw), kind)


def plain_cpf(text: str) -> int:
    """The number of a whole, valid CPF with its usual punctuation or none; 0 for all that :func:`parse_tax_id` must
    look at closer. Most of what clients send is one."""
    if not _PLAIN_CPF(text):
        return 0
    number = int(text if len(text) == 11 else text.replace(".", "").replace("-", ""))
    return number if is_cpf(number) else 0


def tax_ids(column: Column, kind: TaxKind) -> TaxIdColumn:
    """The columnar form of :func:`parse_tax_id`; a masked CPF counts as problem ``masked``."""
    texts = as_strings(column)
    numbers, problems, rest = plain_tax_ids(*text_bytes(texts), kind == "company")
    rows = np.flatnonzero(rest)
    for row, text in zip(rows, texts.take(rows).to_pylist(), strict=True):
        parsed = parse_tax_id(text, kind)
        if isinstance(parsed, TaxId):
            numbers[row] = parsed.number
        else:
            problems[row] = TaxIdProblem.MASKED.code if isinstance(parsed, MaskedCpf) else parsed.code
    return TaxIdColumn(numbers, problems)


def cpf_digits(number: int) -> str:
    """The eleven digits of a CPF, without mask."""
    return f"{number:011d}"


def cnpj_text(number: int) -> str:
    """The fourteen characters of a CNPJ from its base in base 36, check digits recomputed, without mask."""
    base = ""
    for _ in range(12):
        number, digit = divmod(number, 36)
        base = _CHARACTERS[digit] + base
    return base + cnpj_check_digits(base)


def _with_repair(found: TaxId, rule: str, before: str, after: str) -> TaxId:
    return TaxId(found.kind, found.number, ((rule, before, after), *found.repairs))


def _from_scientific(raw: str, match: re.Match[str], kind: TaxKind | None) -> TaxId | TaxIdProblem:
    digits, exponent = match[1] + (match[2] or ""), int(match[3])
    if len(digits) != exponent + 1:
        return TaxIdProblem.PRECISION_LOST
    found = _from_characters(digits, kind)
    return _with_repair(found, "scientific_notation", raw, digits) if isinstance(found, TaxId) else found


def _from_characters(characters: str, kind: TaxKind | None) -> TaxId | TaxIdProblem:
    """Read bare characters, separators already gone."""
    if not (characters.isascii() and characters.isdecimal()):
        return _alphanumeric(characters, kind)
    significant = characters.lstrip("0")
    if len(significant) > 14:
        return TaxIdProblem.WRONG_LENGTH
    characters = characters[-14:]  # CNAB and other fixed-width files pad to 15
    if len(characters) in {11, 14} and len(set(characters)) == 1:
        return TaxIdProblem.REPEATED_DIGITS
    person = _as_person(characters) if len(significant) <= 11 else None
    company = _as_company(characters)
    wanted, other = (company, person) if kind == "company" else (person, company)
    if kind is None:
        found = (company or person) if len(characters) > 11 else (person or company)
        return found or _why_not(characters, 14)
    if wanted is None and other is not None and (kind == "company" or len(characters) > 11):
        return TaxIdProblem.WRONG_KIND
    return wanted or _why_not(characters, 14 if kind == "company" else 11)


def _why_not(characters: str, width: int) -> TaxIdProblem:
    fits = _LEAST_DIGITS <= len(characters) <= width
    return TaxIdProblem.CHECK_DIGITS if fits else TaxIdProblem.WRONG_LENGTH


def _as_person(digits: str) -> TaxId | None:
    number = int(digits)
    if len(digits) < _LEAST_DIGITS or not is_cpf(number):
        return None
    if len(digits) == 11:
        return TaxId("person", number)
    rule = "leading_zeros_restored" if len(digits) < 11 else "padding_removed"
    return TaxId("person", number, ((rule, digits, cpf_digits(number)),))


def _as_company(digits: str) -> TaxId | None:
    padded = digits.zfill(14)
    # Banco do Brasil's root is all zeros, so that its numbers shrink to three or four digits.
    if is_cnpj(padded) and (len(digits) >= _LEAST_DIGITS or padded.startswith("0000000000")):
        repairs: Repairs = () if len(digits) == 14 else (("leading_zeros_restored", digits, padded),)
        return TaxId("company", int(padded[:12], 36), repairs)
    whole = digits[:12] + cnpj_check_digits(digits[:12]) if len(digits) == 13 else ""
    if whole[:13] == digits and is_cnpj(whole):
        return TaxId("company", int(digits[:12], 36), (("last_digit_restored", digits, whole),))
    return None


def _alphanumeric(characters: str, kind: TaxKind | None) -> TaxId | TaxIdProblem:
    if len(characters) == 15:
        characters = characters.removeprefix("0")  # CNAB pads to 15
    if is_cnpj(characters):
        return TaxIdProblem.WRONG_KIND if kind == "person" else TaxId("company", int(characters[:12], 36))
    if re.fullmatch("[0-9A-Z]{12}[0-9]{2}", characters):
        return TaxIdProblem.CHECK_DIGITS
    return TaxIdProblem.MASKED if _MASK_CHARACTER.search(characters) else TaxIdProblem.NOT_A_TAX_ID
