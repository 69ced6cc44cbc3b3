"""Evidence over time, for real: what one worker is told every worker goes by within a second, and no kill forgets."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

pytestmark = pytest.mark.acceptance


def matched(connection: Any, queries: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record that is found with a phone and an e-mail of its own, and its answer."""
    for record in queries:
        answer = connection.post("/v1/enrich", {"record": record}).body
        if answer["status"] == "matched" and answer.get("emails") and answer.get("phones"):
            return record, answer
    raise AssertionError("nobody was found with both")


def verdicts(connection: Any, record: dict[str, Any], email: str, phone: str) -> tuple[str, str, str | None]:
    """Reasons of that e-mail and phone in an answer of now, and what blocks the phone."""
    answer = connection.post("/v1/enrich", {"record": record}).body
    (of_email,) = [one["reason"] for one in answer["emails"] if one["address"] == email]
    (of_phone,) = [one for one in answer["phones"] if one["number"] == phone]
    return of_email, of_phone["reason"], of_phone["usable_now"].get("blocked_by")


def test_what_is_reported_holds_in_every_worker_and_after_a_kill(start: Any, key: Any, queries: Any) -> None:
    server = start()
    connections = [server.connect(key.secret) for _ in range(12)]
    record, answer = matched(connections[0], queries)
    email, phone = answer["emails"][0]["address"], answer["phones"][0]["number"]
    at = datetime.now(UTC).isoformat()
    events = [
        {"id": "m-1", "type": "bounced", "at": at, "email": email, "code": "5.1.1"},
        {"id": "c-1", "type": "opt_out", "at": at, "phone": phone},
    ]
    taken = connections[0].post("/v1/events", {"events": events})
    told_at = time.monotonic()
    assert (200, {"accepted": 2, "duplicates": 0, "unusable": []}) == (taken.status, taken.body)
    expected = ("hard_bounced", "suppressed_opt_out", "opposition")
    time.sleep(max(0.0, told_at + 1.0 - time.monotonic()))  # the promise is a second, not less
    assert {expected} == {verdicts(connection, record, email, phone) for connection in connections}
    server.kill()
    server = start()
    connection = server.connect(key.secret)
    assert expected == verdicts(connection, record, email, phone)
    again = connection.post("/v1/events", {"events": events}).body
    assert (0, 2) == (again["accepted"], again["duplicates"])


def test_a_pending_verdict_is_there_after_a_kill_and_becomes_final(start: Any, key: Any, in_store: Any) -> None:
    server = start()
    connection = server.connect(key.secret)
    body = {"emails": ["ana@nobody-lives-here.example"], "depth": "dns", "wait_ms": 0}
    answer = connection.post("/v1/emails/verify", body).body
    assert [True] == [one.get("pending") for one in answer["results"]]
    server.kill()
    server = start()
    connection = server.connect(key.secret)
    where = f"/v1/verifications/{answer['verification']}"
    assert "ana@nobody-lives-here.example" == connection.get(where).body["results"][0]["address"]

    async def learn(store: Any) -> None:
        """As if another process had found out, and the time had come to look again."""
        async with store.session() as session:
            facts = b'{"domain": "nobody-lives-here.example", "route": "not_found"}'
            await session.execute(
                "INSERT INTO domain_evidence (domain, claimed_at, facts, expires_at)"
                " VALUES ('nobody-lives-here.example', now(), $1, now() + interval '1 hour')"
                " ON CONFLICT (domain) DO UPDATE SET facts = excluded.facts, expires_at = excluded.expires_at",
                facts,
            )
            await session.execute("UPDATE recheck SET due_at = now() WHERE verification = $1", answer["verification"])

    in_store(learn)
    until = time.monotonic() + 60
    while not (found := connection.get(where).body)["final"]:
        assert time.monotonic() < until, "the recheck was never made"
        time.sleep(0.1)
    assert [("undeliverable", "domain_not_found")] == [(one["status"], one["reason"]) for one in found["results"]]
