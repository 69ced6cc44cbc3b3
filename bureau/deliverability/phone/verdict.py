"""The verdict on one phone: pure, from the text or the national number alone, and from a live source's word if any."""

from datetime import date

import msgspec

from bureau.deliverability.phone import places
from bureau.deliverability.phone.reasons import JUDGEMENTS, Reason
from bureau.deliverability.sightings import Sighting, moved
from bureau.evidence import Evidence
from bureau.model.answer import Action, VerdictStatus
from bureau.normalise import phone_digits
from bureau.normalise.phones import Phone, PhoneProblem, e164, line_type, national, parse_phone

_PROBLEMS = {PhoneProblem.MISSING: Reason.NOT_A_NUMBER}

SIGHTING_BITS = 0.5  # see sightings.moved
FIRST_NUMBER, LAST_NUMBER = 1_100_000_000, 99_999_999_999  # national numbers, area code first


class LiveAnswer(msgspec.Struct, frozen=True):
    """What a live source (HLR query, campaign outcome) said: ``active``, ``inactive``, ``absent`` or ``ported``; or why
    the number is not to be rung for this person: ``wrong_person``, or an opposition."""

    reason: Reason
    as_of: date
    current_carrier: str | None = None


class PhoneVerdict(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):  # no cycle can form
    """``number`` is E.164 and ``national`` as written in Brazil; both are the input when it is no Brazilian number.

    ``states`` and ``time_zone`` follow from the area code. ``repairs`` name what was changed to read the number.
    """

    number: str
    national: str
    status: VerdictStatus
    reason: Reason
    action: Action
    confidence: float
    line_type: str = "unknown"
    area_code: int | None = None
    states: tuple[str, ...] = ()
    time_zone: str | None = None
    original_carrier: str | None = None
    current_carrier: str | None = None
    repairs: tuple[str, ...] = ()
    evidence: list[Evidence] = []


class Circumstances(msgspec.Struct, frozen=True):
    """What is known besides the number. ``default_ddd`` comes from the address. ``wants_mobile``: it stood in a field
    for mobiles, or is meant for messages."""

    default_ddd: int | None = None
    wants_mobile: bool = False
    sighting: Sighting | None = None
    live: LiveAnswer | None = None


NOTHING_KNOWN = Circumstances()


def check_phone(text: str | int, circumstances: Circumstances = NOTHING_KNOWN) -> PhoneVerdict:
    """Judge one phone, as typed by somebody or as a national number."""
    found = read(text, circumstances.default_ddd)
    if isinstance(found, Reason):
        judgement = JUDGEMENTS[found]
        shown = str(text)[:40].encode("utf-8", "replace").decode("utf-8")  # a lone surrogate breaks JSON
        return PhoneVerdict(shown, shown, judgement.status, found, judgement.action, judgement.confidence)
    reason = reason_of(found, circumstances)
    judgement = JUDGEMENTS[reason]
    evidence, confidence = _confidence(judgement.confidence, circumstances.sighting)
    area = places.area(places.area_code_of(found.number))
    return PhoneVerdict(
        number=e164(found.number),
        national=national(found.number),
        status=judgement.status,
        reason=reason,
        action=judgement.action,
        confidence=confidence,
        line_type=found.line_type,
        area_code=area.code,
        states=area.states,
        time_zone=area.time_zone,
        original_carrier=places.original_carrier(found.number) if found.line_type == "mobile" else None,
        current_carrier=circumstances.live.current_carrier if circumstances.live else None,
        repairs=found.repairs,
        evidence=evidence,
    )


def read(value: str | int, default_ddd: int | None) -> Phone | Reason:
    """The number, or why it is none. A national number needs no parsing of text; it is most of what answers judge."""
    if isinstance(value, int) and FIRST_NUMBER <= value <= LAST_NUMBER:
        digits = 11 if value >= 10**10 else 10
        number, problem, _repairs = phone_digits.national(value, digits, False, 0, phone_digits.area_code_table())
        if not problem and number == value:
            return Phone(number, line_type(number))
    found = parse_phone(str(value)[:100], default_ddd)
    return found if isinstance(found, Phone) else _PROBLEMS.get(found) or Reason(found.value)


def reason_of(phone: Phone, circumstances: Circumstances) -> Reason:
    """What is to be said of a number that could exist."""
    if circumstances.live:
        return circumstances.live.reason
    if "legacy_trunk" in phone.repairs:
        return Reason.LEGACY_TRUNK
    if is_unassigned(phone.number):
        return Reason.ASSIGNED_RANGE_UNKNOWN
    if circumstances.wants_mobile and phone.line_type == "landline":
        return Reason.LANDLINE_IN_MOBILE_FIELD
    return Reason.NINTH_DIGIT_ADDED if "ninth_digit_added" in phone.repairs else Reason.WELL_FORMED


def is_unassigned(number: int) -> bool:
    """Mobiles whose second digit is 0 to 4: no carrier of libphonenumber's table holds such a range in any area."""
    return number >= 10**10 and number // 10**7 % 10 <= 4


def _confidence(base: float, sighting: Sighting | None) -> tuple[list[Evidence], float]:
    if sighting is None:
        return [], base
    rows, confidence = moved(base, sighting.age_days, sighting.sources, SIGHTING_BITS)
    return list(rows), confidence
