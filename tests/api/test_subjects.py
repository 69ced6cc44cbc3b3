"""Data-subject access over HTTP: who gets in, what is refused and recorded, and where the tax id must not be."""

import logging
from typing import Any

import pytest

from bureau.access.usage import Receipt
from bureau.obs.logs import JsonLines
from bureau.store import Store

CPF, CNPJ = "529.982.247-25", "11.222.333/0001-81"
OFFICER = {"Authorization": "Bearer bur_live_officer"}


@pytest.fixture
def with_store(worker: Any, store: Store) -> Any:
    worker.app.state.services = worker.app.state.services._replace(store=store)
    return worker


@pytest.mark.parametrize(
    ("written", "kind"), [(CPF, "person"), ("52998224725", "person"), (CNPJ, "company"), ("11222333000181", "company"),
                          (CNPJ.replace("/", "%2F"), "company"), ("12.ABC.345/01DE-35", "company")],
)  # fmt: skip
async def test_of_somebody_unknown_nothing_is_held_and_that_is_recorded(
    with_store: Any, written: str, kind: str
) -> None:
    reply = await with_store.client.get(f"/v1/subjects/{written}", headers=OFFICER)
    assert 200 == reply.status_code
    found = reply.json()
    assert (kind, "everything", [], []) == tuple(found[name] for name in ("kind", "scope", "entities", "disclosures"))
    assert "no-store" == reply.headers["cache-control"]
    (row,) = with_store.ledger.rows
    assert ("subject_access", 0, found["entity_id"], ()) == (row.operation, row.units, row.entity_id, row.fields)


async def test_a_client_is_told_no_more_than_it_was(with_store: Any) -> None:
    found = (await with_store.client.get(f"/v1/subjects/{CPF}")).json()
    assert "own" == found["scope"]
    assert not {"entities", "companies"} & found.keys()


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("529.982.247-26", "check_digits"),
        ("2998224725", "check_digits"),
        ("5299822", "wrong_length"),
        ("0", "missing"),
        ("***982247**", "incomplete"),
        ("5299822472500000000000", "wrong_length"),
        ("1122233300018", "incomplete"),
        ("ana", "not_a_tax_id"),
        ("%00", "missing"),
        ("111.111.111-11", "repeated_digits"),
    ],
)
async def test_what_is_no_whole_tax_id_is_refused_without_being_repeated(worker: Any, written: str, why: str) -> None:
    reply = await worker.client.get(f"/v1/subjects/{written}", headers=OFFICER)
    problem = reply.json()
    assert (400, "invalid_parameter") == (reply.status_code, problem["code"])
    assert why in problem["detail"]
    assert written not in reply.text or len(written) < 3
    assert [] == worker.ledger.rows


async def test_an_unusable_page_is_refused(worker: Any) -> None:
    reply = await worker.client.get(f"/v1/subjects/{CPF}?before=yesterday")
    assert (400, "invalid_parameter") == (reply.status_code, reply.json()["code"])


async def test_an_answer_that_cannot_be_recorded_stays(with_store: Any) -> None:
    with_store.ledger.receipt = Receipt.UNAVAILABLE
    reply = await with_store.client.get(f"/v1/subjects/{CPF}", headers=OFFICER)
    assert (503, "store_unavailable") == (reply.status_code, reply.json()["code"])
    assert "entity_id" not in reply.text


@pytest.mark.parametrize("path", ["/v1/population", "/v1/usage", "/v1/jobs", "/v1/verifications/enr_1"])
async def test_an_officers_key_opens_nothing_else(worker: Any, path: str) -> None:
    reply = await worker.client.get(path, headers=OFFICER)
    assert (403, "forbidden") == (reply.status_code, reply.json()["code"])


async def test_the_tax_id_is_in_no_log_metric_or_error(with_store: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("aiosqlite", "httpx", "httpcore"):  # the test's own client logs where it goes
        logging.getLogger(name).setLevel(logging.WARNING)
    replies = [await with_store.client.get(f"/v1/subjects/{CPF}", headers=OFFICER)]
    replies.append(await with_store.client.get(f"/v1/subjects/{CPF}/x", headers=OFFICER))
    replies.append(await with_store.client.get(f"/v1/subjects/{CPF}", headers={"Authorization": "Bearer x"}))
    replies.append(await with_store.client.delete(f"/v1/subjects/{CPF}", headers=OFFICER))
    with_store.answering.entity_id_of = None  # a fault of ours
    replies.append(await with_store.client.get(f"/v1/subjects/{CPF}", headers=OFFICER))
    assert [200, 400, 401, 405, 500] == [reply.status_code for reply in replies]
    metrics = (await with_store.client.get("/metrics")).text
    assert 'bureau_requests_total{route="/v1/subjects/{tax_id}",status="200"} 1' in metrics
    logged = [JsonLines().format(record) for record in caplog.records]
    assert any("request failed unexpectedly" in line for line in logged)
    for text in (metrics, *logged, *(reply.text + str(reply.headers) for reply in replies)):
        assert not any(written in text for written in (CPF, "52998224725", "529.982"))
