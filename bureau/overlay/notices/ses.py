"""Amazon SES, as SNS posts it: an envelope around one JSON message, or the message alone ("raw delivery").

Notices come more than once and in any order, name several recipients, and grow new fields: what is not needed is not
looked at. A message that SES itself suppressed was never sent, so it is no new bounce.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from bureau.errors import UnreadableInput
from bureau.overlay.bounces import bounce_kind, status_code
from bureau.overlay.events import Event, Kind

SOURCE = "ses"
_CONFIRM = re.compile(r"https://sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?/[!-~]{1,2000}\Z")
_NEVER_SENT = {"Suppressed", "OnAccountSuppressionList", "UnsubscribedRecipient"}
_ABOUT_THE_MESSAGE = {"ContentRejected", "AttachmentRejected", "MessageTooLarge"}


class Envelope(msgspec.Struct, frozen=True, rename="pascal"):
    """SNS's own part; ``subscribe_url`` only in a confirmation."""

    type: str
    message_id: str = ""
    message: str = ""
    subscribe_url: str | None = msgspec.field(name="SubscribeURL", default=None)


class Recipient(msgspec.Struct, frozen=True, rename="camel"):
    email_address: str
    status: str | None = None
    diagnostic_code: str | None = None


class Bounce(msgspec.Struct, frozen=True, rename="camel"):
    timestamp: datetime
    bounce_type: str = ""
    bounce_sub_type: str = ""
    bounced_recipients: Sequence[Recipient] = ()


class Complaint(msgspec.Struct, frozen=True, rename="camel"):
    timestamp: datetime
    complained_recipients: Sequence[Recipient] = ()
    complaint_feedback_type: str | None = None


class Delivery(msgspec.Struct, frozen=True):
    timestamp: datetime
    recipients: Sequence[str] = ()


class Engagement(msgspec.Struct, frozen=True):
    timestamp: datetime


class Mail(msgspec.Struct, frozen=True, rename="camel"):
    message_id: str = ""
    destination: Sequence[str] = ()


class Notice(msgspec.Struct, frozen=True, rename="camel"):
    """``notificationType`` of notifications is ``eventType`` of event publishing."""

    notification_type: str = ""
    event_type: str = ""
    mail: Mail = Mail()
    bounce: Bounce | None = None
    complaint: Complaint | None = None
    delivery: Delivery | None = None
    open: Engagement | None = None
    click: Engagement | None = None


class Posted(NamedTuple):
    """What one post says: events, or an address for the operator to open once, to confirm the subscription."""

    events: list[Event]
    confirm_url: str | None = None


_envelope = msgspec.json.Decoder(Envelope)
_notice = msgspec.json.Decoder(Notice)


def read_ses(body: bytes) -> Posted:
    """Raises ``UnreadableInput`` for what is no notice of SES."""
    try:
        envelope = _envelope.decode(body) if b'"Type"' in body else Envelope("Notification", "", body.decode())
        if envelope.type == "SubscriptionConfirmation":
            return Posted([], envelope.subscribe_url if _CONFIRM.match(envelope.subscribe_url or "") else None)
        if envelope.type != "Notification":
            return Posted([])
        notice = _notice.decode(envelope.message)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise UnreadableInput("This is no notice of Amazon SES.") from None
    return Posted(list(_numbered(envelope, notice)))


def _numbered(envelope: Envelope, notice: Notice) -> Iterator[Event]:
    """Events with ids that are the same whenever the same notice comes again, and hold no address."""
    for place, (email, kind, at, code) in enumerate(_happened(notice)):
        event_id = envelope.message_id or f"{notice.mail.message_id} {kind} {at.isoformat()}"
        yield Event(source=SOURCE, event_id=f"{event_id} {place}", kind=kind, happened_at=at, email=email, code=code)


def _happened(notice: Notice) -> Iterator[tuple[str, Kind, datetime, str | None]]:
    match notice.event_type or notice.notification_type:
        case "Bounce" if notice.bounce and notice.bounce.bounce_sub_type not in _NEVER_SENT:
            for one in notice.bounce.bounced_recipients:
                code = one.status or status_code(one.diagnostic_code)
                yield one.email_address, _bounce(notice.bounce, one), notice.bounce.timestamp, code
        case "Complaint" if notice.complaint and notice.complaint.complaint_feedback_type != "not-spam":
            for one in notice.complaint.complained_recipients:
                yield one.email_address, Kind.COMPLAINT, notice.complaint.timestamp, None
        case "Delivery" if notice.delivery:
            for address in notice.delivery.recipients:
                yield address, Kind.DELIVERED, notice.delivery.timestamp, None
        case "Open" | "Click" if len(notice.mail.destination) == 1 and (did := notice.open or notice.click):
            yield notice.mail.destination[0], Kind.ENGAGED, did.timestamp, None


def _bounce(bounce: Bounce, recipient: Recipient) -> Kind:
    """SES's class, unless the server's own words say that it was about the sender."""
    said = bounce_kind(recipient.status, recipient.diagnostic_code)
    if said is Kind.BLOCK or bounce.bounce_sub_type in _ABOUT_THE_MESSAGE:
        return Kind.BLOCK
    if bounce.bounce_type == "Permanent":
        return Kind.HARD_BOUNCE
    return Kind.SOFT_BOUNCE if bounce.bounce_type == "Transient" else said
