"""What became of messages and calls, as one kind of event whoever reports it. Plain data."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum

import msgspec

from bureau.ids import EntityId


class Kind(StrEnum):
    """What happened. ``block`` is a refusal of the sender and says nothing of the contact; ``engaged`` is an open, a
    click or a reply; ``legal`` an opposition that no consent lifts."""

    DELIVERED = "delivered"
    ENGAGED = "engaged"
    HARD_BOUNCE = "hard_bounce"
    SOFT_BOUNCE = "soft_bounce"
    BLOCK = "block"
    COMPLAINT = "complaint"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    LEGAL = "legal"
    ANSWERED = "answered"
    NO_ANSWER = "no_answer"
    NOT_IN_SERVICE = "not_in_service"
    WRONG_PERSON = "wrong_person"


OF_EMAILS = frozenset({Kind.DELIVERED, Kind.ENGAGED, Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE, Kind.BLOCK, Kind.COMPLAINT})
OF_PHONES = frozenset({Kind.ANSWERED, Kind.NO_ANSWER, Kind.NOT_IN_SERVICE})
"""The other kinds may be of either."""


FIRST = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing reported here happened earlier; and PostgreSQL's driver reads the first moment of the year 1 as no moment."""
AHEAD = timedelta(hours=1)
"""How far the clock of whoever reports may be ahead of ours."""


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to one contact: an ``email`` as written or a national ``phone`` number, not both.

    ``event_id`` is the reporter's own and names the event once within ``source``; ``code`` is a bounce's status code;
    ``entity_id`` is who was meant, needed for ``wrong_person``.
    """

    source: str
    event_id: str
    kind: Kind
    happened_at: datetime
    email: str | None = None
    phone: int | None = None
    code: str | None = None
    entity_id: EntityId | None = None


def out_of_time(at: datetime, now: datetime) -> str | None:
    """Why nothing can have happened then; None if it can."""
    if at > now + AHEAD:
        return "in_the_future"
    return "too_long_ago" if at < FIRST else None
