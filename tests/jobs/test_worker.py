"""A job from its upload to its result: every row once, whatever is in the file."""

import asyncio
import shutil
from typing import Any

import msgspec
import pytest

from bureau.access.usage import usage_by_day
from bureau.intake.rows import CHUNK_ROWS
from bureau.jobs.answering import UNANSWERABLE
from bureau.jobs.job import State
from bureau.jobs.worker import Worker

EVERYWHERE = pytest.mark.parametrize(
    "files_url", ["local", pytest.param("bucket", marks=pytest.mark.acceptance)], indirect=True
)


@EVERYWHERE
async def test_a_job_from_upload_to_result(bench: Any) -> None:
    submitted = await bench.submit(bench.FILE)
    assert (State.QUEUED, 0.0) == (submitted.job.state, submitted.job.progress.share)
    await bench.work()
    job = await bench.job(submitted.job.id)
    assert (State.COMPLETED, 1.0, 4) == (job.state, job.progress.share, job.progress.rows_done)
    assert ["HIT ANA", "NOBODY", "HIT BIA"] == bench.cells(job, "nome")
    assert ["1", "0", "1"] == bench.cells(job, "bureau_charge")
    assert ["4,name,unusable"] == bench.refusals(job)
    report = await bench.report(job)
    assert (4, 3, 1, 2) == (report["rows"], report["answered"], report["refused"], report["charge"]["units"])
    assert {"matched": 2, "ambiguous": 0, "not_found": 1} == report["statuses"]
    assert {"new": 2, "confirmed": 0, "refuted": 0, "unsettled": 0, "verdicts": {"unknown": 2}} == report["emails"]


async def test_every_row_leaves_a_usage_row(bench: Any) -> None:
    job = await bench.done(bench.FILE)
    rows = await bench.rows("SELECT * FROM usage ORDER BY id")
    assert [f"{job.id}.{line}" for line in (2, 3, 4, 5)] == [row["id"] for row in rows]
    assert ["matched", "not_found", "refused", "matched"] == [row["status"] for row in rows]
    assert [1, 0, 0, 1] == [row["units"] for row in rows]
    assert ["name", "emails"] == rows[0]["fields"]
    assert ("collection", "job", "pop_1") == (rows[0]["purpose"], rows[0]["operation"], rows[0]["population"])
    days = await usage_by_day(bench.store, "acme", rows[0]["at"].date(), rows[0]["at"].date())
    assert 2 == sum(day.units for day in days)


@EVERYWHERE
async def test_many_chunks_by_many_workers_are_the_file_of_one(bench: Any) -> None:
    text = bench.names(3 * CHUNK_ROWS + 7)
    alone = await bench.done(text)
    submitted = await bench.submit(text, key="again")
    await bench.work(workers=3)
    together = await bench.job(submitted.job.id)
    assert bench.cells(alone, "nome") == bench.cells(together, "nome")
    assert 3 * CHUNK_ROWS + 7 == together.progress.rows_done
    assert 3 * CHUNK_ROWS + 7 == await bench.units()  # the second time was inside the window


async def test_a_row_that_makes_the_program_fail_is_refused_alone(bench: Any) -> None:
    job = await bench.done("nome;conta\nHIT ANA;1\nPOISON;2\nHIT BIA;3\n")
    assert ["HIT ANA", "HIT BIA"] == bench.cells(job, "nome")
    assert [f"3,,{UNANSWERABLE}"] == bench.refusals(job)
    assert 2 == await bench.units()


async def test_a_chunk_in_which_no_row_can_be_read(bench: Any) -> None:
    job = await bench.done("nome;conta\none field\nanother\n")
    assert (State.COMPLETED, 0, 2) == (job.state, await bench.units(), len(bench.refusals(job)))


async def test_an_upload_without_rows_has_a_result_with_a_header(bench: Any) -> None:
    job = await bench.done("nome;conta\n")
    assert State.COMPLETED == job.state
    assert 1 == len(bench.result(job).splitlines())


@pytest.mark.parametrize(
    ("text", "problem"),
    [("", "unreadable_input"), ("%PDF-1.7 x\n", "unreadable_input"), ("nome;bureau_status\nA;1\n", "invalid_argument")],
)
async def test_a_file_that_cannot_be_used_fails_with_the_reason_and_free(bench: Any, text: str, problem: str) -> None:
    job = await bench.done(text)
    assert (State.FAILED, problem) == (job.state, job.problem)
    assert job.detail
    assert 0 == await bench.units()


async def test_an_unusable_correction_fails_the_job(bench: Any) -> None:
    job = await bench.done(bench.FILE, mapping={"name": "no such column"})
    assert (State.FAILED, "invalid_argument") == (job.state, job.problem)


async def test_how_far_the_reading_is_shows_while_it_lasts(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bureau.jobs.worker.TELL_SECONDS", -1.0)
    seen: list[float] = []
    fetch = bench.store.fetch

    async def watched(name: str, *arguments: Any) -> Any:
        if name == "jobs.reading":
            seen.append(arguments[1])
        return await fetch(name, *arguments)

    monkeypatch.setattr(bench.store, "fetch", watched)
    await bench.done(bench.names(2 * CHUNK_ROWS))
    assert sorted(seen) == seen
    assert seen
    assert 0 < seen[0] <= 1


async def test_a_worker_that_is_told_to_stop_begins_nothing(bench: Any) -> None:
    await bench.submit(bench.FILE)
    stop = asyncio.Event()
    stop.set()
    await bench.worker().run(stop)
    assert [] == await bench.rows("SELECT job FROM job_task WHERE state <> 'waiting'")


@pytest.mark.acceptance
@pytest.mark.parametrize("files_url", ["bucket"], indirect=True)
async def test_machines_that_share_a_bucket_share_a_job(bench: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = bench.names(2 * CHUNK_ROWS + 3) + "HIT 000001;again\n"
    alone = await bench.done(text, bench.other)
    other_home = tmp_path_factory.mktemp("machine") / "home"
    shutil.copytree(bench.settings.home, other_home, ignore=shutil.ignore_patterns("jobs"))
    there = Worker(bench.store, msgspec.structs.replace(bench.settings, home=other_home), "wrk_2", bench.answer)
    here, job = bench.worker(), (await bench.submit(text)).job
    for worker in (here, there, here, there, there):  # stage, three chunks, finish
        await worker.do(await worker.claim())
    assert State.COMPLETED == (await bench.job(job.id)).state
    assert bench.result(alone) == bench.result(job)
    assert 2 * CHUNK_ROWS + 3 == sum(map(int, bench.cells(job, "bureau_charge")))
    assert [[], []] == [list((home / "jobs" / "scratch").iterdir()) for home in (bench.settings.home, other_home)]
