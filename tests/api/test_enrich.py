"""``/v1/enrich``, ``/v1/match`` and the batch: what leaves, what is recorded, and that the one waits for the other."""

import json
from typing import Any

import pytest

from bureau.access.usage import Receipt


async def test_an_answer_leaves_with_its_usage_row(worker: Any) -> None:
    reply = await worker.enrich(record={"name": "Ana", "reference": "c-1"}, purpose="collection")
    answer = reply.json()
    assert 200 == reply.status_code
    assert ("matched", "c-1", 1) == (answer["status"], answer["reference"], answer["charge"]["units"])
    (row,) = worker.ledger.rows
    assert reply.headers["x-request-id"] == row.request_id
    assert ("key_1", "acme", "enrich", "collection") == (row.key_id, row.client, row.operation, row.purpose)
    assert ("matched", 1, "pop_1", "per_x") == (row.status, row.units, row.population, row.entity_id)
    assert ("name", "emails") == row.fields


async def test_a_match_brings_no_contacts(worker: Any) -> None:
    reply = await worker.client.post("/v1/match", json={"record": {"name": "Ana"}})
    assert "emails" not in reply.json()
    assert ["match"] == [row.operation for row in worker.ledger.rows]


async def test_the_key_lends_its_purpose(worker: Any) -> None:
    await worker.enrich(record={"name": "Ana"})
    assert ["billing"] == [row.purpose for row in worker.ledger.rows]
    assert "billing" == worker.answering.asked[0].purpose


@pytest.mark.parametrize("path", ["/v1/enrich", "/v1/match", "/v1/enrich/batch"])
async def test_without_any_purpose_nothing_leaves(worker: Any, path: str) -> None:
    body = {"records": [{}]} if path.endswith("batch") else {"record": {}}
    headers = {"Authorization": "Bearer bur_live_bare"}
    reply = await worker.client.post(path, json=body, headers=headers)
    assert (422, "purpose_missing") == (reply.status_code, reply.json()["code"])
    assert ["/purpose"] == [fault["pointer"] for fault in reply.json()["errors"]]
    assert [] == worker.ledger.rows


@pytest.mark.parametrize(
    ("receipt", "status"),
    [(Receipt.OVERLOADED, 503), (Receipt.UNAVAILABLE, 503), (Receipt.SUPERSEDED, 409), (Receipt.REFUSED, 500)],
)
async def test_what_is_not_recorded_does_not_leave(worker: Any, receipt: Receipt, status: int) -> None:
    worker.ledger.receipt = receipt
    reply = await worker.enrich(record={"name": "Ana"})
    assert status == reply.status_code
    assert "ana@exemplo.com.br" not in reply.text


async def test_one_bad_record_fails_alone(worker: Any) -> None:
    records = [
        '{"name": "Ana", "reference": "first"}',
        '{"nmae": "x"}',
        '{"tax_id": "%s"}' % ("1" * 40),
        '{"name": "\\ud800 and more"}',
        '{"name": "a", "name": "b"}',
        '{"name": "a\\u0000"}',
        "7",
        '{"name": "\xff"}',
        '{"name": "\\ud83d\\ude00 \\\\ud800"}',
        '{"name": "Nobody", "reference": "last"}',
    ]
    body = ('{"records": [' + ",".join(records) + "]}").encode("latin-1")
    headers = {"Content-Type": "application/json"}
    reply = await worker.client.post("/v1/enrich/batch", content=body, headers=headers)
    assert 200 == reply.status_code
    results = reply.json()["results"]
    assert ["first", "last"] == [results[0]["reference"], results[-1]["reference"]]
    found = [
        [(fault["pointer"], fault["code"]) for fault in result["errors"]] if "errors" in result else result["code"]
        for result in results[1:-2]
    ]
    expected = [
        [("/records/1/nmae", "unknown_field")],
        [("/records/2/tax_id", "bad_tax_id")],
        [("/records/3/name", "lone_surrogate")],
        [("/records/4/name", "duplicate_member")],
        [("/records/5/name", "nul_character")],
        [("/records/6", "wrong_type_or_range")],
        "malformed_json",
    ]
    assert expected == found
    assert "\U0001f600 \\ud800" == worker.answering.asked[-2].record.name
    assert {reply.headers["x-request-id"]} == {result["request_id"] for result in results[1:-2]}
    assert ["matched", "matched", "not_found"] == [row.status for row in worker.ledger.rows]


async def test_our_fault_with_one_record_is_its_own(worker: Any) -> None:
    body = {"records": [{"name": "Explode", "mother_name": "Severina"}, {"name": "Ana"}]}
    reply = await worker.client.post("/v1/enrich/batch", json=body)
    ours, theirs = reply.json()["results"]
    assert ("internal", "matched") == (ours["code"], theirs["status"])
    assert "Severina" not in reply.text


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"records": []}, "/records"),
        ({"records": [{}] * 1001}, "/records"),
        ({"records": {}}, "/records"),
        ({}, "/records"),
        ({"records": [{}], "more": 1}, "/more"),
    ],
)
async def test_a_bad_envelope_fails_the_batch(worker: Any, body: Any, pointer: str) -> None:
    reply = await worker.client.post("/v1/enrich/batch", json=body)
    assert 400 == reply.status_code
    assert [pointer] == [fault["pointer"] for fault in reply.json()["errors"]]


async def test_the_largest_batch_is_answered_in_order(worker: Any) -> None:
    records = [{"reference": str(number)} for number in range(1000)]
    reply = await worker.client.post("/v1/enrich/batch", json={"records": records})
    assert [str(number) for number in range(1000)] == [result["reference"] for result in reply.json()["results"]]
    assert 1000 == len(worker.ledger.rows)
    assert 1000 == len({row.id for row in worker.ledger.rows})


class TestIdempotency:
    HEADERS = {"Idempotency-Key": "order-1"}  # noqa: RUF012 - a constant

    async def test_the_second_time_costs_nothing_and_says_the_same(self, worker: Any) -> None:
        body = {"record": {"name": "Ana"}}
        first = await worker.client.post("/v1/enrich", json=body, headers=self.HEADERS)
        again = await worker.client.post("/v1/enrich", json=body, headers=self.HEADERS)
        assert first.content == again.content
        assert ("true", None) == (again.headers["idempotency-replayed"], first.headers.get("idempotency-replayed"))
        assert 1 == len(worker.ledger.rows) == len(worker.answering.asked)

    async def test_quoted_and_bare_are_one_key(self, worker: Any) -> None:
        body = {"record": {"name": "Ana"}}
        await worker.client.post("/v1/enrich", json=body, headers=self.HEADERS)
        again = await worker.client.post("/v1/enrich", json=body, headers={"Idempotency-Key": '"order-1"'})
        assert "true" == again.headers["idempotency-replayed"]

    async def test_two_keys_at_once_are_refused(self, worker: Any) -> None:
        headers = [("Idempotency-Key", "order-1"), ("Idempotency-Key", "order-2")]
        reply = await worker.client.post("/v1/enrich", json={"record": {"name": "Ana"}}, headers=headers)
        assert (400, "invalid_idempotency_key") == (reply.status_code, reply.json()["code"])
        assert [] == worker.ledger.rows

    async def test_another_body_or_endpoint_is_refused(self, worker: Any) -> None:
        await worker.client.post("/v1/enrich", json={"record": {"name": "Ana"}}, headers=self.HEADERS)
        other = await worker.client.post("/v1/enrich", json={"record": {"name": "Eva"}}, headers=self.HEADERS)
        elsewhere = await worker.client.post("/v1/match", json={"record": {"name": "Ana"}}, headers=self.HEADERS)
        assert ["idempotency_key_reused"] * 2 == [other.json()["code"], elsewhere.json()["code"]]

    async def test_a_failed_request_gives_the_key_back(self, worker: Any) -> None:
        bad = await worker.client.post("/v1/enrich", json={"record": {"name": "Explode"}}, headers=self.HEADERS)
        good = await worker.client.post("/v1/enrich", json={"record": {"name": "Ana"}}, headers=self.HEADERS)
        assert (500, 200) == (bad.status_code, good.status_code)

    async def test_an_overloaded_ledger_gives_the_key_back(self, worker: Any) -> None:
        worker.ledger.receipt = Receipt.OVERLOADED
        await worker.client.post("/v1/enrich", json={"record": {"name": "Ana"}}, headers=self.HEADERS)
        assert {} == worker.idempotency.running

    async def test_an_unconfirmed_row_keeps_the_key(self, worker: Any) -> None:
        """It may have been charged after all: only the stored answer may be told then."""
        worker.ledger.receipt = Receipt.UNAVAILABLE
        await worker.client.post("/v1/enrich", json={"record": {"name": "Ana"}}, headers=self.HEADERS)
        again = await worker.client.post("/v1/enrich", json={"record": {"name": "Ana"}}, headers=self.HEADERS)
        assert (409, "request_in_progress") == (again.status_code, again.json()["code"])

    @pytest.mark.parametrize("key", ["", "x" * 256, "á"])
    async def test_unusable_keys(self, worker: Any, key: str) -> None:
        headers = {"Idempotency-Key": key.encode()}
        reply = await worker.client.post("/v1/enrich", json={"record": {}}, headers=headers)
        assert (400, "invalid_idempotency_key") == (reply.status_code, reply.json()["code"])


async def test_answers_are_compressed_when_asked(worker: Any) -> None:
    records = [{"reference": str(number)} for number in range(20)]
    body = {"records": records}
    plain = await worker.client.post("/v1/enrich/batch", json=body, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    for accepted, coding in [
        ("gzip", "gzip"),
        ("gzip;q=0, zstd", "zstd"),
        ("zstd;q=0.1, gzip;q=0.5", "gzip"),
        ("*", "zstd"),
    ]:
        reply = await worker.client.post("/v1/enrich/batch", json=body, headers={"Accept-Encoding": accepted})
        assert coding == reply.headers["content-encoding"]
        assert "accept-encoding" == reply.headers["vary"]
        assert 20 == len(reply.json()["results"])
        assert int(reply.headers["content-length"]) < len(plain.content)


async def test_no_answer_carries_a_tax_id(worker: Any) -> None:
    reply = await worker.enrich(record={"name": "Ana", "tax_id": "529.982.247-25"})
    assert "52998224725" not in json.dumps(reply.json()).replace(".", "").replace("-", "")
