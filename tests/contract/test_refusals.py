"""Whatever is wrong with a request, on whatever route: a problem document of the table, and never a fault of ours."""

import gzip
import re
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
from schemathesis.python.asgi import get_client

from api.errors import KINDS
from api.openapi import described_routes, document

KEY = {"Authorization": "Bearer bur_live_test"}
JSON = {"Content-Type": "application/json"}
HOSTILE = [
    "\x00", "a\x00b", "job_1\n", "'; DROP TABLE job; --", "x" * 5_000, "ação", "🙂", "%", "..", "../../etc/passwd",
    "%s%n", "null", "-1", "1e999", "\u202e", "\ufeff", "{}", "=1+1",
]  # fmt: skip


@pytest.fixture(scope="module")
def client(app_with_store: Any) -> Any:
    with get_client(app_with_store) as client:
        yield client


@pytest.fixture(scope="module")
def problem(app_with_store: Any) -> Any:
    """Checks that a reply is a problem, and that its route's documentation knows it; returns its status and code."""
    found = document(app_with_store, "1.0")
    schema = jsonschema.Draft202012Validator(
        {"$ref": "#/components/schemas/Problem", "components": found["components"]},
        format_checker=jsonschema.FormatChecker(),
    )

    def checked(reply: Any) -> tuple[int, str]:
        assert "application/problem+json" == reply.headers["content-type"]
        body = reply.json()
        schema.validate(body)
        assert reply.status_code == body["status"] == KINDS[body["code"]].status
        assert reply.headers["x-request-id"] == body["request_id"]
        return reply.status_code, body["code"]

    return checked


def routes(app: Any) -> list[tuple[str, str, Any]]:
    """Method, path and description of each; ids that name nothing are in place of the parameters."""
    found = []
    for path, method, _, described in described_routes(app):
        found.append((method, re.sub(r"\{\w+\}", "x_1", path), described))
    return found


def test_without_a_key_nothing_is_told(app_with_store: Any, client: Any, problem: Any) -> None:
    for method, path, _ in routes(app_with_store):
        if path.startswith("/v1/"):
            for headers in (
                {},
                {"Authorization": "Bearer"},
                {"Authorization": "Basic eDp5"},
                {"Authorization": "\xff"},
            ):
                reply = client.request(method, path, headers=headers)
                assert (401, "access_denied") == problem(reply)
                assert reply.headers["www-authenticate"]


def test_other_methods_are_named(app_with_store: Any, client: Any, problem: Any) -> None:
    methods: dict[str, set[str]] = {}
    for method, path, _ in routes(app_with_store):
        methods.setdefault(path, set()).add(method)
    for path, allowed in methods.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - allowed:
            reply = client.request(method, path, headers=KEY)
            assert (405, "method_not_allowed") == problem(reply)
            assert allowed <= {one.strip() for one in reply.headers["allow"].split(",")}


@pytest.mark.parametrize(
    ("headers", "body", "wanted"),
    [
        ({"Content-Type": "text/plain"}, b"{}", (415, "unsupported_media_type")),
        ({"Content-Type": "application/json; charset=latin-1"}, b"{}", (415, "unsupported_media_type")),
        ({}, b"{}", (415, "unsupported_media_type")),
        ({**JSON, "Content-Encoding": "br"}, b"{}", (415, "unsupported_media_type")),
        ({**JSON, "Content-Encoding": "gzip"}, b"{}", (400, "malformed_encoding")),
        ({**JSON, "Content-Encoding": "gzip"}, gzip.compress(b" " * 5_000_000), (413, "body_too_large")),
        (JSON, b" " * 5_000_000, (413, "body_too_large")),
        (JSON, b"{", (400, "malformed_json")),
        (JSON, b"", (400, "malformed_json")),
        (JSON, b"null", (400, "invalid_body")),
        (JSON, b'{"\\ud800": 1}', (400, None)),
    ],
)
def test_bodies_that_cannot_be(
    app_with_store: Any, client: Any, problem: Any, headers: dict[str, str], body: bytes, wanted: tuple[int, str]
) -> None:
    for method, path, described in routes(app_with_store):
        if described.body and "x_1" not in path:
            status, code = problem(client.request(method, path, data=body, headers=KEY | headers))
            assert wanted in ((status, code), (status, None))


def test_ids_that_name_nothing(app_with_store: Any, client: Any, problem: Any) -> None:
    for method, path, described in routes(app_with_store):
        if "x_1" in path:
            for hostile in ["x_1", *HOSTILE]:
                headers = {**KEY, **(JSON if described.body else {})}
                wanted = path.replace("x_1", quote(hostile, safe=""))
                reply = client.request(method, wanted, headers=headers, data=b"{}" if described.body else None)
                no_tax_id = (400, "invalid_parameter") if "/subjects/" in path else None  # which is no id of ours
                expected = ((404, "not_found"), (405, "method_not_allowed"), no_tax_id)
                assert problem(reply) in expected, (method, path, hostile)


def test_parameters_that_cannot_be(app_with_store: Any, client: Any) -> None:
    """Used or refused, each by itself; never a fault of ours."""
    for method, path, described in routes(app_with_store):
        for parameter in described.parameters:
            if parameter["in"] == "query":
                for hostile in HOSTILE:
                    said = {parameter["name"]: hostile}
                    reply = client.request(method, path, params=said, headers=KEY, data=b"nome\nANA\n")
                    assert reply.status_code < 500, (method, path, said, reply.text)


def test_idempotency_keys_that_cannot_be(app_with_store: Any, client: Any, problem: Any) -> None:
    for method, path, described in routes(app_with_store):
        if described.charged:
            for key in ("", "x" * 256, "\xe7"):
                headers = {**KEY, **(JSON if described.body else {}), "Idempotency-Key": key}
                reply = client.request(method, path, headers=headers, data=b"{}" if described.body else b"nome\nANA\n")
                assert (400, "invalid_idempotency_key") == problem(reply), (path, key)
