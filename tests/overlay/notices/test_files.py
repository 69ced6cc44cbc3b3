import json
from pathlib import Path

import pytest

from bureau.errors import UnreadableInput
from bureau.overlay.events import Kind
from bureau.overlay.notices.files import read_file

DSN = (
    "From: MAILER-DAEMON@mx.example.com\nMessage-ID: <{number}@mx.example.com>\nMIME-Version: 1.0\n"
    'Content-Type: multipart/report; report-type=delivery-status; boundary="x"\n\n--x\n'
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.com\n\n"
    "Final-Recipient: rfc822; a{number}@example.com\nAction: failed\nStatus: 5.1.1\n\n--x--\n"
)
SENDGRID = [{"email": "a1@example.com", "event": "spamreport", "sg_event_id": "1", "timestamp": 1_795_000_000}]
SES = {
    "notificationType": "Delivery",
    "mail": {"messageId": "m"},
    "delivery": {"timestamp": "2026-11-20T12:00:00Z", "recipients": ["a1@example.com"]},
}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (DSN.format(number=1), [("a1@example.com", Kind.HARD_BOUNCE)]),
        (
            "".join(f"From MAILER-DAEMON Fri Nov 20 12:00:00 2026\n{DSN.format(number=number)}\n" for number in (1, 2)),
            [("a1@example.com", Kind.HARD_BOUNCE), ("a2@example.com", Kind.HARD_BOUNCE)],
        ),
        (json.dumps(SENDGRID), [("a1@example.com", Kind.COMPLAINT)]),
        ("\ufeff" + json.dumps(SES), [("a1@example.com", Kind.DELIVERED)]),
        (
            f"{json.dumps(SES)}\n{json.dumps(SENDGRID)}\n\n",
            [("a1@example.com", Kind.DELIVERED), ("a1@example.com", Kind.COMPLAINT)],
        ),
        ("", []),
    ],
)
def test_a_file_is_known_by_its_content(tmp_path: Path, content: str, expected: list[tuple[str, Kind]]) -> None:
    path = tmp_path / "whatever.txt"
    path.write_text(content, encoding="utf-8")
    assert expected == [(event.email, event.kind) for event in read_file(path)]


def test_what_cannot_be_read_is_said_clearly(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"a": 1')
    with pytest.raises(UnreadableInput, match="neither notices"):
        read_file(tmp_path / "a.json")
    with pytest.raises(UnreadableInput, match=r"absent\.eml"):
        read_file(tmp_path / "absent.eml")
