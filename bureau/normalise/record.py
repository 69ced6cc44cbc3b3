"""A customer record as sent → the canonical record: every field read, every repair noted, the unusable refused."""

import re
from datetime import date

from bureau.errors import InvalidRecord
from bureau.model.answer import Repair
from bureau.model.canonical import CanonicalRecord, TaxEvidence
from bureau.model.query import Address, Kind, Record
from bureau.normalise import addresses
from bureau.normalise.companies import company_name
from bureau.normalise.dates import DateProblem, parse_date
from bureau.normalise.documents import MaskedCpf, TaxId, TaxIdProblem, cnpj_text, cpf_digits, parse_tax_id, plain_cpf
from bureau.normalise.emails import Email, parse_email
from bureau.normalise.names import PersonName, person_name
from bureau.normalise.neighbours import cnpj_neighbours, cpf_neighbours
from bureau.normalise.phones import Phone, e164, parse_phone
from bureau.normalise.text import clean
from bureau.reference.places import municipalities

LONGEST_TAX_ID = 20  # characters of a formatted CNPJ (18) and a little dirt; longer is another field's value
SEXES = {"M": 1, "MASCULINO": 1, "MALE": 1, "HOMEM": 1, "F": 2, "FEMININO": 2, "FEMALE": 2, "MULHER": 2}
_NOWHERE = Address()
_DIGITS_OF_HOUSE = 6
_ONE_OFF = (10, 12)  # digits of a CPF with one missing or one too many; padded or cut they are valid 1 time in 100
LONGEST_CPF = 12  # digits of a CPF with one too many; one in a hundred of them reads as a CNPJ without its zeros
_DECIMALS = re.compile(r"(?<=\d{8})[.,]0{1,2}$")  # what spreadsheets and data frames add to whole numbers
_UNUSABLE = {TaxIdProblem.NOT_A_TAX_ID, TaxIdProblem.WRONG_KIND}
_TAX_ID_FAULTS = {
    TaxIdProblem.WRONG_LENGTH: "The tax id is too long: a CPF has 11 digits, a CNPJ 14 characters.",
    TaxIdProblem.NOT_A_TAX_ID: "The tax id is no number: a CPF has 11 digits, a CNPJ 14 characters.",
    TaxIdProblem.WRONG_KIND: "The tax id is of the other kind: a person has a CPF, a company a CNPJ.",
}
_DATE_FAULTS = {
    DateProblem.FUTURE: "The birth date is in the future.",
    DateProblem.IMPOSSIBLE: "The birth date is a day that does not exist, or before 1800.",
    DateProblem.UNREADABLE: "The birth date cannot be read: send YYYY-MM-DD or DD/MM/YYYY.",
}


def canonical(record: Record, today: date, *, lenient: bool = False) -> CanonicalRecord:
    """Read one record.

    Raises ``InvalidRecord`` with the pointer of a tax id or date that is no such thing, and when nothing is left to
    search by. ``lenient`` (files: the row must not be lost) notes such a field as a repair to nothing instead.
    """
    repairs: list[Repair] = []
    tax = tax_evidence(record.tax_id, record.kind, repairs, lenient=lenient)
    born = _date(record, today, repairs, lenient=lenient)
    address = record.address or _NOWHERE
    place, postal_code = _place(address)
    name = company_name(record.name or record.trade_name) if record.kind is Kind.COMPANY else person_name(record.name)
    mother = person_name(record.mother_name) if record.kind is Kind.PERSON else None
    found = CanonicalRecord(
        kind=record.kind,
        name=name.content if name else (),
        suffix=0 if name is None else name.suffix if isinstance(name, PersonName) else name.legal_form,
        display=name.display if name else "",
        mother=mother.content if mother else (),
        mother_display=mother.display if mother else "",
        date=born,
        sex=_sex(record.sex) if record.sex else 0,
        municipality=place,
        postal_code=postal_code,
        house=house_code(address.number),
        tax=tax,
        phones=_phones(record, place, repairs),
        emails=_emails(record, repairs),
        repairs=tuple(repairs),
    )
    if not (found.name or found.tax or found.phones or found.emails):
        raise InvalidRecord(
            "The record has no usable name, tax id, phone or e-mail to search by.", "", "nothing_to_search"
        )
    return found


def _sex(text: str) -> int:
    return SEXES.get(text) or SEXES.get(clean(text) or "", 0)


def house_code(number: str | None) -> int:
    """A house number in 16 bits, 0 unknown: the records' form of it. Letters after the number are left out."""
    if number is None:
        return 0
    if len(number) <= _DIGITS_OF_HOUSE and number.isdigit() and number.isascii():
        return int(number) & 0xFFFF
    normal = addresses.house_number(number) or ""
    digits = normal[: next((i for i, c in enumerate(normal) if not c.isdigit()), len(normal))]
    return int(digits) & 0xFFFF if digits else 0


def tax_evidence(text: str | None, kind: Kind, repairs: list[Repair], *, lenient: bool) -> TaxEvidence | None:
    """What a tax id is good for; what was done to it joins ``repairs``. Raises as :func:`canonical` does."""
    if not text:
        return None
    if kind is Kind.PERSON and (plain := plain_cpf(text)):
        return TaxEvidence(valid=plain)
    found = parse_tax_id(text, kind.value) if len(text) <= LONGEST_TAX_ID else TaxIdProblem.WRONG_LENGTH
    if isinstance(found, TaxId):
        show = cpf_digits(found.number) if kind is Kind.PERSON else cnpj_text(found.number)
        repairs.extend(Repair("tax_id", text, show, rule) for rule, _, _ in found.repairs)
        whole = _DECIMALS.sub("", text)
        if (
            kind is Kind.PERSON
            and found.repairs
            and sum(map(str.isdigit, whole)) in _ONE_OFF
            and not _scientific(found)
        ):
            return TaxEvidence(near=cpf_neighbours(whole))  # the zero may be what is missing, or another digit
        return TaxEvidence(valid=found.number)
    if isinstance(found, MaskedCpf):
        return TaxEvidence(visible=found.visible)
    if found is TaxIdProblem.MISSING:
        return None
    slipped = found is TaxIdProblem.WRONG_KIND and kind is Kind.PERSON and sum(map(str.isdigit, text)) <= LONGEST_CPF
    if len(text) > LONGEST_TAX_ID or (found in _UNUSABLE and not slipped):
        if not lenient:
            raise InvalidRecord(_TAX_ID_FAULTS[found], "/tax_id", f"tax_id_{found.value}")
        repairs.append(Repair("tax_id", text, "", f"ignored_{found.value}"))
        return None
    if found is TaxIdProblem.PRECISION_LOST:
        repairs.append(Repair("tax_id", text, "", "ignored_precision_lost"))
        return None
    neighbours = cpf_neighbours if kind is Kind.PERSON else cnpj_neighbours
    return TaxEvidence(near=neighbours(_DECIMALS.sub("", text)))


def _scientific(found: TaxId) -> bool:
    return any(rule == "scientific_notation" for rule, _, _ in found.repairs)


def _date(record: Record, today: date, repairs: list[Repair], *, lenient: bool) -> int:
    text = record.birth_date
    if text is None:
        return 0
    found = parse_date(text, today)
    if isinstance(found, date):
        if found.isoformat() != text.strip():
            repairs.append(Repair("birth_date", text, found.isoformat(), "date_form"))
        return found.year * 10000 + found.month * 100 + found.day
    if found is DateProblem.MISSING:
        return 0
    if not lenient:
        raise InvalidRecord(_DATE_FAULTS[found], "/birth_date", f"birth_date_{found.value}")
    repairs.append(Repair("birth_date", text, "", f"ignored_{found.value}"))
    return 0


def _place(address: Address) -> tuple[int, int]:
    """Municipality and CEP; the CEP's own municipality serves where the city is not known."""
    code = addresses.postal_code(address.postal_code)
    city = addresses.municipality(address.city, address.state)
    return city or (addresses.municipality_of_postal_code(code) if code else 0), code


def _phones(record: Record, place: int, repairs: list[Repair]) -> tuple[tuple[int, int], ...]:
    area_code = municipalities()[place - 1].area_code if place else None
    numbers: list[tuple[int, int]] = []
    for i, text in enumerate(record.phones):
        found = parse_phone(text, area_code)
        if isinstance(found, Phone):
            numbers.append((i, found.number))
            repairs.extend(Repair(f"phones[{i}]", text, e164(found.number), rule) for rule in found.repairs)
    return tuple(numbers)


def _emails(record: Record, repairs: list[Repair]) -> tuple[tuple[int, str], ...]:
    found: list[tuple[int, str]] = []
    for i, text in enumerate(record.emails):
        email = parse_email(text)
        if isinstance(email, Email):
            found.append((i, email.address))
            repairs.extend(Repair(f"emails[{i}]", text, email.address, rule) for rule in email.repairs)
    return tuple(found)
