"""Whatever is sent, the answer is a precise problem document, never a 500, and never quotes what was sent."""

import gzip
import json
import zlib
from collections.abc import Sequence
from typing import Any

import pytest
import zstandard

from api.errors import KINDS
from api.replies import LEFT_BYTES
from bureau.obs.logs import JsonLines

JSON = {"Content-Type": "application/json"}


async def problem_of(worker: Any, body: bytes, **headers: str) -> dict[str, Any]:
    reply = await worker.client.post("/v1/enrich", content=body, headers=JSON | headers)
    assert "application/problem+json" == reply.headers["content-type"]
    problem = reply.json()
    assert reply.status_code == problem["status"] == KINDS[problem["code"]].status
    assert reply.headers["x-request-id"] == problem["request_id"]
    assert {"type", "title", "status", "detail", "code", "request_id"} <= problem.keys()
    return problem


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b"", "malformed_json", "empty"),
        (b"{", "malformed_json", "truncated"),
        (b'{"record": {}}{', "malformed_json", "malformed"),
        (b"\xff\xfe", "malformed_json", "malformed"),
        (b'{"record": {"name": "\xff"}}', "malformed_json", "UTF-8"),
        (b'{"record": {"name": "a\x00b"}}', "malformed_json", "malformed"),
        (b'{"record": {}, "options": {"min_probability": NaN}}', "malformed_json", "malformed"),
        (b'{"record": {}, "options": {"min_probability": Infinity}}', "malformed_json", "malformed"),
        (b"\xef\xbb\xbf{}", "malformed_json", "malformed"),
    ],
)
async def test_what_is_not_json_is_malformed(worker: Any, body: bytes, code: str, said: str) -> None:
    problem = await problem_of(worker, body)
    assert (400, code) == (problem["status"], problem["code"])
    assert said in problem["detail"]


@pytest.mark.parametrize(
    ("body", "faults"),
    [
        ("[]", [("", "wrong_type_or_range")]),
        ("{}", [("/record", "missing_field")]),
        ('{"record": {"nmae": "x"}}', [("/record/nmae", "unknown_field")]),
        ('{"record": {"a/b~c": "x"}}', [("/record/a~1b~0c", "unknown_field")]),
        ('{"record": {"name": 7, "emails": ["a", 8], "x": 1}}',
         [("/record/name", "wrong_type_or_range"), ("/record/emails/1", "wrong_type_or_range"),
          ("/record/x", "unknown_field")]),
        ('{"record": {"kind": "robot"}}', [("/record/kind", "not_allowed")]),
        ('{"record": {}, "purpose": "curiosity"}', [("/purpose", "not_allowed")]),
        ('{"record": {}, "options": {"require": ["fax"]}}', [("/options/require/0", "not_allowed")]),
        ('{"record": {}, "options": {"wait_ms": 1e400}}', None),
        ('{"record": {}, "options": {"wait_ms": %s}}' % ("9" * 5000), [("/options/wait_ms", "wrong_type_or_range")]),
        ('{"record": {}, "options": {"wait_ms": 99999999999999999999}}', [("/options/wait_ms", "wrong_type_or_range")]),
        ('{"record": {}, "options": {"min_probability": 0.1}}', [("/options/min_probability", "wrong_type_or_range")]),
        ('{"record": {"name": "%s"}}' % ("a\u0301" * 90_000), [("/record/name", "bad_length")]),
        ('{"record": {"address": {"city": 1}}}', [("/record/address/city", "wrong_type_or_range")]),
        (json.dumps({"record": {"emails": ["a@b.com"] * 21}}), [("/record/emails", "bad_length")]),
        ('{"record": {"name": "a", "name": "b"}}', [("/record/name", "duplicate_member")]),
        ('{"record": {}, "record": {}}', [("/record", "duplicate_member")]),
        ('{"record": {"phones": ["1", "a\\u0000"]}}', [("/record/phones/1", "nul_character")]),
        ('{"record": {"name": "\\ud800"}}', [("/record/name", "lone_surrogate")]),
        ('{"record": {"name": "ok", "emails": ["\\uDC00 and more"]}}', [("/record/emails/0", "lone_surrogate")]),
        ("[" * 100_000, None),
        ('{"record": {"name": %s}}' % ("[" * 50_000 + "]" * 50_000), [("/record/name", "wrong_type_or_range")]),
    ],
)  # fmt: skip
async def test_every_fault_has_its_pointer(worker: Any, body: str, faults: list[tuple[str, str]] | None) -> None:
    problem = await problem_of(worker, body.encode())
    assert 400 == problem["status"]
    if faults is not None:
        assert faults == [(fault["pointer"], fault["code"]) for fault in problem["errors"]]


async def test_no_message_quotes_a_value(worker: Any) -> None:
    told = "Severina Segredo"
    for member in ("kind", "sex", "emails", "address", "tax_id", "name"):
        body = json.dumps({"record": {member: {"told": told}, "birth_date": told}, "purpose": told})
        problem = await problem_of(worker, body.encode())
        assert told not in json.dumps(problem)


async def test_a_record_the_core_refuses_is_unprocessable(worker: Any) -> None:
    reply = await worker.enrich(record={"tax_id": "1" * 40})
    assert 422 == reply.status_code
    assert [{"pointer": "/record/tax_id", "code": "bad_tax_id", "detail": "A CPF has 11 digits."}] == reply.json()[
        "errors"
    ]
    assert [] == worker.ledger.rows


async def test_our_own_fault_says_nothing_of_it(worker: Any, caplog: pytest.LogCaptureFixture) -> None:
    reply = await worker.enrich(record={"name": "Explode", "mother_name": "Severina"})
    assert 500 == reply.status_code
    assert "Severina" not in reply.text
    logged = [JsonLines().format(record) for record in caplog.records if record.name in ("api", "answering")]
    assert not any("Severina" in line for line in logged)
    where, whose = map(json.loads, logged)
    assert ("ValueError", "_answered") == (where["error"], where["frames"][-1].split()[-1])
    assert reply.json()["request_id"] == whose["request_id"]


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/v1/nothing", 404, None),
        ("GET", "/", 404, None),
        ("GET", "/v1/enrich", 405, "POST"),
        ("DELETE", "/livez", 405, "GET"),
        ("POST", "/v1/usage", 405, "GET"),
    ],
)
async def test_routing_problems(worker: Any, method: str, path: str, status: int, allow: str | None) -> None:
    reply = await worker.client.request(method, path)
    assert status == reply.status_code == reply.json()["status"]
    assert "application/problem+json" == reply.headers["content-type"]
    if allow:
        assert allow in reply.headers["allow"].split(", ")


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "", "application/json; charset=latin-1"])
async def test_other_media_types_are_refused(worker: Any, media_type: str) -> None:
    reply = await worker.client.post("/v1/enrich", content=b'{"record": {}}', headers={"Content-Type": media_type})
    assert 415 == reply.status_code
    assert "application/json" == reply.headers["accept"]


@pytest.mark.parametrize(
    "repeated",
    [
        [("Content-Type", "text/plain"), ("Content-Type", "application/json")],
        [("Content-Type", "application/json"), ("Content-Encoding", "gzip"), ("Content-Encoding", "identity")],
    ],
)
async def test_a_header_that_is_repeated_is_not_half_read(worker: Any, repeated: list[tuple[str, str]]) -> None:
    reply = await worker.client.post("/v1/enrich", content=BODY, headers=repeated)
    assert (415, "unsupported_media_type") == (reply.status_code, reply.json()["code"])


async def test_utf_8_may_be_said(worker: Any) -> None:
    headers = {"Content-Type": 'Application/JSON; Charset="UTF-8"'}
    assert 200 == (await worker.client.post("/v1/enrich", content=b'{"record": {}}', headers=headers)).status_code


BODY = b'{"record": {"name": "Ana", "mother_name": "Maria"}}'
BOMB = b'{"record": {"name": "' + b"a" * 50_000_000 + b'"}}'


@pytest.mark.parametrize(
    ("coding", "body"),
    [("gzip", gzip.compress(BODY)), ("zstd", zstandard.compress(BODY)), ("identity", BODY)],
)
async def test_compressed_bodies_are_read(worker: Any, coding: str, body: bytes) -> None:
    reply = await worker.client.post("/v1/enrich", content=body, headers=JSON | {"Content-Encoding": coding})
    assert 200 == reply.status_code
    assert "Maria" == worker.answering.asked[0].record.mother_name


@pytest.mark.parametrize(
    ("coding", "body", "code"),
    [
        ("gzip", b"junk", "malformed_encoding"),
        ("gzip", gzip.compress(BODY)[:-4], "malformed_encoding"),
        ("gzip", gzip.compress(BODY) + b"more", "malformed_encoding"),
        ("gzip", zlib.compress(BODY), "malformed_encoding"),
        ("gzip", gzip.compress(BOMB, 9), "body_too_large"),
        ("zstd", b"junk", "malformed_encoding"),
        ("zstd", zstandard.compress(BODY)[:-2], "malformed_encoding"),
        ("zstd", zstandard.compress(BODY) + b"more", "malformed_encoding"),
        ("zstd", zstandard.compress(BOMB), "body_too_large"),
        ("br", BODY, "unsupported_media_type"),
        ("gzip, gzip", BODY, "unsupported_media_type"),
        ("identity", BODY + b" " * 300_000, "body_too_large"),
    ],
)
async def test_bodies_that_do_not_decompress(worker: Any, coding: str, body: bytes, code: str) -> None:
    problem = await problem_of(worker, body, **{"Content-Encoding": coding})
    assert code == problem["code"]


async def test_a_body_in_many_parts_is_bounded(worker: Any) -> None:
    async def parts() -> Any:
        while True:  # a sender that never ends
            yield b" " * 10_000

    reply = await worker.client.post("/v1/enrich", content=parts(), headers=JSON)
    assert 413 == reply.status_code


class TestUnreadBodies:
    """A connection that is closed over unread bytes is reset: the client may lose the reply, or its next request."""

    @staticmethod
    async def sent(app: Any, headers: dict[str, str], parts: Sequence[bytes]) -> tuple[list[int], int]:
        """The statuses replied to a request in parts, and how many of them were read before."""
        messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
        messages[-1]["more_body"] = False
        statuses, read = [], 0

        async def receive() -> Any:
            nonlocal read
            read += 1
            return messages[read - 1]  # and a fault of ours should more be asked for than there is

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.append(message["status"])

        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": "/v1/enrich", "raw_path": b"/v1/enrich", "query_string": b"", "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2), "state": {},
        }  # fmt: skip
        await app(scope, receive, send)
        return statuses, read

    @pytest.mark.parametrize(
        ("headers", "status"),
        [
            ({"Authorization": "Bearer unknown"} | JSON, 401),
            ({"Authorization": "Bearer bur_live_officer"} | JSON, 403),
            ({"Authorization": "Bearer bur_live_test", "Content-Type": "text/plain"}, 415),
            ({"Authorization": "Bearer bur_live_test", "Content-Length": "400001"} | JSON, 413),
            ({"Authorization": "Bearer bur_live_test"} | JSON, 413),
        ],
    )
    async def test_they_are_read_out_before_the_reply(self, worker: Any, headers: dict[str, str], status: int) -> None:
        parts = [b" " * 100_000] * 4
        assert ([status], 4) == await self.sent(worker.app, headers, parts)

    @pytest.mark.parametrize("header", [("Expect", "100-continue"), ("Content-Length", str(LEFT_BYTES + 1))])
    async def test_nor_is_waited_for_what_will_not_come(self, worker: Any, header: tuple[str, str]) -> None:
        headers = dict([header]) | {"Authorization": "Bearer unknown"} | JSON
        assert ([401], 0) == await self.sent(worker.app, headers, [b" "])

    async def test_not_without_end(self, worker: Any) -> None:
        parts = [b" " * (LEFT_BYTES // 4)] * 9
        assert ([401], 4) == await self.sent(worker.app, {"Authorization": "Bearer unknown"} | JSON, parts)
