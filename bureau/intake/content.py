"""What a column holds, judged by its values: check digits, addresses, dates, names and places that exist.

The share of values that fit is made a confidence that few values keep low: one valid CPF alone is worth two thirds.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from types import MappingProxyType

import msgspec

from bureau.normalise.addresses import postal_code
from bureau.normalise.dates import parse_date
from bureau.normalise.documents import MaskedCpf, TaxId, parse_tax_id
from bureau.normalise.emails import Email, parse_email, split_emails
from bureau.normalise.phones import Phone, parse_phone, split_phones
from bureau.normalise.record import LONGEST_TAX_ID, SEXES
from bureau.normalise.text import clean, is_missing
from bureau.reference.names import first_names_by_sex
from bureau.reference.places import municipalities, states

SURE_ENOUGH = 0.6
_LONGEST = 120
_STREET = re.compile(r"(?:RUA|R|AV|AVENIDA|TRAVESSA|TV|ALAMEDA|AL|RODOVIA|ROD|ESTRADA|EST|PRACA|PC|QUADRA|QD|SITIO)\b")
_LEGAL_FORM = re.compile(r"\b(?:LTDA|ME|MEI|EPP|EIRELI|S/?A|CIA)\.?$")
_DATE = re.compile(r"\d{1,2}([-/.])\d{1,2}\1(?:\d{4}|\d{2})|\d{4}-\d{1,2}-\d{1,2}(?:[T ].*)?")
_POSTAL_CODE = re.compile(r"\d{2}\.?\d{3}-\d{3}")
_YOUNGEST, _OLDEST = 16, 115  # years; whoever owes money is of age


class Content(msgspec.Struct, frozen=True):
    """A canonical field that a column's values speak for; ``share`` of them did, ``confidence`` is its worth."""

    field: str
    share: float
    confidence: float


def content_of(values: Sequence[str], today: date) -> Content | None:
    """The field that most values of a column speak for, if any speaks clearly."""
    found = [content_as(field, values, today) for field in _READERS]
    best = max(found, key=lambda content: content.confidence)
    return best if best.confidence >= SURE_ENOUGH else None


def content_as(field: str, values: Sequence[str], today: date) -> Content:
    """How far a column's values speak for one field; fields that have no look of their own are never spoken for."""
    texts = [value.strip() for value in values if not is_missing(clean(value) or "")]
    read = _READERS.get(field)
    if not texts or read is None:
        return Content(field, 0.0, 0.0)
    fitting = sum(1 for text in texts if len(text) <= _LONGEST and read(text, today))
    share = fitting / len(texts)
    return Content(field, round(share, 3), round(_WORTH.get(field, 1.0) * fitting / (len(texts) + 0.5), 3))


def looks_like_data(cells: Sequence[str], today: date) -> bool:
    """Whether a first line is a row rather than a header: nobody calls a column by a CPF, an e-mail or a phone."""
    telling = ("tax_id", "emails", "phones", "birth_date")
    return any(_READERS[field](cell.strip(), today) for cell in cells if cell.strip() for field in telling)


def female_share(values: Sequence[str]) -> float:
    """How many names of a column are women's: it tells a mother's name from a customer's."""
    women = _women()
    first = [name.split()[0] for value in values if (name := clean(value))]
    return sum(name in women for name in first) / max(len(first), 1)


def _tax_id(text: str, _today: date) -> bool:
    found = parse_tax_id(text) if len(text) <= LONGEST_TAX_ID else None
    return isinstance(found, MaskedCpf) or (isinstance(found, TaxId) and sum(map(str.isdigit, text)) >= 8)


def _email(text: str, _today: date) -> bool:
    return "@" in text and all(isinstance(parse_email(piece), Email) for piece in split_emails(text))


def _phone(text: str, _today: date) -> bool:
    pieces = split_phones(text)
    return bool(pieces) and all(isinstance(parse_phone(piece), Phone) for piece in pieces)


def _birth_date(text: str, today: date) -> bool:
    found = parse_date(text, today) if _DATE.fullmatch(text) else None
    return isinstance(found, date) and _YOUNGEST <= today.year - found.year <= _OLDEST


def _postal_code(text: str, _today: date) -> bool:
    """Only with its hyphen: eight digits alone are as well a date or half a phone."""
    return bool(_POSTAL_CODE.fullmatch(text)) and postal_code(text) > 0


def _state(text: str, _today: date) -> bool:
    return text.upper() in _states()


def _sex(text: str, _today: date) -> bool:
    return text.upper() in SEXES


def _city(text: str, _today: date) -> bool:
    return clean(text) in _cities()


def _street(text: str, _today: date) -> bool:
    cleaned = clean(text) or ""
    return bool(_STREET.match(cleaned)) and " " in cleaned


def _name(text: str, _today: date) -> bool:
    cleaned = clean(text) or ""
    words = cleaned.split()
    if len(words) < 2 or any(map(str.isdigit, cleaned)):
        return bool(len(words) > 1 and _LEGAL_FORM.search(cleaned))
    return words[0] in _first_names() or bool(_LEGAL_FORM.search(cleaned))


@cache
def _states() -> frozenset[str]:
    return frozenset(state.abbreviation for state in states())


@cache
def _cities() -> frozenset[str | None]:
    return frozenset(clean(place.name) for place in municipalities())


@cache
def _first_names() -> frozenset[str]:
    return frozenset(first.name for first in first_names_by_sex())


@cache
def _women() -> frozenset[str]:
    return frozenset(first.name for first in first_names_by_sex() if first.female > first.male)


Reader = Callable[[str, date], bool]
_READERS: Mapping[str, Reader] = MappingProxyType({
    "tax_id": _tax_id,
    "emails": _email,
    "phones": _phone,
    "birth_date": _birth_date,
    "postal_code": _postal_code,
    "state": _state,
    "city": _city,
    "street": _street,
    "name": _name,
    "sex": _sex,
})  # fmt: skip
_WORTH: Mapping[str, float] = MappingProxyType({"phones": 0.9, "sex": 0.8, "city": 0.95})
"""Less than 1 where other things look alike: half of all ten-digit numbers could be phones."""
