"""Documentation, metrics and usage: what operators and developers look at."""

import datetime as dt
import re
from typing import Any

import msgspec
import pytest

from api.observation import FAMILIES
from bureau.access.usage import UsageLedger, UsageRow
from bureau.ids import ClientId, KeyId, RequestId
from bureau.store import Store


async def test_the_documentation_needs_nothing_from_elsewhere(worker: Any) -> None:
    reply = await worker.client.get("/schema")
    assert 200 == reply.status_code
    assert "text/html; charset=utf-8" == reply.headers["content-type"]
    assert [] == re.findall(r"(?:https?:)?//[a-z]", reply.text.replace("// Everything", ""))
    assert "default-src 'none'" in reply.headers["content-security-policy"]


async def test_the_document_names_every_route(worker: Any) -> None:
    document = (await worker.client.get("/schema/openapi.json")).json()
    assert "3.1.0" == document["openapi"]
    paths = {route.path_format for route in worker.app.routes}
    assert paths == set(document["paths"])


async def test_there_is_no_echo_unless_a_benchmark_wants_it(worker: Any) -> None:
    assert 404 == (await worker.client.post("/echo", json={})).status_code


async def test_metrics_count_without_naming_anybody(worker: Any) -> None:
    await worker.enrich(record={"name": "Ana", "reference": "contract-7"})
    await worker.enrich(record={"nmae": "Ana"})
    text = (await worker.client.get("/metrics")).text
    assert 'bureau_requests_total{route="/v1/enrich",status="200"} 1' in text
    assert 'bureau_requests_total{route="/v1/enrich",status="400"} 1' in text
    assert 'bureau_records_total{status="matched"} 1' in text
    assert "bureau_units_total 1" in text
    assert not any(private in text for private in ("acme", "contract-7", "Ana"))


async def test_every_route_is_counted_under_its_own_name(worker: Any) -> None:
    counted = next(family for family in FAMILIES if family.name == "bureau_requests_total")
    assert {route.path_format for route in worker.app.routes} == set(counted.labels["route"])


async def test_the_population_in_use(worker: Any) -> None:
    found = (await worker.client.get("/v1/population")).json()
    expected = {"id": "pop_1", "created_at": "2026-11-01T00:00:00Z", "sources": ["registry"], "counts": {"people": 3}}
    assert expected == found


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "to=2026-13-01",
        "from=2026-02-02&to=2026-02-01",
        "from=2024-01-01&to=2026-01-01",
        "from=0001-01-01",
    ],
)
async def test_unusable_days(worker: Any, query: str) -> None:
    reply = await worker.client.get(f"/v1/usage?{query}")
    assert (400, "invalid_parameter") == (reply.status_code, reply.json()["code"])


async def test_usage_is_of_the_caller_alone(worker: Any, store: Store) -> None:
    worker.app.state.services = worker.app.state.services._replace(store=store)
    at = dt.datetime(2026, 11, 3, 12, tzinfo=dt.UTC)

    def row(client: str, units: int) -> UsageRow:
        return UsageRow(
            at=at, request_id=RequestId("req"), key_id=KeyId("key"), client=ClientId(client), operation="enrich",
            purpose=None, status="matched", units=units,
        )  # fmt: skip

    await UsageLedger(store, worker.settings).record([row("acme", 1), row("acme", 1), row("other", 1)])
    reply = await worker.client.get("/v1/usage?from=2026-11-01&to=2026-11-30")
    day = {"day": "2026-11-03", "operation": "enrich", "status": "matched", "requests": 2, "units": 2}
    assert {"from": "2026-11-01", "to": "2026-11-30", "units": 2, "days": [day]} == msgspec.json.decode(reply.content)


async def test_verdicts_keep_their_order_and_are_recorded(worker: Any) -> None:
    body = {"emails": ["ana@exemplo.com.br", "not an address"], "depth": "syntax"}
    emails = await worker.client.post("/v1/emails/verify", json=body)
    assert ["unknown", "undeliverable"] == [one["status"] for one in emails.json()["results"]]
    phones = await worker.client.post("/v1/phones/verify", json={"phones": ["98765-4321", "12"], "default_ddd": "11"})
    assert ["+5511987654321", "12"] == [one["number"] for one in phones.json()["results"]]
    assert ["verify_emails", "verify_phones"] == [row.operation for row in worker.ledger.rows]
    assert {0} == {row.units for row in worker.ledger.rows}
