"""The contacts of one entity as the client sees them: ranked, judged, each with its evidence."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from bureau.contacts.ranking import EMAILS, PHONES, Circumstances
from bureau.contacts.survivorship import Contact, survivors
from bureau.deliverability.brief import Brief
from bureau.deliverability.email.brief import brief as email_brief
from bureau.deliverability.phone.brief import brief as phone_brief
from bureau.enrich.linked import Holder, held_emails, held_phones
from bureau.model.answer import Action, AddressAnswer, ContactAnswer, EmailAnswer, PhoneAnswer, VerdictStatus
from bureau.model.canonical import CanonicalRecord
from bureau.model.query import Depth, Kind, Options, Purpose, Record
from bureau.normalise.phones import e164, line_type, national
from bureau.population import Population
from bureau.population.lists import AddressRow
from bureau.reference.places import municipalities

EPOCH = date(1970, 1, 1)
NOT_CHECKED = "not_checked"
_UNCHECKED = Brief(VerdictStatus.UNKNOWN, NOT_CHECKED, Action.SEND_WITH_CARE, 0.0)
_MUNICIPALITY = 5  # place in an ADDRESS row

AnyContact = TypeVar("AnyContact", EmailAnswer, PhoneAnswer)


class Asked(msgspec.Struct, frozen=True):
    """What the contacts of an answer depend on besides the entity."""

    record: Record
    canonical: CanonicalRecord
    options: Options
    now: datetime
    today: int = 0
    """``now`` in days since 1970-01-01."""
    purpose: Purpose | None = None

    def __post_init__(self) -> None:
        msgspec.structs.force_setattr(self, "today", int(self.now.timestamp()) // 86_400)


@lru_cache(maxsize=1 << 15)
def day(number: int) -> date | None:
    """A date from days since 1970-01-01; 0 is unknown."""
    return EPOCH + timedelta(days=number) if number else None


def emails_of(population: Population, holder: Holder | None, asked: Asked) -> list[EmailAnswer]:
    """E-mails in the order to try them: the entity's, those of linked companies, then those that only the client
    knows; without a ``holder`` just the latter. What cannot be an address is answered too, with the reason."""
    sent = [address for _, address in asked.canonical.emails]
    holdings = held_emails(population, holder) if holder else []
    options = asked.options
    circumstances = Circumstances(
        EMAILS, asked.today, max_age_days=options.max_age_days or 0, explained=options.explain
    )
    return email_answers(survivors(holdings, sent, circumstances), asked)


def phones_of(population: Population, holder: Holder | None, asked: Asked) -> list[PhoneAnswer]:
    """As :func:`emails_of`, for phones."""
    sent = [number for _, number in asked.canonical.phones]
    holdings = held_phones(population, holder) if holder else []
    area_code = area_code_of(population, holder) if holder else 0
    options = asked.options
    circumstances = Circumstances(
        PHONES, asked.today, area_code, max_age_days=options.max_age_days or 0, explained=options.explain
    )
    return phone_answers(survivors(holdings, sent, circumstances), asked)


def email_answers(contacts: list[Contact], asked: Asked) -> list[EmailAnswer]:
    """What survived, judged; behind it what the client sent and nobody can read."""
    if len(asked.canonical.emails) < len(asked.record.emails):
        contacts = contacts + _unread(asked.record.emails, asked.canonical.emails)
    today = asked.today
    return _ranked([_email(contact, asked, today) for contact in contacts])


def phone_answers(contacts: list[Contact], asked: Asked) -> list[PhoneAnswer]:
    """As :func:`email_answers`, for phones."""
    if len(asked.canonical.phones) < len(asked.record.phones):
        contacts = contacts + _unread(asked.record.phones, asked.canonical.phones)
    today = asked.today
    return _ranked([_phone(contact, asked, today) for contact in contacts])


def _unread(texts: Sequence[str], read: Sequence[tuple[int, Any]]) -> list[Contact]:
    places = {place for place, _ in read}
    return [Contact(text, known_to_client=True) for place, text in enumerate(texts) if place not in places]


def addresses_of(population: Population, kind: Kind, entity: int) -> list[AddressAnswer]:
    """The entity's addresses, latest first."""
    return [_address(population, row) for row in population.held[kind].addresses.of(entity)]


def _address(population: Population, row: AddressRow) -> AddressAnswer:
    street, number, complement, district, postal_code, municipality, first_seen, last_seen, sources = row
    place = municipalities()[municipality - 1] if municipality else None
    text = population.text
    return AddressAnswer(
        street=text(street) if street else None,
        number=text(number) if number else None,
        complement=text(complement) if complement else None,
        district=text(district) if district else None,
        city=place.name if place else None,
        state=place.state if place else None,
        postal_code=f"{postal_code:08}" if postal_code > 0 else None,
        first_seen=day(first_seen),
        last_seen=day(last_seen),
        sources=sources.bit_count(),
    )


def area_code_of(population: Population, holder: Holder) -> int:
    """That of the entity's latest municipality, 0 if unknown."""
    municipality = population.held[holder.kind].addresses.first(holder.entity, _MUNICIPALITY)
    return municipalities()[municipality - 1].area_code if municipality else 0


def _ranked(contacts: list[AnyContact]) -> list[AnyContact]:
    for rank, contact in enumerate(contacts, start=1):
        contact.rank = rank
    return contacts


def _age(contact: Contact, today: int) -> int | None:
    return max(today - contact.last_seen, 0) if contact.last_seen else None


def _email(contact: Contact, asked: Asked, today: int) -> EmailAnswer:
    address = str(contact.value)
    brief, checked_at = _UNCHECKED, None
    if asked.options.depth is not Depth.NONE:
        company = contact.via is not None or asked.record.kind is Kind.COMPANY
        sighting = _age(contact, today), contact.sources
        brief = email_brief(address, *sighting, expects_role=company, explain=asked.options.explain)
        checked_at = asked.now
    return EmailAnswer(
        address=address,
        known_to_client=contact.known_to_client,
        right_party=contact.right_party,
        status=brief.status,
        reason=brief.reason,
        action=brief.action,
        confidence=brief.confidence,
        first_seen=day(contact.first_seen),
        last_seen=day(contact.last_seen),
        sources=contact.sources,
        shared_by=contact.shared_by,
        checked_at=checked_at,
        via=contact.via,
        evidence=[*contact.evidence, *brief.evidence] if asked.options.explain else [],
    )


def _phone(contact: Contact, asked: Asked, today: int) -> PhoneAnswer:
    value = contact.value
    shown = (e164(value), national(value), line_type(value)) if isinstance(value, int) else (value, value, "unknown")
    brief, checked_at = _UNCHECKED, None
    if asked.options.depth is not Depth.NONE:
        brief = phone_brief(value, _age(contact, today), contact.sources, explain=asked.options.explain)
        checked_at = asked.now
    return PhoneAnswer(
        number=shown[0],
        national=shown[1],
        line_type=shown[2],
        known_to_client=contact.known_to_client,
        right_party=contact.right_party,
        status=brief.status,
        reason=brief.reason,
        action=brief.action,
        confidence=brief.confidence,
        first_seen=day(contact.first_seen),
        last_seen=day(contact.last_seen),
        sources=contact.sources,
        shared_by=contact.shared_by,
        checked_at=checked_at,
        via=contact.via,
        evidence=[*contact.evidence, *brief.evidence] if asked.options.explain else [],
    )


def reachable(contacts: Sequence[ContactAnswer]) -> bool:
    """Whether at least one of them came from the population, be it from a linked company."""
    return any(contact.sources for contact in contacts)
