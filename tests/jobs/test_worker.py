"""A job from its upload to its result: every row once, every match charged once."""

import asyncio
import csv
import io
import json
import shutil
from typing import Any

import msgspec
import pytest

from bureau.access.usage import usage_by_day
from bureau.errors import PopulationUnavailable, StorageUnavailable, StoreUnavailable
from bureau.intake.rows import CHUNK_ROWS
from bureau.jobs.answering import UNANSWERABLE
from bureau.jobs.housekeeping import tidy
from bureau.jobs.job import Format, State
from bureau.jobs.worker import Worker

FILE = "nome;conta\nHIT ANA;1\nNOBODY;2\nBAD;3\nHIT BIA;4\n"

EVERYWHERE = pytest.mark.parametrize(
    "files_url", ["local", pytest.param("bucket", marks=pytest.mark.acceptance)], indirect=True
)


def names(count: int, kind: str = "HIT") -> str:
    return "nome;conta\n" + "".join(f"{kind} {n:06};{n}\n" for n in range(count))


def cells(text: str, column: str) -> list[str]:
    return [row[column] for row in csv.DictReader(io.StringIO(text), delimiter=";")]


@EVERYWHERE
async def test_a_job_from_upload_to_result(bench: Any) -> None:
    submitted = await bench.submit(FILE)
    assert (State.QUEUED, 0.0) == (submitted.job.state, submitted.job.progress.share)
    await bench.work()
    job = await bench.job(submitted.job.id)
    assert (State.COMPLETED, 1.0, 4) == (job.state, job.progress.share, job.progress.rows_done)
    assert ["HIT ANA", "NOBODY", "HIT BIA"] == cells(bench.result(job), "nome")
    assert ["1", "0", "1"] == cells(bench.result(job), "bureau_charge")
    assert ["4,name,unusable"] == bench.refusals(job)
    report = await bench.report(job)
    assert (4, 3, 1, 2) == (report["rows"], report["answered"], report["refused"], report["charge"]["units"])
    assert {"matched": 2, "ambiguous": 0, "not_found": 1} == report["statuses"]
    assert {"new": 2, "confirmed": 0, "refuted": 0, "unsettled": 0, "verdicts": {"unknown": 2}} == report["emails"]


async def test_every_row_leaves_a_usage_row(bench: Any) -> None:
    job = await bench.done(FILE)
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
    text = names(3 * CHUNK_ROWS + 7)
    alone = await bench.done(text)
    submitted = await bench.submit(text, key="again")
    await bench.work(workers=3)
    together = await bench.job(submitted.job.id)
    assert cells(bench.result(alone), "nome") == cells(bench.result(together), "nome")
    assert 3 * CHUNK_ROWS + 7 == together.progress.rows_done
    assert 3 * CHUNK_ROWS + 7 == await bench.units()  # the second time was inside the window


async def test_the_same_record_twice_is_asked_once_and_charged_once_on_its_first_row(bench: Any) -> None:
    asked: list[int] = []

    def counting(*arguments: Any) -> Any:
        asked.append(arguments[4].num_rows)
        return bench.answer(*arguments)

    submitted = await bench.submit("nome;conta\nHIT ÁNA;1\nHIT BIA;2\nHIT-ANA;3\nHIT BIA;4\n")
    await bench.work(answer=counting)
    job = await bench.job(submitted.job.id)
    assert [3] == asked  # ÁNA and ANA are one record, but answered as each was typed
    assert ["1", "1", "0", "0"] == cells(bench.result(job), "bureau_charge")
    assert 2 == await bench.units()
    assert {"units": 2, "repeated": 2, "requeried": 0} == (await bench.report(job))["charge"]


async def test_a_record_repeated_in_another_chunk_shows_its_charge_on_the_first_row(bench: Any) -> None:
    text = names(CHUNK_ROWS) + "HIT 000001;again\nHIT LAST;x\n"
    job = await bench.done(text)
    charges = cells(bench.result(job), "bureau_charge")
    assert (["1", "0", "1"], CHUNK_ROWS + 1) == (charges[-3:], charges.count("1"))
    assert CHUNK_ROWS + 1 == await bench.units()


async def test_a_record_asked_again_inside_its_window_is_free(bench: Any) -> None:
    await bench.done(FILE)
    again = await bench.done(FILE + "HIT CAIO;5\n")
    assert ["0", "0", "0", "1"] == cells(bench.result(again), "bureau_charge")
    assert {"units": 1, "repeated": 0, "requeried": 2} == (await bench.report(again))["charge"]
    assert 3 == await bench.units()
    await bench.rows("UPDATE charged_record SET charged_at = now() - interval '31 days'")
    later = await bench.done(FILE)
    assert ["1", "0", "1"] == cells(bench.result(later), "bureau_charge")


async def test_another_clients_window_is_its_own(bench: Any) -> None:
    await bench.done(FILE)
    await bench.done(FILE, bench.other)
    assert 4 == await bench.units()


async def test_nothing_of_a_person_is_kept_in_the_table_of_charges(bench: Any) -> None:
    await bench.done(FILE)
    kept = await bench.rows("SELECT record FROM charged_record")
    assert {16} == {len(row["record"]) for row in kept}
    assert not any(b"ANA" in row["record"] for row in kept)


@EVERYWHERE
async def test_a_dry_run_tells_the_price_and_charges_nothing(bench: Any) -> None:
    text = names(CHUNK_ROWS) + "HIT 000001;again\nHIT LAST;x\n"
    job = await bench.done(text, dry_run=True)
    report = await bench.report(job)
    assert (True, CHUNK_ROWS + 1, 1) == (report["dry_run"], report["charge"]["units"], report["charge"]["repeated"])
    assert 0 == await bench.units()
    assert [] == [name for name in bench.listed(job) if name.startswith(("results", "parts"))]
    await bench.done(text)
    assert CHUNK_ROWS + 1 == await bench.units()


async def test_a_row_that_makes_the_program_fail_is_refused_alone(bench: Any) -> None:
    job = await bench.done("nome;conta\nHIT ANA;1\nPOISON;2\nHIT BIA;3\n")
    assert ["HIT ANA", "HIT BIA"] == cells(bench.result(job), "nome")
    assert [f"3,,{UNANSWERABLE}"] == bench.refusals(job)
    assert 2 == await bench.units()


async def test_whole_answers_in_json_carry_the_charge_too(bench: Any) -> None:
    job = await bench.done("nome;conta\nHIT ANA;1\nHIT ANA;2\n", format=Format.JSONL)
    lines = [json.loads(line) for line in bench.result(job, "jsonl").splitlines()]
    assert [1, 0] == [line["bureau_answer"]["charge"]["units"] for line in lines]
    assert "repeated_in_file" == lines[1]["bureau_answer"]["charge"]["why"]


async def test_a_result_in_another_form_is_made_when_asked_for(bench: Any) -> None:
    job = await bench.done(FILE)
    await bench.registry.want_format(bench.acme.client, job.id, Format.JSONL)
    await bench.work()
    lines = [json.loads(line) for line in bench.result(job, "jsonl").splitlines()]
    assert ["matched", "not_found", "matched"] == [line["bureau_answer"]["status"] for line in lines]
    await bench.registry.want_format(bench.acme.client, job.id, Format.JSONL)
    (row,) = await bench.rows("SELECT work_left FROM job")
    assert row["work_left"] is False


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
    job = await bench.done(FILE, mapping={"name": "no such column"})
    assert (State.FAILED, "invalid_argument") == (job.state, job.problem)


async def test_without_a_population_a_job_waits(bench: Any, home: Any) -> None:
    (home / "populations" / "CURRENT").unlink()
    job = await bench.done(FILE)
    assert (State.RUNNING, "population_unavailable") == (job.state, job.problem)
    (home / "populations" / "CURRENT").write_text("pop_2\n")
    await bench.rows("UPDATE job_task SET not_before = now()")
    await bench.work()
    assert State.COMPLETED == (await bench.job(job.id)).state


async def test_a_full_disk_is_waited_for(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import bureau.jobs.worker as module
    from bureau.errors import OutputFailed

    def full(*_: Any) -> None:
        raise OutputFailed("A part cannot be written to /srv/ours.") from OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(module, "write_part", full)
        job = await bench.done(FILE)
    assert (State.RUNNING, "storage_full", 0) == (job.state, job.problem, await bench.units())
    assert "no room" in job.detail
    assert "/srv" not in job.detail
    await bench.rows("UPDATE job_task SET not_before = now()")
    await bench.work()
    done = await bench.job(job.id)
    assert (State.COMPLETED, None, 2) == (done.state, done.problem, await bench.units())


async def test_an_upload_without_rows_has_a_result_with_a_header(bench: Any) -> None:
    job = await bench.done("nome;conta\n")
    assert State.COMPLETED == job.state
    assert 1 == len(bench.result(job).splitlines())


async def test_who_lost_its_claim_charges_nothing(bench: Any) -> None:
    await bench.submit(FILE)
    slow, quick = bench.worker("slow"), bench.worker("quick")
    await slow.do(await slow.claim())  # the file is staged
    task = await slow.claim()
    await bench.rows("UPDATE job_task SET beat_at = now() - interval '1 hour' WHERE kind = 'chunk'")
    again = await quick.claim()
    assert (again.kind, again.chunk, again.attempts) == (task.kind, task.chunk, 2)
    await quick.do(again)
    await slow.do(task)
    assert 2 == await bench.units()
    await bench.work()
    assert 4 == len(await bench.rows("SELECT id FROM usage"))


async def test_a_job_whose_tasks_keep_dying_is_given_up(bench: Any) -> None:
    submitted = await bench.submit(FILE)
    await bench.rows("UPDATE job_task SET attempts = 8")
    await bench.work()
    job = await bench.job(submitted.job.id)
    assert (State.FAILED, "internal") == (job.state, job.problem)


async def test_a_task_whose_end_could_not_be_written_is_done_again_at_once(bench: Any) -> None:
    await bench.submit(FILE)
    worker = bench.worker()
    complete, tries = worker._books.complete, []

    async def away_at_first(*given: Any) -> None:
        tries.append(given)
        if len(tries) == 1:
            raise StoreUnavailable("It was killed.")
        await complete(*given)

    worker._books.complete = away_at_first
    await worker.run(asyncio.Event(), until_idle=True)
    assert (2, 2) == (len(tries), await bench.units())


async def test_a_heartbeat_keeps_the_task_under_way_and_no_other(bench: Any) -> None:
    bench.settings = msgspec.structs.replace(bench.settings, job_lease_seconds=1.0)
    await bench.submit(names(2 * CHUNK_ROWS))
    worker = bench.worker()
    await worker.do(await worker.claim())
    given_up, under_way = await worker.claim(), await worker.claim()
    await bench.rows("UPDATE job_task SET beat_at = now() - interval '1 hour'")
    worker._claim = under_way.claim
    beating = asyncio.create_task(worker._beat())
    statement = "SELECT claim FROM job_task WHERE state = 'running' AND beat_at > now() - interval '1 minute'"
    async with asyncio.timeout(10):
        while not (kept := await bench.rows(statement)):  # noqa: ASYNC110  # what is waited for has no event
            await asyncio.sleep(0.05)
    beating.cancel()
    assert [under_way.claim] == [row["claim"] for row in kept]
    assert given_up.claim != under_way.claim


async def test_how_far_the_reading_is_shows_while_it_lasts(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bureau.jobs.worker.TELL_SECONDS", -1.0)
    seen: list[float] = []
    fetch = bench.store.fetch

    async def watched(name: str, *arguments: Any) -> Any:
        if name == "jobs.reading":
            seen.append(arguments[1])
        return await fetch(name, *arguments)

    monkeypatch.setattr(bench.store, "fetch", watched)
    await bench.done(names(2 * CHUNK_ROWS))
    assert sorted(seen) == seen
    assert seen
    assert 0 < seen[0] <= 1


async def test_a_worker_that_is_told_to_stop_begins_nothing(bench: Any) -> None:
    await bench.submit(FILE)
    stop = asyncio.Event()
    stop.set()
    await bench.worker().run(stop)
    assert [] == await bench.rows("SELECT job FROM job_task WHERE state <> 'waiting'")


async def test_a_chunk_in_which_no_row_can_be_read(bench: Any) -> None:
    job = await bench.done("nome;conta\none field\nanother\n")
    assert (State.COMPLETED, 0, 2) == (job.state, await bench.units(), len(bench.refusals(job)))


async def test_a_storage_that_is_away_is_waited_for(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import bureau.jobs.worker as module

    def away(*_: Any) -> None:
        raise StorageUnavailable("It was cut off.")

    job = (await bench.submit(FILE)).job
    monkeypatch.setattr(module, "NO_ROOM_SECONDS", 0.0)
    with monkeypatch.context() as patched:
        patched.setattr(module, "write_part", away)
        worker = bench.worker()
        for _ in range(2):
            await worker.do(await worker.claim())
    waiting = await bench.job(job.id)
    assert (State.RUNNING, "storage_unavailable", 0) == (waiting.state, waiting.problem, await bench.units())
    await bench.work()
    ended = await bench.job(job.id)
    assert (State.COMPLETED, None, 2) == (ended.state, ended.problem, await bench.units())


@EVERYWHERE
async def test_a_part_whose_claim_was_lost_is_not_left_behind(bench: Any) -> None:
    job = (await bench.submit(FILE)).job
    worker, late = bench.worker("wrk_1"), bench.worker("wrk_2")
    await worker.do(await worker.claim())
    task = await worker.claim()
    await bench.store.fetch("jobs.release_worker", "wrk_1")  # as if it were dead
    await bench.work()
    before = bench.parts(job)
    await late.do(task)
    assert before == bench.parts(job) != []


@EVERYWHERE
async def test_a_purge_in_the_middle_of_a_chunk_leaves_no_file(bench: Any) -> None:
    job = (await bench.submit(FILE)).job
    worker = bench.worker()
    await worker.do(await worker.claim())
    task = await worker.claim()

    def purged(*given: Any) -> Any:
        bench.files.remove(job.id)  # while the chunk is being answered
        return bench.answer(*given)

    await bench.registry.purge("acme", job.id)
    await bench.worker(answer=purged).do(task)
    assert [] == bench.parts(job)
    await tidy(bench.store, bench.settings)
    assert [] == bench.files.storage.folders()
    assert State.PURGED == (await bench.job(job.id)).state


@EVERYWHERE
async def test_whole_answers_asked_for_afterwards_are_those_of_a_job_that_shows_them(bench: Any) -> None:
    text = names(CHUNK_ROWS) + FILE.partition("\n")[2] + "HIT 000007;again\n"
    shown = await bench.done(text, bench.other, format="jsonl")
    job = await bench.done(text)
    assert await bench.registry.want_format("acme", job.id, Format.JSONL)
    await bench.work()
    lines = bench.result(job, "jsonl")
    assert bench.result(shown, "jsonl") == lines
    answers = [json.loads(line)["bureau_answer"] for line in lines.splitlines()]
    assert CHUNK_ROWS + 2 == await bench.units() // 2 == sum(answer["charge"]["units"] for answer in answers)
    assert {"units": 0, "why": "repeated_in_file"} == answers[-1]["charge"]
    assert bench.refusals(job) == bench.refusals(job, "jsonl") == [f"{CHUNK_ROWS + 4},name,unusable"]


async def test_whole_answers_are_made_in_turns_and_none_is_made_twice(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bureau.jobs.whole_answers.TURN_SECONDS", 0.0)
    job = await bench.done(names(2 * CHUNK_ROWS + 5))
    await bench.registry.want_format("acme", job.id, Format.PARQUET)
    asked: list[int] = []

    def counting(*given: Any) -> Any:
        asked.append(given[4].num_rows)
        return bench.answer(*given)

    worker = bench.worker(answer=counting)
    await worker.do(await worker.claim())
    assert (1, State.COMPLETED) == (len(asked), (await bench.job(job.id)).state)
    small = await bench.submit(FILE, bench.other)
    assert small.job.id == (await worker.claim()).job  # others have their turn in between
    await bench.store.fetch("jobs.release_worker", "wrk_1")
    await bench.work(answer=counting)
    assert [5, 4, CHUNK_ROWS, CHUNK_ROWS] == sorted(asked, key=lambda rows: (rows > 5, -rows))


async def test_whole_answers_of_a_population_that_is_gone_cannot_be_made(bench: Any) -> None:
    def gone(*_: Any) -> Any:
        raise PopulationUnavailable("It was removed.")

    job = await bench.done(FILE)
    await bench.registry.want_format("acme", job.id, Format.JSONL)
    await bench.work(answer=gone)
    assert not await bench.registry.want_format("acme", job.id, Format.JSONL)
    assert await bench.registry.want_format("acme", job.id, Format.XLSX)


@pytest.mark.acceptance
@pytest.mark.parametrize("files_url", ["bucket"], indirect=True)
async def test_machines_that_share_a_bucket_share_a_job(bench: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    text = names(2 * CHUNK_ROWS + 3) + "HIT 000001;again\n"
    alone = await bench.done(text, bench.other)
    other_home = tmp_path_factory.mktemp("machine") / "home"
    shutil.copytree(bench.settings.home, other_home, ignore=shutil.ignore_patterns("jobs"))
    there = Worker(bench.store, msgspec.structs.replace(bench.settings, home=other_home), "wrk_2", bench.answer)
    here, job = bench.worker(), (await bench.submit(text)).job
    for worker in (here, there, here, there, there):  # stage, three chunks, finish
        await worker.do(await worker.claim())
    assert State.COMPLETED == (await bench.job(job.id)).state
    assert bench.result(alone) == bench.result(job)
    assert 2 * CHUNK_ROWS + 3 == sum(map(int, cells(bench.result(job), "bureau_charge")))
    assert [[], []] == [list((home / "jobs" / "scratch").iterdir()) for home in (bench.settings.home, other_home)]
