"""Bodies of ``/v1/events``, ``/v1/suppressions`` and of what mail providers post."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from bureau.ids import EntityId

Contact = Annotated[str, Meta(max_length=320)]
Moment = Annotated[datetime, Meta(tz=True)]


class Outcome(StrEnum):
    """What became of a message or a call."""

    DELIVERED = "delivered"
    OPENED = "opened"
    CLICKED = "clicked"
    REPLIED = "replied"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    NOT_IN_SERVICE = "not_in_service"
    WRONG_PERSON = "wrong_person"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"


class ReportedEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One outcome of one ``email`` or ``phone``. ``id`` is yours: an event sent again with the same id counts once.

    Of a bounce say its ``code`` (``5.1.1``) or what the server answered (``diagnostic``): by them hard, soft and
    blocked are told apart. ``wrong_person`` needs ``entity_id``, as the answer that gave you the contact had it.
    """

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    type: Outcome
    at: Moment
    email: Contact | None = None
    phone: Contact | None = None
    code: Annotated[str, Meta(max_length=40)] | None = None
    diagnostic: Annotated[str, Meta(max_length=2000)] | None = None
    entity_id: Annotated[EntityId, Meta(max_length=100)] | None = None


class EventsReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 outcomes, in any order."""

    events: Annotated[list[ReportedEvent], Meta(min_length=1, max_length=1000)]


class Opposition(StrEnum):
    """Why a contact must not be used: the person said so, complained, or the law does."""

    OPT_OUT = "opt_out"
    COMPLAINT = "complaint"
    LEGAL = "legal"


class Suppression(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One ``email`` or ``phone`` that must not be used on your behalf any more."""

    reason: Opposition
    email: Contact | None = None
    phone: Contact | None = None


class SuppressionsRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Up to 1,000 of them. Only keyed hashes are kept. An ``opt_in`` event lifts those that are not ``legal``."""

    suppressions: Annotated[list[Suppression], Meta(min_length=1, max_length=1000)]


class Unusable(msgspec.Struct, frozen=True):
    """An entry that changed nothing: its ``position`` in the request, from 0, and why."""

    position: int
    why: str


class EventsTaken(msgspec.Struct, frozen=True):
    """What became of the entries; ``duplicates`` had been reported before."""

    accepted: int
    duplicates: int
    unusable: list[Unusable]
