"""Jobs as a client sees them: uploads, states, results, reports; never another client's."""

import asyncio
import json
from typing import Any

import pytest

from bureau.errors import StorageUnavailable

FILE = b"nome;conta\nHIT ANA;1\nNOBODY;2\nBAD;3\n"
KEY_OF_ANOTHER = {"Authorization": "Bearer bur_live_bare"}

EVERYWHERE = pytest.mark.parametrize(
    "files_url", ["local", pytest.param("bucket", marks=pytest.mark.acceptance)], indirect=True
)


async def submitted(served: Any, content: bytes = FILE, headers: Any = None, **parameters: Any) -> Any:
    reply = await served.client.post("/v1/jobs", content=content, params=parameters, headers=headers)
    assert 202 == reply.status_code, reply.text
    return reply.json()


async def done(served: Any, content: bytes = FILE, **parameters: Any) -> Any:
    job = await submitted(served, content, **parameters)
    await served.work()
    return (await served.client.get(f"/v1/jobs/{job['id']}")).json()


@EVERYWHERE
async def test_a_raw_file_from_upload_to_result(served: Any) -> None:
    reply = await served.client.post("/v1/jobs", content=FILE, params={"file_name": "carteira.csv"})
    job = reply.json()
    assert (f"/v1/jobs/{job['id']}", "queued", "carteira.csv") == (
        reply.headers["location"], job["state"], job["file_name"]
    )  # fmt: skip
    early = await served.client.get(f"/v1/jobs/{job['id']}/results")
    assert (409, "not_ready") == (early.status_code, early.json()["code"])
    await served.work()
    shown = (await served.client.get(f"/v1/jobs/{job['id']}")).json()
    assert ("completed", 3, 1.0) == (shown["state"], shown["progress"]["rows"], shown["progress"]["share"])
    result = await served.client.get(f"/v1/jobs/{job['id']}/results")
    assert "text/csv" == result.headers["content-type"]
    assert ["HIT ANA;1", "NOBODY;2"] == [";".join(line.split(";")[:2]) for line in result.text.splitlines()[1:]]
    refusals = await served.client.get(f"/v1/jobs/{job['id']}/refusals")
    assert "row,column,reason\n4,name,unusable\n" == refusals.text
    report = (await served.client.get(f"/v1/jobs/{job['id']}/report")).json()
    assert (3, 0.5, 1) == (report["rows"], report["hit_rate"], report["charge"]["units"])


async def test_a_form_with_its_parameters(served: Any) -> None:
    reply = await served.client.post(
        "/v1/jobs",
        files={"file": ("minha carteira.csv", FILE)},
        data={
            "min_probability": "0.9",
            "kind": "person",
            "mapping": '{"name": "nome"}',
            "purpose": "billing",
            "hold": "False",
        },
    )
    job = reply.json()
    assert ("minha carteira.csv", "billing") == (job["file_name"], job["purpose"])
    assert (0.9, "person") == (job["request"]["options"]["min_probability"], job["request"]["kind"])
    await served.work()
    assert "completed" == (await served.client.get(f"/v1/jobs/{job['id']}")).json()["state"]


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"min_probability": "2"}, "min_probability"), ({"depth": "mailbox"}, "depth"), ({"format": "doc"}, "format"),
        ({"mapping": "{"}, "mapping"), ({"nonsense": "1"}, "not known"),
        ({"options": '{"what": 1}'}, "what"), ({"kind": "dog"}, "kind"), ({"options": "3"}, "options"),
        ({"purpose": "curiosity"}, "purpose: expected one of billing, collection"),
        ({"dry_run": "maybe"}, "dry_run: expected true or false"),
        ({"require": '["fax"]'}, "email, phone"), ({"require": "phone"}, 'such as ["phone"]'),
        ({"options": '{"depth": "deep"}'}, "none, syntax"),
    ],
)  # fmt: skip
async def test_parameters_that_cannot_be(served: Any, parameters: dict[str, str], said: str) -> None:
    reply = await served.client.post("/v1/jobs", content=FILE, params=parameters)
    assert (400, "invalid_parameter") == (reply.status_code, reply.json()["code"])
    assert said in reply.json()["detail"]
    assert [] == [path for path in served.settings.jobs.rglob("*") if path.is_file()]


async def test_bodies_that_cannot_be(served: Any) -> None:
    post = served.client.post
    assert 413 == (await post("/v1/jobs", content=b"x" * 200_001)).status_code
    assert 415 == (await post("/v1/jobs", content=FILE, headers={"Content-Encoding": "br"})).status_code
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    for body in (b"--b\r\n", b"", b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n--b--\r\n'):
        assert 400 == (await post("/v1/jobs", content=body, headers=form)).status_code
    assert 400 == (await post("/v1/jobs", content=FILE, headers={"Content-Type": "multipart/form-data"})).status_code
    assert 422 == (await post("/v1/jobs", content=FILE, headers=KEY_OF_ANOTHER)).status_code  # no purpose
    assert [] == [path for path in served.settings.jobs.rglob("*") if path.is_file()]
    assert [] == (await served.client.get("/v1/jobs")).json()["jobs"]


async def test_a_submission_repeated_is_answered_with_the_same_job(served: Any) -> None:
    first = await submitted(served, headers={"Idempotency-Key": "k"})
    again = await served.client.post("/v1/jobs", content=FILE, headers={"Idempotency-Key": "k"})
    assert ((202, first["id"], "true")) == (
        again.status_code, again.json()["id"], again.headers["idempotency-replayed"]
    )  # fmt: skip
    other = await served.client.post("/v1/jobs", content=FILE + b"HIT;4\n", headers={"Idempotency-Key": "k"})
    assert (422, "idempotency_key_reused") == (other.status_code, other.json()["code"])
    folders = [path.name for path in served.settings.jobs.iterdir() if path.name != "incoming"]
    assert [first["id"]] == folders


async def test_a_client_sees_its_own_jobs_only(served: Any) -> None:
    job = await done(served)
    for path in ("", "/events", "/results", "/refusals", "/report"):
        reply = await served.client.get(f"/v1/jobs/{job['id']}{path}", headers=KEY_OF_ANOTHER)
        assert 404 == reply.status_code
    for act in ("pause", "resume", "cancel"):
        assert 404 == (await served.client.post(f"/v1/jobs/{job['id']}/{act}", headers=KEY_OF_ANOTHER)).status_code
    assert 404 == (await served.client.delete(f"/v1/jobs/{job['id']}", headers=KEY_OF_ANOTHER)).status_code
    assert [] == (await served.client.get("/v1/jobs", headers=KEY_OF_ANOTHER)).json()["jobs"]


async def test_the_list_is_paged(served: Any) -> None:
    ids = [(await submitted(served))["id"] for _ in range(3)]
    page = (await served.client.get("/v1/jobs", params={"limit": 2})).json()
    assert ids[:0:-1] == [job["id"] for job in page["jobs"]]
    rest = (await served.client.get("/v1/jobs", params={"limit": 2, "before": page["next_before"]})).json()
    assert [ids[0]] == [job["id"] for job in rest["jobs"]]
    for wrong in ({"limit": "0"}, {"limit": "x"}, {"before": "yesterday"}):
        assert 400 == (await served.client.get("/v1/jobs", params=wrong)).status_code


@EVERYWHERE
async def test_results_are_served_in_ranges(served: Any) -> None:
    job = await done(served, b"nome\n" + b"".join(b"HIT %d\n" % n for n in range(1000)))
    address = f"/v1/jobs/{job['id']}/results"
    whole = await served.client.get(address)
    size = len(whole.content)
    for wanted, part in (("bytes=0-9", slice(0, 10)), ("bytes=10-", slice(10, None)), ("bytes=-5", slice(-5, None)),
                         (f"bytes=7-{size * 2}", slice(7, None))):  # fmt: skip
        reply = await served.client.get(address, headers={"Range": wanted})
        assert (206, whole.content[part]) == (reply.status_code, reply.content)
        assert reply.headers["content-range"].endswith(f"/{size}")
    beyond = await served.client.get(address, headers={"Range": f"bytes={size}-"})
    assert (416, f"bytes */{size}") == (beyond.status_code, beyond.headers["content-range"])
    for ignored in ("bytes=5-2", "bytes=0-1,4-5", "rows=1-2", "bytes=-", f"bytes={'9' * 5000}-"):
        assert 200 == (await served.client.get(address, headers={"Range": ignored})).status_code
    changed = {"Range": "bytes=0-9", "If-Range": '"other"'}
    assert 200 == (await served.client.get(address, headers=changed)).status_code
    same = {"Range": "bytes=0-9", "If-Range": whole.headers["etag"]}
    assert 206 == (await served.client.get(address, headers=same)).status_code


@EVERYWHERE
async def test_another_form_is_made_when_asked_for(served: Any) -> None:
    job = await done(served)
    address = f"/v1/jobs/{job['id']}/results"
    assert 202 == (await served.client.get(address, params={"format": "jsonl"})).status_code
    await served.work()
    made = await served.client.get(address, params={"format": "jsonl"})
    answers = [json.loads(line)["bureau_answer"] for line in made.text.splitlines()]
    assert ["matched", "not_found"] == [answer["status"] for answer in answers]
    assert 400 == (await served.client.get(address, params={"format": "doc"})).status_code
    assert "text/csv" == (await served.client.get(address)).headers["content-type"]


async def test_a_form_that_cannot_be_made_is_said_so_once(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    job = await done(served)
    address, wanted = f"/v1/jobs/{job['id']}/results", {"format": "parquet"}
    assert 202 == (await served.client.get(address, params=wanted)).status_code

    def fails(*_: Any) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr("bureau.jobs.finish.Finishing.write", fails)
    await served.work()
    assert 404 == (await served.client.get(address, params=wanted)).status_code
    assert 200 == (await served.client.get(address)).status_code
    assert "completed" == (await served.client.get(f"/v1/jobs/{job['id']}")).json()["state"]


async def test_a_dry_run_has_a_price_and_no_results(served: Any) -> None:
    job = await done(served, dry_run="true")
    report = (await served.client.get(f"/v1/jobs/{job['id']}/report")).json()
    assert (True, 1) == (report["dry_run"], report["charge"]["units"])
    assert 404 == (await served.client.get(f"/v1/jobs/{job['id']}/results")).status_code


async def test_held_then_started_with_a_correction(served: Any) -> None:
    job = await submitted(served, b"quem;conta\nHIT ANA;1\n", hold="true")
    assert "received" == job["state"]
    started = await served.client.post(f"/v1/jobs/{job['id']}/start", json={"mapping": {"name": "quem"}})
    assert (200, "queued") == (started.status_code, started.json()["state"])
    again = await served.client.post(f"/v1/jobs/{job['id']}/start", json={})
    assert (409, "wrong_state") == (again.status_code, again.json()["code"])
    await served.work()
    assert "completed" == (await served.client.get(f"/v1/jobs/{job['id']}")).json()["state"]


@EVERYWHERE
async def test_a_preview_shows_what_the_columns_are_taken_for_and_takes_a_correction(served: Any) -> None:
    job = await submitted(served, b"nome;quem\nAna;HIT BIA\none field\n", hold="true")
    address = f"/v1/jobs/{job['id']}/preview"
    seen = (await served.client.get(address)).json()
    assert (";", 2, {"too_few_fields": 1}) == (seen["delimiter"], seen["rows_seen"], seen["refused"])
    assert ["Ana", "HIT BIA"] == [column["values"][0] for column in seen["columns"]]
    corrected = (await served.client.get(address, params={"mapping": '{"name": "quem"}'})).json()
    assert "HIT BIA" == corrected["rows"][0]["record"]["name"]
    wrong = await served.client.get(address, params={"mapping": '{"name": "no such"}'})
    assert (422, "unreadable_file") == (wrong.status_code, wrong.json()["code"])
    assert 404 == (await served.client.get(address, headers=KEY_OF_ANOTHER)).status_code
    await served.client.post(f"/v1/jobs/{job['id']}/start", json={"mapping": {"name": "quem"}})
    await served.work()
    assert 409 == (await served.client.get(address)).status_code


async def test_a_layout_named_by_a_client_opens_no_file_of_ours(served: Any) -> None:
    job = await submitted(served, hold="true")
    reply = await served.client.get(f"/v1/jobs/{job['id']}/preview", params={"layout": "/etc/passwd"})
    assert (422, "unreadable_file") == (reply.status_code, reply.json()["code"])


@EVERYWHERE
async def test_paused_resumed_cancelled_purged(served: Any) -> None:
    job = await submitted(served)
    act = f"/v1/jobs/{job['id']}"
    assert "paused" == (await served.client.post(f"{act}/pause")).json()["state"]
    assert 409 == (await served.client.post(f"{act}/pause")).status_code
    await served.work()
    assert "paused" == (await served.client.get(act)).json()["state"]
    assert "queued" == (await served.client.post(f"{act}/resume")).json()["state"]
    assert "cancelled" == (await served.client.post(f"{act}/cancel")).json()["state"]
    assert "purged" == (await served.client.delete(act)).json()["state"]
    assert 410 == (await served.client.get(f"{act}/results")).status_code
    assert [] == served.app.state.services.files.storage.folders()


async def test_events_tell_every_change_until_the_end(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.routes.jobs.POLL_SECONDS", 0.01)
    job = await submitted(served)
    stream = asyncio.create_task(served.client.get(f"/v1/jobs/{job['id']}/events"))
    await served.work()
    reply = await stream
    assert "text/event-stream" == reply.headers["content-type"]
    told = [json.loads(line.removeprefix("data: ")) for line in reply.text.splitlines() if line]
    assert ("completed", 1.0) == (told[-1]["state"], told[-1]["progress"]["share"])


@pytest.mark.parametrize(("language", "words"), [("en", "What the file brought"), ("pt", "O que o arquivo trouxe")])
async def test_the_report_is_a_page_too(served: Any, language: str, words: str) -> None:
    job = await done(served)
    parameters = {"format": "html", "lang": language}
    page = await served.client.get(f"/v1/jobs/{job['id']}/report", params=parameters)
    assert page.headers["content-type"].startswith("text/html")
    assert words in page.text
    assert "<script" not in page.text
    assert "//" not in page.text.replace("<!doctype html>", "")  # nothing is fetched from anywhere
    assert "default-src 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize(("name", "given"), [("format", "pdf"), ("lang", "fr")])
async def test_a_report_is_not_had_in_other_forms(served: Any, name: str, given: str) -> None:
    job = await done(served)
    reply = await served.client.get(f"/v1/jobs/{job['id']}/report", params={"format": "html", name: given})
    assert (400, "invalid_parameter") == (reply.status_code, reply.json()["code"])
    assert name in reply.json()["detail"]


async def test_a_file_that_cannot_be_used(served: Any) -> None:
    job = await done(served, b"%PDF-1.7 nothing of a table\n")
    assert ("failed", "unreadable_input") == (job["state"], job["problem"])
    assert 404 == (await served.client.get(f"/v1/jobs/{job['id']}/results")).status_code
    assert 404 == (await served.client.get(f"/v1/jobs/{job['id']}/report")).status_code


async def test_no_room_for_an_upload(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("bureau.storage.local.os.fsync", full)
    reply = await served.client.post("/v1/jobs", content=FILE)
    assert (507, "storage_full") == (reply.status_code, reply.json()["code"])
    assert [] == [path for path in served.settings.jobs.rglob("*") if path.is_file()]


async def test_a_storage_that_is_away_is_said_so(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise StorageUnavailable("The storage of files cannot be used.")

    monkeypatch.setattr(served.app.state.services.files.storage, "receiving", away)
    reply = await served.client.post("/v1/jobs", content=FILE)
    assert (503, "storage_unavailable", "1") == (reply.status_code, reply.json()["code"], reply.headers["retry-after"])


async def test_webhooks_are_told_of_the_end(served: Any) -> None:
    made = await served.client.post("/v1/webhooks", json={"url": "http://127.0.0.1:9/hook"})
    webhook = made.json()
    assert (201, True) == (made.status_code, webhook["secret"].startswith("whsec_"))
    await done(served)
    address = f"/v1/webhooks/{webhook['id']}"
    (delivery,) = (await served.client.get(f"{address}/deliveries")).json()["deliveries"]
    assert ("job.completed", "pending") == (delivery["event"], delivery["state"])
    assert 200 == (await served.client.post(f"{address}/deliveries/{delivery['id']}/replay")).status_code
    assert webhook["secret"] != (await served.client.post(f"{address}/rotate")).json()["secret"]
    assert 404 == (await served.client.delete(address, headers=KEY_OF_ANOTHER)).status_code
    assert {"webhooks": []} == (await served.client.delete(address)).json()
    assert 404 == (await served.client.get(f"{address}/deliveries")).status_code


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "ftp://x.example/", "https://u:p@x.example/"])
async def test_a_webhook_may_not_lead_into_our_network(served: Any, url: str) -> None:
    reply = await served.client.post("/v1/webhooks", json={"url": url})
    assert (400, "/url") == (reply.status_code, reply.json()["errors"][0]["pointer"])


async def test_a_result_is_looked_at_before_it_is_fetched(served: Any) -> None:
    job = await done(served)
    path = f"/v1/jobs/{job['id']}/results"
    whole = await served.client.get(path)
    looked_at = await served.client.head(path, headers={"Range": "bytes=0-9"})
    assert (200, b"") == (looked_at.status_code, looked_at.content)
    for name in ("content-length", "etag", "accept-ranges", "content-type"):
        assert whole.headers[name] == looked_at.headers[name]
    assert 404 == (await served.client.head("/v1/jobs/job_none/results")).status_code


async def test_a_file_that_could_not_be_read_has_no_result_in_any_form(served: Any) -> None:
    job = await done(served, b"\x00\x01\x02" * 50)
    assert "failed" == job["state"]
    for form in ({}, {"format": "csv"}, {"format": "parquet"}):
        reply = await served.client.get(f"/v1/jobs/{job['id']}/results", params=form)
        assert (404, "not_found") == (reply.status_code, reply.json()["code"])
