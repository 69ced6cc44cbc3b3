"""Verdicts over HTTP: what is pending can be fetched later, what was reported counts, and phones know the hour."""

from datetime import date
from typing import Any

import pytest

from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.syntax import Address
from bureau.deliverability.email.verdict import Mailbox
from bureau.deliverability.phone.reasons import Reason as PhoneReason
from bureau.deliverability.phone.verdict import LiveAnswer


class OptedOut:
    is_empty = False

    def email(self, _address: Address) -> Mailbox | None:
        return Mailbox(Reason.SUPPRESSED_OPT_OUT)

    def phone(self, _number: int, _entity: Any) -> LiveAnswer | None:
        return LiveAnswer(PhoneReason.SUPPRESSED_OPT_OUT, date(2026, 11, 1))


async def test_what_is_late_can_be_fetched_by_its_client_and_nobody_else(worker: Any) -> None:
    body = {"emails": ["ana@example.com", "no"], "depth": "dns", "wait_ms": 0}
    answer = (await worker.client.post("/v1/emails/verify", json=body)).json()
    assert [True, False] == [one.get("pending", False) for one in answer["results"]]
    where = f"/v1/verifications/{answer['verification']}"
    found = (await worker.client.get(where)).json()
    assert (answer["verification"], False) == (found["id"], found["final"])
    assert ["ana@example.com"] == [one["address"] for one in found["results"]]
    other = await worker.client.get(where, headers={"Authorization": "Bearer bur_live_bare"})
    assert (404, "not_found") == (other.status_code, other.json()["code"])


async def test_nothing_is_booked_for_what_is_final(worker: Any) -> None:
    answer = (await worker.client.post("/v1/emails/verify", json={"emails": ["ana@example.com"]})).json()
    assert "verification" not in answer
    assert {} == worker.overlay.booked


async def test_an_enriched_records_late_verdicts_are_fetched_by_its_id(worker: Any) -> None:
    answer = (await worker.enrich(record={"name": "Ana"}, options={"depth": "dns", "wait_ms": 0})).json()
    assert answer["emails"][0]["pending"]
    assert answer["emails"][0]["recheck_at"]
    found = (await worker.client.get(f"/v1/verifications/{answer['id']}")).json()
    assert ["ana@exemplo.com.br"] == [one["address"] for one in found["results"]]


async def test_an_opt_out_holds_in_every_answer(worker: Any) -> None:
    worker.overlay.on_record = OptedOut()
    emails = (await worker.client.post("/v1/emails/verify", json={"emails": ["ana@example.com"]})).json()
    phones = (await worker.client.post("/v1/phones/verify", json={"phones": ["11 98765-4321"]})).json()
    enriched = (await worker.enrich(record={"name": "Ana"})).json()
    for verdict in (emails["results"][0], phones["results"][0], enriched["emails"][0]):
        assert ("suppressed_opt_out", "do_not_send") == (verdict["reason"], verdict["action"])
    assert {"blocked_by": "opposition"} == phones["results"][0]["usable_now"]


@pytest.mark.parametrize(("phone", "blocked_by"), [("0800 123 4567", "invalid"), ("11 98765-4321", None)])
async def test_phones_say_whether_they_may_be_used_now(worker: Any, phone: str, blocked_by: str | None) -> None:
    answer = (await worker.client.post("/v1/phones/verify", json={"phones": [phone], "state": "SP"})).json()
    now = answer["results"][0]["usable_now"]
    if blocked_by:
        assert {"blocked_by": blocked_by} == now
    else:
        assert ("until" in now) == (now.get("channel") == "voice")
        assert ("opens_at" in now) == ("channel" not in now)
