"""The contacts of one entity as the client sees them: ranked, judged, each with its evidence."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from bureau.contacts.ranking import EMAILS, PHONES, Circumstances
from bureau.contacts.survivorship import Contact, survivors
from bureau.deliverability.email.verdict import EmailVerdict, Stages, check_email
from bureau.deliverability.email.verdict import Sighting as EmailSighting
from bureau.deliverability.phone.verdict import Circumstances as PhoneCircumstances
from bureau.deliverability.phone.verdict import PhoneVerdict, check_phone
from bureau.deliverability.phone.verdict import Sighting as PhoneSighting
from bureau.enrich.linked import held_emails, held_phones
from bureau.model.answer import Action, AddressAnswer, ContactAnswer, EmailAnswer, PhoneAnswer, VerdictStatus
from bureau.model.canonical import CanonicalRecord
from bureau.model.query import Depth, Kind, Options, Record
from bureau.normalise.phones import e164, line_type, national
from bureau.population import Population
from bureau.reference.places import municipalities

EPOCH = date(1970, 1, 1)
NOT_CHECKED = "not_checked"

AnyContact = TypeVar("AnyContact", EmailAnswer, PhoneAnswer)


class Asked(msgspec.Struct, frozen=True):
    """What the contacts of an answer depend on besides the entity."""

    record: Record
    canonical: CanonicalRecord
    options: Options
    now: datetime

    @property
    def today(self) -> int:
        """Days since 1970-01-01."""
        return int(self.now.timestamp()) // 86_400


@lru_cache(maxsize=1 << 15)
def day(number: int) -> date | None:
    """A date from days since 1970-01-01; 0 is unknown."""
    return EPOCH + timedelta(days=number) if number else None


def emails_of(population: Population, kind: Kind, entity: int | None, asked: Asked) -> list[EmailAnswer]:
    """E-mails in the order to try them: the entity's, those of linked companies, then those that only the client
    knows; with ``entity`` None just the latter. What cannot be an address is answered too, with the reason."""
    sent = [address for _, address in asked.canonical.emails]
    holdings = [] if entity is None else held_emails(population, kind, entity)
    circumstances = Circumstances(EMAILS, asked.today, max_age_days=asked.options.max_age_days or 0)
    found = [_email(contact, asked) for contact in survivors(holdings, sent, circumstances)]
    read = {i for i, _ in asked.canonical.emails}
    broken = [text for i, text in enumerate(asked.record.emails) if i not in read]
    found.extend(_email(Contact(text, known_to_client=True), asked) for text in broken)
    return _ranked(found)


def phones_of(population: Population, kind: Kind, entity: int | None, asked: Asked) -> list[PhoneAnswer]:
    """As :func:`emails_of`, for phones."""
    sent = [number for _, number in asked.canonical.phones]
    holdings = [] if entity is None else held_phones(population, kind, entity)
    area_code = 0 if entity is None else _area_code(population.addresses(kind, entity))
    circumstances = Circumstances(PHONES, asked.today, area_code, max_age_days=asked.options.max_age_days or 0)
    found = [_phone(contact, asked) for contact in survivors(holdings, sent, circumstances)]
    read = {i for i, _ in asked.canonical.phones}
    broken = [text for i, text in enumerate(asked.record.phones) if i not in read]
    found.extend(_phone(Contact(text, known_to_client=True), asked) for text in broken)
    return _ranked(found)


def addresses_of(population: Population, kind: Kind, entity: int) -> list[AddressAnswer]:
    """The entity's addresses, latest first."""
    return [_address(population, *row) for row in population.addresses(kind, entity).tolist()]


def _address(population: Population, *row: int) -> AddressAnswer:
    """One ADDRESS row; plain tuples are several times as fast to read as rows of a structured array."""
    *texts, postal_code, municipality, first_seen, last_seen, sources = row
    street, number, complement, district = [population.text(text) if text else None for text in texts]
    place = municipalities()[municipality - 1] if municipality else None
    return AddressAnswer(
        street=street,
        number=number,
        complement=complement,
        district=district,
        city=place.name if place else None,
        state=place.state if place else None,
        postal_code=f"{postal_code:08}" if postal_code > 0 else None,
        first_seen=day(first_seen),
        last_seen=day(last_seen),
        sources=sources.bit_count(),
    )


def _area_code(addresses: Any) -> int:
    if not len(addresses) or not addresses[0]["municipality"]:
        return 0
    return municipalities()[int(addresses[0]["municipality"]) - 1].area_code


def _ranked(contacts: list[AnyContact]) -> list[AnyContact]:
    for rank, contact in enumerate(contacts, start=1):
        contact.rank = rank
    return contacts


def _age(contact: Contact, asked: Asked) -> int | None:
    return max(asked.today - contact.last_seen, 0) if contact.last_seen else None


def _email(contact: Contact, asked: Asked) -> EmailAnswer:
    address = str(contact.value)
    answer = EmailAnswer(address=address, **_common(contact))
    if asked.options.depth is not Depth.NONE:
        sighting = EmailSighting(_age(contact, asked), contact.sources) if contact.sources else None
        company = asked.record.kind is Kind.COMPANY or contact.via is not None
        judged(answer, check_email(address, asked.now, Stages(sighting=sighting, expects_role=company)))
    return answer


def _phone(contact: Contact, asked: Asked) -> PhoneAnswer:
    value = contact.value
    shown = (e164(value), national(value), line_type(value)) if isinstance(value, int) else (value, value, "unknown")
    answer = PhoneAnswer(number=shown[0], national=shown[1], line_type=shown[2], **_common(contact))
    if asked.options.depth is not Depth.NONE:
        sighting = PhoneSighting(_age(contact, asked), contact.sources) if contact.sources else None
        judged(answer, check_phone(value, PhoneCircumstances(sighting=sighting)))
        answer.checked_at = asked.now
    return answer


def _common(contact: Contact) -> dict[str, Any]:
    return {
        "known_to_client": contact.known_to_client,
        "right_party": None if contact.right_party is None else round(contact.right_party, 4),
        "status": VerdictStatus.UNKNOWN,
        "reason": NOT_CHECKED,
        "action": Action.SEND_WITH_CARE,
        "confidence": 0.0,
        "first_seen": day(contact.first_seen),
        "last_seen": day(contact.last_seen),
        "sources": contact.sources,
        "shared_by": contact.shared_by,
        "via": contact.via,
        "evidence": contact.evidence,
    }


def judged(answer: EmailAnswer | PhoneAnswer, verdict: EmailVerdict | PhoneVerdict) -> None:
    """Write a verdict into a contact's answer; its evidence joins the ranking's."""
    answer.status, answer.reason, answer.action = verdict.status, verdict.reason.value, verdict.action
    answer.confidence = round(verdict.confidence, 4)
    answer.evidence = [*answer.evidence, *verdict.evidence]
    if isinstance(verdict, EmailVerdict):
        answer.checked_at = verdict.checked_at
        answer.pending, answer.recheck_at = verdict.pending, verdict.recheck_at


def reachable(contacts: Sequence[ContactAnswer]) -> bool:
    """Whether at least one of them came from the population."""
    return any(contact.sources for contact in contacts)
