"""What a client asks: a record as they hold it, a purpose, and options."""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(max_length=200)]
Short = Annotated[str, Meta(max_length=40)]


class Kind(StrEnum):
    PERSON = "person"
    COMPANY = "company"


class Purpose(StrEnum):
    """Why the data is wanted (LGPD art. 6 I and 7): stored with every answer that left."""

    BILLING = "billing"
    COLLECTION = "collection"
    CREDIT_PROTECTION = "credit_protection"
    FRAUD_PREVENTION = "fraud_prevention"
    CONTRACT_PERFORMANCE = "contract_performance"
    REGISTRATION_UPDATE = "registration_update"


PURPOSE_MISSING = f"Say the purpose ({', '.join(Purpose)}): this key carries none of its own."


class Address(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    street: Text | None = None
    number: Short | None = None
    complement: Text | None = None
    district: Text | None = None
    city: Text | None = None
    state: Short | None = None
    postal_code: Short | None = None


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A customer as the client holds them; any field may be absent, old or wrong.

    ``name`` is a person's name or a company's legal name. ``birth_date`` is ISO or DD/MM/YYYY.
    """

    kind: Kind = Kind.PERSON
    reference: Text | None = None
    name: Text | None = None
    trade_name: Text | None = None
    tax_id: Short | None = None
    birth_date: Short | None = None
    sex: Short | None = None
    mother_name: Text | None = None
    emails: Annotated[list[Annotated[str, Meta(max_length=320)]], Meta(max_length=20)] = []
    phones: Annotated[list[Short], Meta(max_length=20)] = []
    address: Address | None = None


class Depth(StrEnum):
    """How far a contact is checked; each depth includes those before it."""

    NONE = "none"
    SYNTAX = "syntax"
    DNS = "dns"
    MAILBOX = "mailbox"


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How the client wants the answer.

    ``candidates`` above 1 also answers ambiguous records, each candidate with its own probability. ``explain`` adds
    why: the comparisons behind a match and the evidence behind each contact. ``require`` lists the contact kinds
    without which the answer is worth nothing to the client (it is then ``not_found`` and free); those of a linked
    company count. ``max_age_days`` drops contacts last seen before that many days ago.
    """

    min_probability: Annotated[float, Meta(ge=0.5, le=1.0)] = 0.95
    candidates: Annotated[int, Meta(ge=1, le=10)] = 1
    depth: Depth = Depth.SYNTAX
    wait_ms: Annotated[int, Meta(ge=0, le=30_000)] = 500
    explain: bool = False
    require: list[Literal["email", "phone"]] = []
    max_age_days: Annotated[int, Meta(ge=1, le=36_500)] | None = None


class EnrichRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One record to enrich. ``purpose`` may be left out when the key carries a default one."""

    record: Record
    purpose: Purpose | None = None
    options: Options = Options()


class BatchRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 records, left undecoded so that one bad record never fails the rest."""

    records: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=1000)]
    purpose: Purpose | None = None
    options: Options = Options()
