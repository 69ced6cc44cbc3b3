"""SendGrid's event webhook: a JSON array of flat objects, each with an id of its own.

``dropped`` says that SendGrid did not send because of something reported before, so it is no new bounce; ``deferred``
is not the end of it; an open by a machine (a mail client's privacy proxy) is nobody's.
"""

from datetime import UTC, datetime

import msgspec

from bureau.errors import UnreadableInput
from bureau.overlay.bounces import bounce_kind, status_code
from bureau.overlay.events import Event, Kind

SOURCE = "sendgrid"

_KINDS = {
    "delivered": Kind.DELIVERED,
    "open": Kind.ENGAGED,
    "click": Kind.ENGAGED,
    "spamreport": Kind.COMPLAINT,
    "unsubscribe": Kind.OPT_OUT,
    "group_unsubscribe": Kind.OPT_OUT,
    "group_resubscribe": Kind.OPT_IN,
}


class Reported(msgspec.Struct, frozen=True):
    """The members that matter; unknown ones are not looked at. ``timestamp`` counts seconds from 1970."""

    email: str
    event: str
    sg_event_id: str
    timestamp: int
    type: str = ""
    status: str | None = None
    reason: str | None = None
    sg_machine_open: bool = False


_decoder = msgspec.json.Decoder(list[Reported])


def read_sendgrid(body: bytes) -> list[Event]:
    """Raises ``UnreadableInput`` for what is no post of SendGrid."""
    try:
        reported = _decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnreadableInput("This is no post of SendGrid's event webhook.") from None
    return [
        Event(
            source=SOURCE,
            event_id=one.sg_event_id,
            kind=kind,
            happened_at=datetime.fromtimestamp(min(max(one.timestamp, 0), _LATEST), UTC),
            email=one.email,
            code=one.status or status_code(one.reason),
        )
        for one in reported
        if (kind := _kind(one))
    ]


_LATEST = 253_402_300_799  # the last second of the year 9999


def _kind(one: Reported) -> Kind | None:
    if one.event == "bounce":
        return Kind.BLOCK if one.type == "blocked" else _bounce(one)
    return None if one.sg_machine_open else _KINDS.get(one.event)


def _bounce(one: Reported) -> Kind:
    """Permanent, says SendGrid; the server's own words may know better."""
    return bounce_kind(one.status, one.reason) if status_code(one.status or one.reason) else Kind.HARD_BOUNCE
