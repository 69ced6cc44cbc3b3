import json
from typing import Any

import pytest

from bureau.errors import UnreadableInput
from bureau.overlay.events import Kind
from bureau.overlay.notices.sendgrid import read_sendgrid


def posted(**said: Any) -> bytes:
    one = {"email": "ana@example.com", "timestamp": 1_795_000_000, "sg_event_id": "e-1", "category": ["x"], **said}
    return json.dumps([one]).encode()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"event": "delivered"}, Kind.DELIVERED),
        ({"event": "open"}, Kind.ENGAGED),
        ({"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 unknown"}, Kind.HARD_BOUNCE),
        ({"event": "bounce", "type": "bounce", "reason": "nobody there"}, Kind.HARD_BOUNCE),
        ({"event": "bounce", "type": "bounce", "status": "5.2.2"}, Kind.SOFT_BOUNCE),
        ({"event": "bounce", "type": "blocked", "status": "5.1.1"}, Kind.BLOCK),
        ({"event": "spamreport"}, Kind.COMPLAINT),
        ({"event": "group_unsubscribe"}, Kind.OPT_OUT),
        ({"event": "group_resubscribe"}, Kind.OPT_IN),
    ],
)
def test_posts_become_events(said: dict[str, Any], kind: Kind) -> None:
    (event,) = read_sendgrid(posted(**said))
    assert (kind, "ana@example.com", "e-1", "sendgrid") == (event.kind, event.email, event.event_id, event.source)


@pytest.mark.parametrize(
    "said",
    [
        {"event": "processed"},
        {"event": "deferred"},
        {"event": "dropped", "reason": "Bounced Address"},  # an old bounce told again
        {"event": "open", "sg_machine_open": True},
        {"event": "something_new"},
    ],
)
def test_what_says_nothing_new_is_left_out(said: dict[str, Any]) -> None:
    assert [] == read_sendgrid(posted(**said))


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff", posted()])
def test_what_is_no_post_of_sendgrid_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableInput):
        read_sendgrid(body)
