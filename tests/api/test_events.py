"""Outcomes over HTTP: what is taken, what is not and why; and the posts of mail providers."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bureau.overlay.event_sources import Provider, create_source, list_sources, revoke_source
from bureau.overlay.events import Kind
from bureau.store import Store

AT = "2026-11-20T12:00:00Z"


def email(**said: Any) -> dict[str, Any]:
    return {"id": "1", "type": "delivered", "at": AT, "email": "ana@example.com", **said}


async def report(worker: Any, *events: dict[str, Any]) -> Any:
    reply = await worker.client.post("/v1/events", json={"events": events})
    assert 200 == reply.status_code
    return reply.json()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"type": "bounced", "code": "5.1.1"}, Kind.HARD_BOUNCE),
        ({"type": "bounced", "diagnostic": "552 5.2.2 over quota"}, Kind.SOFT_BOUNCE),
        ({"type": "bounced", "code": "5.7.1"}, Kind.BLOCK),
        ({"type": "bounced"}, Kind.SOFT_BOUNCE),
        ({"type": "clicked"}, Kind.ENGAGED),
        ({"type": "opt_out"}, Kind.OPT_OUT),
        ({"type": "wrong_person", "email": None, "phone": "11 98765-4321", "entity_id": "per_1"}, Kind.WRONG_PERSON),
        ({"type": "answered", "email": None, "phone": "11 98765-4321"}, Kind.ANSWERED),
    ],
)
async def test_an_outcome_is_recorded_for_its_client(worker: Any, said: dict[str, Any], kind: Kind) -> None:
    assert {"accepted": 1, "duplicates": 0, "unusable": []} == await report(worker, email(**said))
    ((client, event),) = worker.overlay.recorded
    assert ("acme", kind, "client", "1") == (client, event.kind, event.source, event.event_id)
    assert (event.phone == 11987654321) == ("phone" in said)
    assert "report" == worker.ledger.rows[0].operation


async def test_an_entry_that_cannot_be_used_is_named_and_the_others_are_taken(worker: Any) -> None:
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    told = await report(
        worker,
        email(id="0", phone="11 98765-4321"),
        email(id="1", email=None),
        email(id="2", type="answered"),
        email(id="3", email="nobody"),
        email(id="4", email=None, phone="123", type="opt_out"),
        email(id="5", type="wrong_person"),
        email(id="6", at=later),
        email(id="7", at="0001-01-01T00:00:00Z"),
        email(id="8"),
    )
    why = ["one_contact_wanted", "one_contact_wanted", "not_of_this_kind_of_contact", "not_an_email", "not_a_phone",
           "entity_id_missing", "in_the_future", "too_long_ago"]  # fmt: skip
    assert [{"position": place, "why": reason} for place, reason in enumerate(why)] == told["unusable"]
    assert 1 == told["accepted"]


async def test_an_event_sent_again_counts_once(worker: Any) -> None:
    await report(worker, email())
    assert {"accepted": 0, "duplicates": 1, "unusable": []} == await report(worker, email())


async def test_suppressions_are_events_of_their_client(worker: Any) -> None:
    entries = [
        {"reason": "legal", "email": "ana@example.com"},
        {"reason": "opt_out", "phone": "11 987654321"},
        {"reason": "opt_out"},
    ]
    body = {"suppressions": entries}
    told = (await worker.client.post("/v1/suppressions", json=body)).json()
    assert {"accepted": 2, "duplicates": 0, "unusable": [{"position": 2, "why": "one_contact_wanted"}]} == told
    assert [Kind.LEGAL, Kind.OPT_OUT] == [event.kind for _, event in worker.overlay.recorded]


async def test_an_unknown_type_or_member_is_refused(worker: Any) -> None:
    for wrong in (email(type="exploded"), email(note="x"), email(at="2026-11-20T12:00:00")):
        reply = await worker.client.post("/v1/events", json={"events": [wrong]})
        assert (400, "invalid_body") == (reply.status_code, reply.json()["code"])


@pytest.fixture
def posting(worker: Any, store: Store) -> Any:
    """A worker whose hooks can find their sources."""
    worker.app.state.services = worker.app.state.services._replace(store=store)
    return worker


async def post(worker: Any, path: str, body: Any, key: str = "") -> Any:
    headers = {"Content-Type": "text/plain; charset=UTF-8", "Authorization": key}
    return await worker.client.post(
        path, content=body if isinstance(body, bytes) else json.dumps(body), headers=headers
    )


def complaints(addresses: Sequence[str]) -> dict[str, Any]:
    about = {"timestamp": AT, "complainedRecipients": [{"emailAddress": address} for address in addresses]}
    message = json.dumps({"notificationType": "Complaint", "mail": {"messageId": "m"}, "complaint": about})
    return {"Type": "Notification", "MessageId": "s-1", "Message": message}


async def test_ses_posts_to_an_address_of_its_own_and_again_what_it_posted(posting: Any, store: Store) -> None:
    source = await create_source(store, "acme", Provider.SES)  # type: ignore[arg-type]
    for accepted in (2, 0):
        reply = await post(posting, source.path, complaints(["ana@example.com", "bia@example.com"]))
        assert (200, accepted) == (reply.status_code, reply.json()["accepted"])
    assert [("acme", Kind.COMPLAINT)] * 2 == [(client, event.kind) for client, event in posting.overlay.recorded]


async def test_a_subscription_is_shown_to_the_operator_and_not_fetched(posting: Any, store: Store) -> None:
    source = await create_source(store, "acme", Provider.SES)  # type: ignore[arg-type]
    url = "https://sns.sa-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=abc"
    body = {"Type": "SubscriptionConfirmation", "MessageId": "1", "SubscribeURL": url}
    assert 200 == (await post(posting, source.path, body)).status_code
    assert [url] == [one.confirm_url for one in await list_sources(store)]


async def test_nobody_else_can_post(posting: Any, store: Store) -> None:
    source = await create_source(store, "acme", Provider.SENDGRID)  # type: ignore[arg-type]
    body = [{"email": "a@example.com", "event": "delivered", "sg_event_id": "1", "timestamp": 1_795_000_000}]
    assert 200 == (await post(posting, source.path, body)).status_code
    assert 400 == (await post(posting, source.path, b"no")).status_code
    for path in (source.path + "x", source.path.replace("sendgrid", "ses"), "/hooks/ses/%00"):
        assert 404 == (await post(posting, path, body)).status_code
    assert await revoke_source(store, source.id)
    assert 404 == (await post(posting, source.path, body)).status_code
    assert 1 == len(posting.overlay.recorded)


async def test_the_secret_of_an_address_is_in_no_metric(posting: Any, store: Store) -> None:
    source = await create_source(store, "acme", Provider.SES)  # type: ignore[arg-type]
    await post(posting, source.path, complaints(["ana@example.com"]))
    text = (await posting.client.get("/metrics")).text
    assert source.path not in text
    assert 'bureau_requests_total{route="/hooks/ses/{token}",status="200"} 1' in text
