"""What stands of an answer's contacts by now: reports change verdicts, and phones learn whether they may be used.

The last step of an answer, apart from the others: everything before it follows from the population and the record
alone, this from the moment, from who asks, and from what was reported since the build.
"""

from datetime import datetime

import msgspec

from bureau.deliverability.email.reasons import Reason as EmailReason
from bureau.deliverability.email.syntax import Address, parse
from bureau.deliverability.email.verdict import EmailVerdict, Stages, judge
from bureau.deliverability.on_record import NothingOnRecord, OnRecord
from bureau.deliverability.phone.reasons import Reason
from bureau.deliverability.phone.verdict import Circumstances, PhoneVerdict, check_phone
from bureau.deliverability.sightings import Sighting
from bureau.enrich.usable import Calling, plan_for, usable
from bureau.evidence import Evidence, bits, probability
from bureau.ids import EntityId
from bureau.model.answer import AddressAnswer, Answer, ContactAnswer, EmailAnswer, PhoneAnswer

NOBODY_REPORTED: OnRecord = NothingOnRecord()

_WRONG_PERSON = Evidence("reported: wrong person", -6.0)  # reports err too: a relative who denies, a mistyped digit
_COUNTRY = "+55"


class Situation(msgspec.Struct, frozen=True):
    """When and why the answer is given, what is on record for whoever gets it, and whether they want evidence."""

    calling: Calling
    on_record: OnRecord = NOBODY_REPORTED
    explain: bool = False


def settle(answer: Answer, situation: Situation) -> None:
    """Bring the verdicts of an answer, and of its candidates, up to the moment; in place."""
    entity = answer.match.entity_id if answer.match else None
    address = answer.addresses[0] if answer.addresses else None
    _settle(answer.emails, answer.phones, _Whose(entity, address), situation)
    for candidate in answer.candidates or ():
        _settle(candidate.emails or [], candidate.phones or [], _Whose(candidate.entity_id, None), situation)


class _Whose(msgspec.Struct, frozen=True):
    entity: str | None
    address: AddressAnswer | None


def _settle(emails: list[EmailAnswer], phones: list[PhoneAnswer], whose: _Whose, situation: Situation) -> None:
    if not situation.on_record.is_empty:
        for email in emails:
            _settle_email(email, situation)
        for phone in phones:
            _settle_phone(phone, whose, situation)
        _wrong_ones_last(phones)
    plan = plan_for(whose.address, situation.calling.purpose)
    for phone in phones:
        phone.usable_now = usable(number_of(phone), (phone.reason, phone.action), plan, situation.calling)


def _settle_email(email: EmailAnswer, situation: Situation) -> None:
    address = parse(email.address)
    reported = situation.on_record.email(address) if isinstance(address, Address) else None
    if reported and isinstance(address, Address):
        expected = email.reason != EmailReason.ROLE_ACCOUNT  # by whoever judged it before, and knows whose it is
        stages = Stages(mailbox=reported, sighting=sighting(email, situation.calling.at), expects_role=expected)
        rejudge(email, judge(address, situation.calling.at, stages), explain=situation.explain)


def _settle_phone(phone: PhoneAnswer, whose: _Whose, situation: Situation) -> None:
    number, entity = number_of(phone), EntityId(whose.entity) if whose.entity else None
    reported = situation.on_record.phone(number, entity) if number else None
    if number is None or reported is None:
        return
    rejudge(phone, check_phone(number, Circumstances(live=reported)), explain=situation.explain)
    if reported.reason is Reason.WRONG_PERSON:
        phone.evidence = [*phone.evidence, _WRONG_PERSON] if situation.explain else []
        if phone.right_party is not None:
            at_most = min(max(phone.right_party, 1e-4), 1 - 1e-4)
            phone.right_party = round(probability(bits(at_most) + _WRONG_PERSON.bits), 4)


def _wrong_ones_last(phones: list[PhoneAnswer]) -> None:
    if any(phone.reason == Reason.WRONG_PERSON for phone in phones):
        phones.sort(key=lambda phone: phone.reason == Reason.WRONG_PERSON)
        for rank, phone in enumerate(phones, start=1):
            phone.rank = rank


def rejudge(contact: EmailAnswer | PhoneAnswer, verdict: EmailVerdict | PhoneVerdict, *, explain: bool) -> None:
    """Put a verdict in the place of an earlier one of the same contact."""
    contact.status, contact.reason, contact.action = verdict.status, verdict.reason.value, verdict.action
    contact.confidence = round(verdict.confidence, 4)
    if isinstance(verdict, EmailVerdict):
        contact.checked_at = verdict.checked_at
        contact.pending, contact.recheck_at = verdict.pending, verdict.recheck_at
    if explain:
        ranking = [row for row in contact.evidence if row not in verdict.evidence]
        contact.evidence = [*ranking, *verdict.evidence]


def sighting(contact: ContactAnswer, at: datetime) -> Sighting | None:
    """How the population knows the contact, read off its answer."""
    if not contact.sources:
        return None
    age = max((at.date() - contact.last_seen).days, 0) if contact.last_seen else None
    return Sighting(age, contact.sources)


def number_of(phone: PhoneAnswer) -> int | None:
    """The national number, if it is one."""
    rest = phone.number.removeprefix(_COUNTRY)
    return int(rest) if phone.number.startswith(_COUNTRY) and rest.isdecimal() else None
