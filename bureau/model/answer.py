"""What a client gets back. Field meanings are the contract's; optional members are left out of the JSON."""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from bureau.evidence import Evidence


class Status(StrEnum):
    MATCHED = "matched"
    AMBIGUOUS = "ambiguous"
    NOT_FOUND = "not_found"
    REFUSED = "refused"


class VerdictStatus(StrEnum):
    """Of an e-mail: deliverable, risky, undeliverable, unknown. Of a phone: valid, invalid, unknown."""

    DELIVERABLE = "deliverable"
    RISKY = "risky"
    UNDELIVERABLE = "undeliverable"
    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


class Action(StrEnum):
    SEND = "send"
    SEND_WITH_CARE = "send_with_care"
    RECHECK = "recheck"
    DO_NOT_SEND = "do_not_send"


class ExplanationRow(msgspec.Struct, frozen=True, omit_defaults=True):
    """One comparison and its weight in bits; the rows of a candidate sum to its score."""

    field: str
    level: str
    weight_bits: float
    submitted: str | None = None
    found: str | None = None


class Match(msgspec.Struct, omit_defaults=True):
    """Who was found. ``weight_bits`` is the score against "not in the population", ``runner_up_gap_bits`` the lead
    over the likeliest case in which it is another candidate alone (absent when there is none). ``budget_hit`` says
    that candidates were left unlooked at. ``population`` and ``model`` (the version of the matching model) are what
    the answer was drawn with."""

    entity_id: str | None
    probability: float
    weight_bits: float
    candidates_considered: int
    population: str
    model: str
    runner_up_gap_bits: float | None = None
    budget_hit: bool = False
    explanation: list[ExplanationRow] | None = None


class Candidate(msgspec.Struct, omit_defaults=True):
    """One of several possible entities, most probable first; ``emails`` and ``phones`` only from ``/v1/enrich``.

    ``probability`` is that this entity is who was asked for. Of a person whom the population holds as two entities
    both are: then the probabilities add up to more than 1.
    """

    entity_id: str
    probability: float
    weight_bits: float
    name: str
    explanation: list[ExplanationRow] | None = None
    emails: "list[EmailAnswer] | None" = None
    phones: "list[PhoneAnswer] | None" = None


class Repair(msgspec.Struct, frozen=True, rename={"before": "from", "after": "to"}):
    """A change made to what the client sent; ``field`` is ``tax_id``, ``phones[0]``, ``birth_date`` …"""

    field: str
    before: str
    after: str
    rule: str


class AddressAnswer(msgspec.Struct, omit_defaults=True):
    street: str | None = None
    number: str | None = None
    complement: str | None = None
    district: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    first_seen: date | None = None
    last_seen: date | None = None
    sources: int = 0


class ContactAnswer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What e-mails and phones have in common.

    ``right_party`` is the probability that the contact reaches this person (or company) and nobody else.
    ``shared_by`` counts the entities of the population that claim it. ``via`` names a linked company when the
    contact is that company's and not the person's own.
    """

    known_to_client: bool
    rank: int | None = None
    right_party: float | None = None
    status: VerdictStatus
    reason: str
    action: Action
    confidence: float
    first_seen: date | None = None
    last_seen: date | None = None
    sources: int = 0
    shared_by: int = 0
    checked_at: datetime | None = None
    pending: bool = False
    recheck_at: datetime | None = None
    via: str | None = None
    evidence: list[Evidence] = []


class EmailAnswer(ContactAnswer, kw_only=True, omit_defaults=True):
    address: str


class UsableNow(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whether a dialler may use the number at this moment: by ``channel`` (``voice``) ``until`` the legal window
    closes, or not, ``blocked_by`` what (hours, holiday, a do-not-call list, opposition, a verdict), and when it
    ``opens_at``. ``lists`` names the lists that forbid it."""

    channel: str | None = None
    until: datetime | None = None
    blocked_by: str | None = None
    opens_at: datetime | None = None
    lists: list[str] = []


class PhoneAnswer(ContactAnswer, kw_only=True, omit_defaults=True):
    number: str
    national: str
    line_type: str
    usable_now: UsableNow | None = None


class Charge(msgspec.Struct, frozen=True):
    """What the answer costs; 0 units for a miss, an ambiguity, a refusal and our own faults."""

    units: int
    why: str


class Answer(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The whole answer to one record. What became of e-mails that are ``pending`` is asked for by its ``id``."""

    id: str
    status: Status
    charge: Charge
    reference: str | None = None
    match: Match | None = None
    candidates: list[Candidate] | None = None
    repairs: list[Repair] = []
    name: str | None = None
    addresses: list[AddressAnswer] = []
    emails: list[EmailAnswer] = []
    phones: list[PhoneAnswer] = []
