"""Outcomes and oppositions reported by clients, and what mail providers post for them."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from litestar import Request, post

from api.charging import Call, charged
from api.charging import Outcome as Finished
from api.decoding import decoded
from api.description import Described
from api.errors import RequestRefused
from api.examples import EVENTS, SUPPRESSIONS
from api.limits import raw_body
from api.replies import Reply
from api.schemas.events import (
    EventsReport,
    EventsTaken,
    Outcome,
    ReportedEvent,
    Suppression,
    SuppressionsRequest,
    Unusable,
)
from api.services import require_services
from api.usage_rows import report_row
from bureau.deliverability.email.syntax import Address, parse
from bureau.errors import UnreadableInput
from bureau.ids import sortable
from bureau.normalise.phones import Phone, parse_phone
from bureau.overlay.bounces import bounce_kind, status_code
from bureau.overlay.event_sources import EventSource, Provider, find_source, keep_confirmation
from bureau.overlay.events import OF_EMAILS, OF_PHONES, Event, Kind, out_of_time
from bureau.overlay.notices.sendgrid import read_sendgrid
from bureau.overlay.notices.ses import Posted, read_ses

CLIENTS_OWN = "client"
"""Source of what clients report themselves; the ids are theirs."""
SUPPRESSION = "suppression"

_events = msgspec.json.Decoder(EventsReport)
_suppressions = msgspec.json.Decoder(SuppressionsRequest)
_encode = msgspec.json.Encoder().encode
_TOKEN: tuple[dict[str, Any], ...] = ({"name": "token", "in": "path", "required": True, "schema": {"type": "string"}},)
_FROM_SNS = {"text/plain": {"schema": {"type": "string", "contentMediaType": "application/json"}}}
_FROM_SENDGRID = {"application/json": {"schema": {"type": "array", "items": {"type": "object"}}}}
_KINDS = {
    Outcome.DELIVERED: Kind.DELIVERED,
    Outcome.OPENED: Kind.ENGAGED,
    Outcome.CLICKED: Kind.ENGAGED,
    Outcome.REPLIED: Kind.ENGAGED,
    Outcome.COMPLAINED: Kind.COMPLAINT,
    Outcome.ANSWERED: Kind.ANSWERED,
    Outcome.NO_ANSWER: Kind.NO_ANSWER,
    Outcome.NOT_IN_SERVICE: Kind.NOT_IN_SERVICE,
    Outcome.WRONG_PERSON: Kind.WRONG_PERSON,
    Outcome.OPT_OUT: Kind.OPT_OUT,
    Outcome.OPT_IN: Kind.OPT_IN,
}

Entry = TypeVar("Entry", ReportedEvent, Suppression)


@post(
    "/events",
    operation_id="reportEvents",
    summary="What became of your messages and calls: it changes the next verdicts",
    status_code=200,
    opt=Described(EventsReport, EventsTaken, EVENTS, charged=True).as_option(),
)
async def report_events(request: Request[Any, Any, Any]) -> Reply:
    """Bounces, deliveries and dead lines count for everybody, complaints and opt-outs for you, a wrong person for that
    entity. Each event counts once, however often it is sent."""
    return await charged(request, _report)


@post(
    "/suppressions",
    operation_id="suppress",
    summary="Contacts that must not be used on your behalf any more",
    status_code=200,
    opt=Described(SuppressionsRequest, EventsTaken, SUPPRESSIONS, charged=True).as_option(),
)
async def suppress(request: Request[Any, Any, Any]) -> Reply:
    """They hold in every answer to you within a second."""
    return await charged(request, _suppress)


@post(
    "/hooks/ses/{token:str}",
    operation_id="postedBySes",
    summary="Where Amazon SNS posts notices of Amazon SES",
    status_code=200,
    opt=Described(answer=EventsTaken, parameters=_TOKEN, content=_FROM_SNS).as_option(),
)
async def posted_by_ses(request: Request[Any, Any, Any]) -> Reply:
    """The address comes from `bureau events source`. A subscription is confirmed by a person: `bureau events sources`
    shows the address to open."""
    return await _posted(request, Provider.SES, read_ses)


@post(
    "/hooks/sendgrid/{token:str}",
    operation_id="postedBySendgrid",
    summary="Where SendGrid's event webhook posts",
    status_code=200,
    opt=Described(answer=EventsTaken, parameters=_TOKEN, content=_FROM_SENDGRID).as_option(),
)
async def posted_by_sendgrid(request: Request[Any, Any, Any]) -> Reply:
    """The address comes from `bureau events source`."""
    return await _posted(request, Provider.SENDGRID, lambda body: Posted(read_sendgrid(body)))


async def _report(call: Call, body: bytes) -> Finished:
    return await _taken(call, decoded(_events, body).events, _event)


async def _suppress(call: Call, body: bytes) -> Finished:
    return await _taken(call, decoded(_suppressions, body).suppressions, _opposition)


async def _taken(call: Call, entries: Sequence[Entry], read: Callable[[Entry], Event | str]) -> Finished:
    found = [read(entry) for entry in entries]
    unusable = [Unusable(place, one) for place, one in enumerate(found) if isinstance(one, str)]
    events = [one for one in found if isinstance(one, Event)]
    recorded = await call.services.overlay.events.record(call.principal.client, events)
    taken = EventsTaken(recorded.accepted, recorded.duplicates, unusable)
    return Finished(_encode(taken), [report_row(call, recorded.accepted)])


def _event(entry: ReportedEvent) -> Event | str:
    """The event, or why it is none."""
    kind = _KINDS.get(entry.type) or bounce_kind(entry.code, entry.diagnostic)
    if why := _mismatch(entry, kind):
        return why
    if why := out_of_time(entry.at, datetime.now(UTC)):
        return why
    if kind is Kind.WRONG_PERSON and not entry.entity_id:
        return "entity_id_missing"
    contact = _contact(entry)
    if isinstance(contact, str):
        return contact
    return Event(
        source=CLIENTS_OWN,
        event_id=entry.id,
        kind=kind,
        happened_at=entry.at,
        email=entry.email,
        phone=contact,
        code=entry.code or status_code(entry.diagnostic),
        entity_id=entry.entity_id,
    )


def _opposition(entry: Suppression) -> Event | str:
    kind = Kind(entry.reason.value)
    if why := _mismatch(entry, kind):
        return why
    contact = _contact(entry)
    if isinstance(contact, str):
        return contact
    return Event(
        source=SUPPRESSION,
        event_id=sortable("sup"),
        kind=kind,
        happened_at=datetime.now(UTC),
        email=entry.email,
        phone=contact,
    )


def _mismatch(entry: ReportedEvent | Suppression, kind: Kind) -> str | None:
    if (entry.email is None) == (entry.phone is None):
        return "one_contact_wanted"
    if kind in (OF_PHONES if entry.phone is None else OF_EMAILS - {Kind.COMPLAINT}):
        return "not_of_this_kind_of_contact"
    return None


def _contact(entry: ReportedEvent | Suppression) -> int | str | None:
    """The national number if the entry is of a phone, or why its contact cannot be one."""
    if entry.email is not None:
        return None if isinstance(parse(entry.email), Address) else "not_an_email"
    phone = parse_phone(entry.phone)
    return phone.number if isinstance(phone, Phone) else "not_a_phone"


async def _posted(request: Request[Any, Any, Any], provider: Provider, read: Callable[[bytes], Posted]) -> Reply:
    """404 for an address that is not (or no longer) known, 400 for a body that is not the provider's."""
    services = require_services(request.scope)
    source = await find_source(services.store, provider, request.path_params["token"])
    if source is None:
        raise RequestRefused("not_found", "Nobody posts here.")
    try:
        posted = read(await raw_body(request, services.settings.body_limit_bytes))
    except UnreadableInput as problem:
        raise RequestRefused("invalid_body", str(problem)) from None
    return Reply(_encode(await _recorded(request, source, posted)))


async def _recorded(request: Request[Any, Any, Any], source: EventSource, posted: Posted) -> EventsTaken:
    services = require_services(request.scope)
    if posted.confirm_url:
        await keep_confirmation(services.store, source, posted.confirm_url)
    recorded = await services.overlay.events.record(source.client, posted.events)
    return EventsTaken(recorded.accepted, recorded.duplicates, [])
