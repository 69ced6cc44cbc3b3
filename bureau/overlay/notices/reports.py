"""Reports by mail: delivery status notifications (RFC 3464) and feedback reports (RFC 5965, "ARF")."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from typing import Any

from bureau.overlay.bounces import bounce_kind, status_code
from bureau.overlay.events import Event, Kind

DSN, ARF = "dsn", "arf"

_COMPLAINTS = {"abuse", "fraud", "virus", "other"}
_OPT_OUTS = {"opt-out", "opt-out-list", "unsubscribe"}  # withdrawn drafts of RFC 5965 that some still send


def read_report(message: bytes) -> list[Event]:
    """The events of one message; none if it is no report, or names no recipient (many feedback reports hide it)."""
    parsed = BytesParser(policy=policy.compat32).parsebytes(message)
    named = _text(parsed["Message-ID"]).strip().encode("utf-8", "replace") or message
    report_id = hashlib.blake2b(named, digest_size=16).hexdigest()  # of the id, which may hold an address
    at = _date(parsed["Date"])
    for part in parsed.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            return list(_numbered(DSN, report_id, _of_status(part, at)))
        if kind == "message/feedback-report":
            return list(_numbered(ARF, report_id, _of_feedback(part, at)))
    return []


Happened = tuple[str, Kind, datetime, str | None]


def _numbered(source: str, report_id: str, happened: Iterator[Happened]) -> Iterator[Event]:
    for place, (email, kind, at, code) in enumerate(happened):
        event_id = f"{report_id} {place}"
        yield Event(source=source, event_id=event_id, kind=kind, happened_at=at, email=email, code=code)


def _of_status(part: Message, at: datetime | None) -> Iterator[Happened]:
    """One group of fields a recipient, after one about the message. ``delayed`` is no end, and ``relayed`` and
    ``expanded`` say nothing of the mailbox."""
    groups = [group for group in _payload(part) if isinstance(group, Message)]
    about_all = next(iter(groups), None)
    for group in groups:
        address = _address(group["Original-Recipient"]) or _address(group["Final-Recipient"])
        kind = _outcome(group)
        if address and kind:
            when = _date(group["Last-Attempt-Date"]) or _date(about_all and about_all["Arrival-Date"]) or at
            yield address, kind, when or datetime.now(UTC), status_code(_text(group["Status"]))


def _outcome(group: Message) -> Kind | None:
    match _text(group["Action"]).strip().lower():
        case "failed":
            return bounce_kind(_text(group["Status"]), _text(group["Diagnostic-Code"]))
        case "delivered":
            return Kind.DELIVERED
        case _:
            return None


def _of_feedback(part: Message, at: datetime | None) -> Iterator[Happened]:
    fields = next((group for group in _payload(part) if isinstance(group, Message)), None)
    if fields is None:
        return
    said = _text(fields["Feedback-Type"]).strip().lower()
    kind = Kind.COMPLAINT if said in _COMPLAINTS else Kind.OPT_OUT if said in _OPT_OUTS else None
    when = _date(fields["Arrival-Date"]) or _date(fields["Received-Date"]) or at or datetime.now(UTC)
    for given in fields.get_all("Original-Rcpt-To", []) if kind else ():
        if (address := _address(given)) and kind:
            yield address, kind, when, None


def _payload(part: Message) -> list[Any]:
    payload = part.get_payload()
    return payload if isinstance(payload, list) else []


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _address(field: Any) -> str | None:
    """``rfc822; <ana@example.com>`` → the address."""
    return _text(field).rpartition(";")[2].strip().strip("<>").strip() or None


def _date(field: Any) -> datetime | None:
    try:
        found = parsedate_to_datetime(_text(field))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
