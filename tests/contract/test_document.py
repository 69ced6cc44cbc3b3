"""The OpenAPI document says what the application does: checked from the document, with random and hostile requests."""

from typing import Any

import hypothesis
import jsonschema
import pytest
import schemathesis
from hypothesis import HealthCheck
from schemathesis.generation.modes import GenerationMode
from schemathesis.python.asgi import get_client
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from api.errors import KINDS
from api.openapi import described_routes, document

KEY = "bur_live_test"
OPERATIONS = [
    "POST /v1/enrich", "POST /v1/match", "POST /v1/enrich/batch", "POST /v1/emails/verify", "POST /v1/phones/verify",
    "GET /v1/verifications/{verification}", "POST /v1/events", "POST /v1/suppressions",
    "GET /v1/population", "GET /livez", "GET /readyz", "GET /metrics", "GET /schema", "GET /schema/openapi.json",
]  # fmt: skip


BOUNDED = hypothesis.settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(HealthCheck),
)

REPLACED = [positive_data_acceptance, negative_data_rejection]
"""By the last lines of the test: a batch answers 200 with problems inside, some refusals no schema can express, and a
header that schemathesis spoils may be the key, which the test puts right again."""


def _body_schema(app: Any, path: str) -> jsonschema.Draft202012Validator:
    found = document(app, "1.0")
    bodies = [body for where, _, _, described in described_routes(app) if where == path and (body := described.body)]
    schema = {"$ref": f"#/components/schemas/{bodies[0].__name__}"} if bodies else {}
    return jsonschema.Draft202012Validator(schema | {"components": found["components"]})


def _beyond_schemas(problem: Any) -> bool:
    """An id that names nothing; a key that came with another request before; a NUL, which PostgreSQL cannot keep; 1.0
    where we want 1."""
    told = [fault["detail"] for fault in problem.get("errors", ())]
    return problem["code"] in ("not_found", "idempotency_key_reused") or (
        bool(told) and all("U+0000" in one or one.endswith("got float.") for one in told)
    )


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_as_documented(app: Any, operation: str, mode: GenerationMode) -> None:
    """Not through schemathesis's own pytest plugin, which pytest 9 has outgrown."""
    method, path = operation.split()
    documented = schemathesis.openapi.from_asgi("/schema/openapi.json", app)[path][method]
    if mode is GenerationMode.NEGATIVE and not documented.body:
        pytest.skip("takes nothing that could be wrong")

    wanted = _body_schema(app, path)

    @hypothesis.settings(BOUNDED)
    @hypothesis.given(case=documented.as_strategy(generation_mode=mode))
    def answer(case: Any) -> None:
        reply = case.call_and_validate(headers={"Authorization": f"Bearer {KEY}"}, excluded_checks=REPLACED)
        if mode is GenerationMode.POSITIVE:
            assert reply.status_code == 200 or _beyond_schemas(reply.json())
        elif path != "/v1/enrich/batch" and not wanted.is_valid(case.body):
            assert 400 <= reply.status_code < 500

    answer()


def test_every_operation_has_an_id_and_every_reference_a_target(app: Any) -> None:
    found = document(app, "1.0")
    operations = [operation for methods in found["paths"].values() for operation in methods.values()]
    identifiers = [operation["operationId"] for operation in operations]
    assert len(set(identifiers)) == len(identifiers) == len(list(described_routes(app)))
    assert all(identifiers)
    for reference in _references(found):
        target = found
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [reference for member in value.values() for reference in _references(member)]
    return [reference for item in value for reference in _references(item)] if isinstance(value, list) else []


def test_what_is_read_can_be_asked_for_without_its_body(app: Any) -> None:
    with get_client(app) as client:
        for path in ("/livez", "/readyz", "/metrics", "/schema", "/schema/openapi.json", "/v1/population"):
            headers = {"Authorization": f"Bearer {KEY}"}
            asked = client.get(path, headers=headers), client.head(path, headers=headers)
            assert [200, 200] == [reply.status_code for reply in asked]
            assert asked[0].headers["content-type"] == asked[1].headers["content-type"]


def test_every_schema_is_one_and_refuses_what_we_refuse(app: Any) -> None:
    schemas = document(app, "1.0")["components"]["schemas"]
    for one in schemas.values():
        jsonschema.Draft202012Validator.check_schema(one)
    for name in (
        "EnrichRequest",
        "BatchRequest",
        "Record",
        "Options",
        "Address",
        "EmailsToVerify",
        "PhonesToVerify",
        "ReportedEvent",
        "Suppression",
    ):
        assert schemas[name]["additionalProperties"] is False


def test_every_example_is_valid(app: Any) -> None:
    found = document(app, "1.0")
    examples = 0
    for _, _, _, described in described_routes(app):
        for example in described.examples.values():
            wanted = {"$ref": f"#/components/schemas/{described.body.__name__}", "components": found["components"]}
            jsonschema.Draft202012Validator(wanted).validate(example)
            examples += 1
    assert 6 <= examples


def test_every_problem_is_documented(app: Any) -> None:
    assert set(KINDS) == set(document(app, "1.0")["x-problems"])
