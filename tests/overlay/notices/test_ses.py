"""Notices in the shape of Amazon's documentation; every address is invented."""

import json
from typing import Any

import pytest

from bureau.errors import UnreadableInput
from bureau.overlay.events import Kind
from bureau.overlay.notices.ses import read_ses

MAIL = {"messageId": "m-1", "timestamp": "2026-11-20T12:00:00.000Z", "destination": ["ana@example.com"], "tags": {}}


def notice(kind: str, member: str, **said: Any) -> dict[str, Any]:
    about = {"timestamp": "2026-11-20T12:00:05.000Z", "feedbackId": "f-1", "somethingNew": [1], **said}
    return {"notificationType": kind, "mail": MAIL, member: about}


def bounce(kind: str, sub: str = "General", code: str | None = None, *others: str) -> dict[str, Any]:
    first = {"emailAddress": "ana@example.com", "action": "failed", **({"diagnosticCode": code} if code else {})}
    rest = [{"emailAddress": other} for other in others]
    return notice("Bounce", "bounce", bounceType=kind, bounceSubType=sub, bouncedRecipients=[first, *rest])


def envelope(message: dict[str, Any], number: str = "sns-1") -> bytes:
    text = json.dumps(message)
    return json.dumps({"Type": "Notification", "MessageId": number, "TopicArn": "arn:x", "Message": text}).encode()


def kinds(message: dict[str, Any]) -> list[Kind]:
    return [event.kind for event in read_ses(envelope(message)).events]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        (bounce("Permanent"), Kind.HARD_BOUNCE),
        (bounce("Permanent", "NoEmail", "smtp; 550 5.1.1 user unknown"), Kind.HARD_BOUNCE),
        (bounce("Permanent", "General", "smtp; 550 5.7.1 client host blocked by blocklist"), Kind.BLOCK),
        (bounce("Transient", "MailboxFull"), Kind.SOFT_BOUNCE),
        (bounce("Transient", "ContentRejected"), Kind.BLOCK),
        (bounce("Undetermined"), Kind.SOFT_BOUNCE),
        (notice("Complaint", "complaint", complainedRecipients=[{"emailAddress": "ana@example.com"}]), Kind.COMPLAINT),
        (notice("Delivery", "delivery", recipients=["ana@example.com"], smtpResponse="250 ok"), Kind.DELIVERED),
        ({**notice("", "open"), "eventType": "Open", "notificationType": ""}, Kind.ENGAGED),
    ],
)
def test_notices_become_events(message: dict[str, Any], kind: Kind) -> None:
    (event,) = read_ses(envelope(message)).events
    assert (kind, "ana@example.com", "ses") == (event.kind, event.email, event.source)
    assert "2026-11-20T12:00:05+00:00" == event.happened_at.isoformat()


def test_what_ses_itself_suppressed_or_cannot_tell_is_no_event() -> None:
    for message in (
        bounce("Permanent", "Suppressed"),
        bounce("Permanent", "OnAccountSuppressionList"),
        notice("Complaint", "complaint", complainedRecipients=[{"emailAddress": "a@example.com"}],
               complaintFeedbackType="not-spam"),
        {"notificationType": "AmazonSnsSubscriptionSucceeded"},
        {"eventType": "Send", "mail": MAIL, "send": {}},
    ):  # fmt: skip
        assert [] == kinds(message)


def test_ids_are_stable_over_repetition_differ_between_recipients_and_hold_no_address() -> None:
    message = bounce("Permanent", "General", None, "bia@example.com")
    first, again = (read_ses(envelope(message)).events for _ in range(2))
    assert first == again
    assert 2 == len({event.event_id for event in first})
    raw = read_ses(json.dumps(message).encode()).events  # SNS's raw delivery: no envelope
    assert 2 == len({event.event_id for event in raw})
    assert not any("@" in event.event_id for event in [*first, *raw])


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://sns.sa-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc", True),
        ("https://sns.cn-north-1.amazonaws.com.cn/?Token=abc", True),
        ("http://sns.sa-east-1.amazonaws.com/?Token=abc", False),
        ("https://sns.sa-east-1.amazonaws.com.evil.example/?Token=abc", False),
        ("https://evil.example/sns.sa-east-1.amazonaws.com/", False),
        ("https://sns.x@evil.example/.amazonaws.com/", False),
        ("https://sns.sa-east-1.amazonaws.com/\nx", False),
    ],
)
def test_only_amazons_own_address_is_ever_shown_to_be_opened(url: str, kept: bool) -> None:
    posted = read_ses(json.dumps({"Type": "SubscriptionConfirmation", "MessageId": "1", "SubscribeURL": url}).encode())
    assert ([], url if kept else None) == posted


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff", b'{"Type": "Notification", "Message": "no"}', b'{"Type": 1}']
)
def test_what_is_no_notice_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableInput):
        read_ses(body)
