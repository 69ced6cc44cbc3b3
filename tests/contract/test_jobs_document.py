"""What is kept in the database, checked from the document: files as jobs, webhooks, usage, what providers post."""

import asyncio
import copy
import json
from collections.abc import Callable
from typing import Any

import hypothesis
import jsonschema
import pyarrow as pa
import pytest
import schemathesis
from hypothesis import HealthCheck
from hypothesis import strategies as st
from schemathesis.generation.modes import GenerationMode
from schemathesis.python.asgi import get_client
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from api.openapi import described_routes, document
from bureau.enrich.columns import FLAT
from bureau.enrich.results import Answers
from bureau.ids import ClientId
from bureau.jobs.worker import Worker
from bureau.overlay.event_sources import Provider, create_source
from bureau.settings import Settings
from bureau.store import Store

KEY = {"Authorization": "Bearer bur_live_test"}
FILE = b"nome;conta\nANA;1\nBIA;2\n"
OF_JOBS = [
    "POST /v1/jobs", "GET /v1/jobs", "GET /v1/jobs/{job}", "GET /v1/jobs/{job}/events", "GET /v1/jobs/{job}/preview",
    "POST /v1/jobs/{job}/start", "POST /v1/jobs/{job}/pause", "POST /v1/jobs/{job}/resume",
    "POST /v1/jobs/{job}/cancel", "DELETE /v1/jobs/{job}", "GET /v1/jobs/{job}/results",
    "GET /v1/jobs/{job}/refusals", "GET /v1/jobs/{job}/report",
]  # fmt: skip
OTHERS = [
    "POST /v1/webhooks", "GET /v1/webhooks", "DELETE /v1/webhooks/{webhook}", "POST /v1/webhooks/{webhook}/rotate",
    "GET /v1/webhooks/{webhook}/deliveries", "POST /v1/webhooks/{webhook}/deliveries/{delivery}/replay",
    "GET /v1/usage", "GET /v1/subjects/{tax_id}", "POST /hooks/ses/{token}", "POST /hooks/sendgrid/{token}",
]  # fmt: skip
BOUNDED = hypothesis.settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[hypothesis.Phase.generate],
    suppress_health_check=list(HealthCheck),
)
JUDGED_BY_STATE = [positive_data_acceptance, negative_data_rejection]
"""What is accepted depends on the state of a job, which no schema tells."""


def nobody(*given: Any) -> Answers:
    """In place of ``answer_table``: everybody is a miss."""
    row = {"bureau_status": "not_found", "bureau_charge": 0}
    return Answers(pa.Table.from_pylist([row] * given[4].num_rows, FLAT), [])


@pytest.fixture
def named(app_with_store: Any, jobs_settings: Settings) -> dict[str, list[str]]:
    """Ids that name something: by path parameter, things in every state that a request can find."""
    with get_client(app_with_store) as client:

        def job(content: bytes = FILE, **said: str) -> str:
            return str(client.post("/v1/jobs", data=content, params=said, headers=KEY).json()["id"])

        jobs = [job(), job(b"\x00\x01\x02" * 50), job(dry_run="true"), job(format="xlsx")]
        asyncio.run(_work(jobs_settings))
        purged = job()
        client.delete(f"/v1/jobs/{purged}", headers=KEY)
        webhooks = [client.post("/v1/webhooks", json={"url": "https://example.com/"}, headers=KEY).json().get("id", "")]
        return {"job": [*jobs, purged, job(), job(hold="true")], "webhook": webhooks, "ended": [*jobs, purged]}


async def _work(settings: Settings) -> None:
    async with await Store.open(settings) as store:
        await Worker(store, settings, "wrk_1", nobody).run(asyncio.Event(), until_idle=True)


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("operation", [*OF_JOBS, *OTHERS])
def test_every_answer_is_as_documented(
    app_with_store: Any, named: dict[str, list[str]], operation: str, mode: GenerationMode
) -> None:
    method, path = operation.split()
    documented = schemathesis.openapi.from_asgi("/schema/openapi.json", app_with_store)[path][method]
    if path.endswith("/events"):  # the stream of any other would go on
        named["job"] = named["ended"]

    @hypothesis.settings(BOUNDED)
    @hypothesis.given(case=documented.as_strategy(generation_mode=mode), data=st.data())
    def answer(case: Any, data: st.DataObject) -> None:
        for name in set(case.path_parameters) & set(named):
            if data.draw(st.integers(0, 4)):
                case.path_parameters[name] = data.draw(st.sampled_from(named[name]))
        reply = case.call_and_validate(headers=KEY, excluded_checks=JUDGED_BY_STATE)
        assert reply.status_code < 500

    answer()


def test_every_route_is_fuzzed(app: Any) -> None:
    from pathlib import Path

    here = {*OF_JOBS, *OTHERS}
    others = (Path(__file__).parent / "test_document.py").read_text()
    for path, method, _, _ in described_routes(app):
        assert f"{method} {path}" in here or f'"{method} {path}"' in others


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=20)
    | st.sampled_from(["ana@example.com", "2026-11-20T12:00:05.000Z", "0000-00-00", "\x00", "550 5.1.1", "9" * 400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
SES = {
    "notificationType": "Bounce",
    "mail": {"messageId": "m-1", "timestamp": "2026-11-20T12:00:00.000Z", "destination": ["ana@example.com"]},
    "bounce": {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "timestamp": "2026-11-20T12:00:05.000Z",
        "feedbackId": "f-1",
        "bouncedRecipients": [{"emailAddress": "ana@example.com", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}],
    },
}
SENDGRID = [
    {"email": "ana@example.com", "timestamp": 1_795_000_000, "sg_event_id": "e-1", "event": "bounce",
     "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 unknown"},
]  # fmt: skip


def spoilt(data: st.DataObject, value: Any) -> Any:
    """``value`` with one of its parts exchanged for something else."""
    value = copy.deepcopy(value)
    holder, place = None, None
    inner = value
    while isinstance(inner, dict | list) and inner and (holder is None or data.draw(st.integers(0, 3))):
        holder, place = (
            inner,
            data.draw(st.sampled_from(list(inner) if isinstance(inner, dict) else [*range(len(inner))])),
        )
        inner = holder[place]
    assert holder is not None
    holder[place] = data.draw(VALUES)
    return value


def in_an_envelope(message: Any) -> Any:
    return {"Type": "Notification", "MessageId": "sns-1", "TopicArn": "arn:x", "Message": json.dumps(message)}


@pytest.mark.parametrize(
    ("provider", "original"),
    [
        (Provider.SES, lambda data: in_an_envelope(spoilt(data, SES))),
        (Provider.SES, lambda data: spoilt(data, in_an_envelope(SES))),
        (Provider.SENDGRID, lambda data: spoilt(data, SENDGRID)),
        (Provider.SENDGRID, lambda data: data.draw(VALUES)),
        (Provider.SES, lambda data: data.draw(VALUES)),
    ],
)
def test_what_providers_post_is_taken_or_refused(
    app_with_store: Any, jobs_settings: Settings, provider: Provider, original: Callable[[st.DataObject], Any]
) -> None:
    async def made() -> str:
        async with await Store.open(jobs_settings) as store:
            return (await create_source(store, ClientId("acme"), provider)).path

    path = asyncio.run(made())
    problem = jsonschema.Draft202012Validator(
        document(app_with_store, "1.0")["components"]["schemas"]["Problem"]
        | {"components": document(app_with_store, "1.0")["components"]}
    )

    with get_client(app_with_store) as client:

        @hypothesis.settings(BOUNDED, max_examples=60)
        @hypothesis.given(data=st.data())
        def answer(data: st.DataObject) -> None:
            reply = client.post(path, data=json.dumps(original(data)).encode())
            assert reply.status_code in (200, 400)
            if reply.status_code == 400:
                assert "application/problem+json" == reply.headers["content-type"]
                problem.validate(reply.json())

        answer()
