"""What the events of one contact add up to: a pure function of all of them, in whatever order they arrived.

One hard bounce is enough; soft ones count as hard when there are three over a week or more and nothing arrived since;
a block is the sender's affair. A delivery, and still more an answer, clears what happened before it. Bounces and
deliveries are facts about the contact and hold for everybody; complaints and opt-outs hold for the client they were
addressed to, a wrong person for the entity that was meant.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import msgspec

from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.phone.reasons import Reason as PhoneReason
from bureau.ids import ClientId, EntityId
from bureau.overlay.events import Kind

SOFT_BOUNCES, SOFT_SPAN = 3, timedelta(days=7)

WRONG_PERSON = "wrong_person"
"""Not a reason of a phone's verdict: the line is fine, it is just not that entity's."""

SCOPED = "scoped"
"""Nothing holds for everybody, but something for somebody: so one look tells of most contacts that nothing does."""

_BAD_NEWS = {Kind.HARD_BOUNCE, Kind.SOFT_BOUNCE, Kind.NOT_IN_SERVICE, Kind.WRONG_PERSON}
_ARRIVED = {Kind.DELIVERED, Kind.ENGAGED}
_SUPPRESSIONS = (
    (Kind.LEGAL, Reason.SUPPRESSED_LEGAL),
    (Kind.COMPLAINT, Reason.SUPPRESSED_COMPLAINT),
    (Kind.OPT_OUT, Reason.SUPPRESSED_OPT_OUT),
)
"""Gravest first; an opt-in lifts those before it, except a legal one. Phones have reasons of the same names."""


class Happened(NamedTuple):
    """An event as far as it matters here."""

    kind: Kind
    at: datetime
    client: ClientId
    entity: EntityId | None


class Standing(msgspec.Struct, frozen=True):
    """``reason`` of a verdict, or :data:`WRONG_PERSON`; ``since`` when it was last confirmed."""

    reason: str
    since: datetime


class Standings(NamedTuple):
    """By whom it concerns; ``None`` is "nothing (any more)"."""

    for_all: Standing | None
    for_clients: dict[ClientId, Standing | None]
    for_entities: dict[EntityId, Standing | None]


def shown_to_all(found: Standings) -> Standing | None:
    """What is filed under the contact itself: what holds for everybody, or that it holds for somebody."""
    scoped = [one for one in (*found.for_clients.values(), *found.for_entities.values()) if one]
    if found.for_all or not scoped:
        return found.for_all
    return Standing(SCOPED, max(one.since for one in scoped))


def standings(events: Iterable[Happened]) -> Standings:
    """Of all events of one contact."""
    ordered = sorted(events, key=_order)
    clients = {event.client for event in ordered if event.kind in _CONSENT}
    entities = {event.entity for event in ordered if event.entity and event.kind in _WHOSE}
    return Standings(
        _of_mail(ordered) or _of_line(ordered),
        {client: _suppression([e for e in ordered if e.client == client]) for client in clients},
        {entity: _wrong_person([e for e in ordered if e.entity == entity]) for entity in entities},
    )


def _order(event: Happened) -> tuple[datetime, bool, Kind]:
    """By time; of what is reported for the same instant, bad news count as later."""
    return event.at, event.kind in _BAD_NEWS, event.kind


_CONSENT = {Kind.LEGAL, Kind.COMPLAINT, Kind.OPT_OUT, Kind.OPT_IN}
_WHOSE = {Kind.WRONG_PERSON, Kind.ANSWERED}


def _of_mail(ordered: Sequence[Happened]) -> Standing | None:
    arrived = _last(ordered, _ARRIVED)
    later = [event for event in ordered if arrived is None or event.at >= arrived.at]
    if hard := _last(later, {Kind.HARD_BOUNCE}):
        return Standing(Reason.HARD_BOUNCED, hard.at)
    if soft := [event for event in later if event.kind is Kind.SOFT_BOUNCE]:
        enough = len(soft) >= SOFT_BOUNCES and soft[-1].at - soft[0].at >= SOFT_SPAN
        return Standing(Reason.HARD_BOUNCED if enough else Reason.SOFT_BOUNCED, soft[-1].at)
    return Standing(Reason.CONFIRMED_BY_DELIVERY, arrived.at) if arrived else None


def _of_line(ordered: Sequence[Happened]) -> Standing | None:
    last = _last(ordered, {Kind.ANSWERED, Kind.NOT_IN_SERVICE, Kind.WRONG_PERSON})
    if last is None:
        return None
    return Standing(PhoneReason.INACTIVE if last.kind is Kind.NOT_IN_SERVICE else PhoneReason.ACTIVE, last.at)


def _suppression(ordered: Sequence[Happened]) -> Standing | None:
    consent = _last(ordered, {Kind.OPT_IN})
    for kind, reason in _SUPPRESSIONS:
        said = _last(ordered, {kind})
        if said and (kind is Kind.LEGAL or consent is None or consent.at < said.at):
            return Standing(reason, said.at)
    return None


def _wrong_person(ordered: Sequence[Happened]) -> Standing | None:
    last = _last(ordered, _WHOSE)
    return Standing(WRONG_PERSON, last.at) if last and last.kind is Kind.WRONG_PERSON else None


def _last(ordered: Sequence[Happened], kinds: set[Kind]) -> Happened | None:
    return next((event for event in reversed(ordered) if event.kind in kinds), None)
