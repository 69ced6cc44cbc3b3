"""Messages as mail servers send them; every address is invented."""

from hypothesis import given
from hypothesis import strategies as st

from bureau.overlay.events import Kind
from bureau.overlay.notices.reports import read_report

DSN = """\
From: MAILER-DAEMON@mx.example.com
To: bounces@acme.example
Subject: Undelivered Mail Returned to Sender
Date: Fri, 20 Nov 2026 12:00:00 -0300
Message-ID: <20261120150000.ABC@mx.example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

I'm sorry to have to inform you ...

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Fri, 20 Nov 2026 11:59:00 -0300

Final-Recipient: rfc822; ana@example.com
Original-Recipient: rfc822;ANA@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <ana@example.com>: Recipient address
    rejected: User unknown in virtual mailbox table

Final-Recipient: rfc822; bia@example.com
Action: failed
Status: 4.2.2
Last-Attempt-Date: Fri, 20 Nov 2026 12:30:00 -0300

Final-Recipient: rfc822; caio@example.com
Action: delayed
Status: 4.4.1

Final-Recipient: rfc822; davi@example.com
Action: delivered
Status: 2.0.0

--x
Content-Type: message/rfc822

From: cobranca@acme.example
To: ana@example.com
Subject: fatura

oi
--x--
""".replace("\n", "\r\n").encode()

ARF = """\
From: <abusedesk@example.com>
Date: Fri, 20 Nov 2026 17:40:36 +0000
Message-ID: <arf-1@example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="y"

--y
Content-Type: text/plain; charset="US-ASCII"

This is an email abuse report.
--y
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <cobranca@acme.example>
{recipient}Arrival-Date: Thu, 19 Nov 2026 14:00:00 -0300

--y
Content-Type: message/rfc822

From: <cobranca@acme.example>
To: <redacted@example.com>

oi
--y--
"""


def feedback(kind: str, recipient: str = "Original-Rcpt-To: <ana@example.com>\n") -> bytes:
    return ARF.format(kind=kind, recipient=recipient).encode()


def test_a_delivery_status_notification_names_what_became_of_each_recipient() -> None:
    found = read_report(DSN)
    expected = [
        ("ANA@example.com", Kind.HARD_BOUNCE, "2026-11-20T11:59:00-03:00", "5.1.1"),
        ("bia@example.com", Kind.SOFT_BOUNCE, "2026-11-20T12:30:00-03:00", "4.2.2"),
        ("davi@example.com", Kind.DELIVERED, "2026-11-20T11:59:00-03:00", "2.0.0"),
    ]
    assert expected == [(event.email, event.kind, event.happened_at.isoformat(), event.code) for event in found]
    assert ["dsn"] * 3 == [event.source for event in found]
    assert 3 == len({event.event_id for event in found})
    assert found == read_report(DSN)


def test_a_feedback_report_is_a_complaint_or_an_opt_out() -> None:
    (event,) = read_report(feedback("abuse"))
    assert ("ana@example.com", Kind.COMPLAINT, "arf") == (event.email, event.kind, event.source)
    assert "2026-11-19T14:00:00-03:00" == event.happened_at.isoformat()
    assert [Kind.OPT_OUT] == [event.kind for event in read_report(feedback("opt-out"))]
    assert [] == read_report(feedback("not-spam"))
    assert [] == read_report(feedback("abuse", ""))


def test_an_ordinary_message_is_no_report() -> None:
    assert [] == read_report(b"From: a@example.com\r\nSubject: ola\r\n\r\nAction: failed\r\n")
    assert [] == read_report(b"")


@given(st.binary(max_size=300), st.integers(0, len(DSN)), st.integers(0, 40))
def test_nothing_breaks_the_reader(noise: bytes, place: int, cut: int) -> None:
    read_report(noise)
    read_report(DSN[:place] + noise + DSN[place + cut :])
