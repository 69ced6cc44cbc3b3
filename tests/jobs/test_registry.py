"""What clients may do with jobs, and whose turn it is."""

import datetime as dt
from typing import Any

import pytest

from bureau.errors import InvalidArgument
from bureau.ids import ClientId, KeyId
from bureau.intake.rows import CHUNK_ROWS
from bureau.jobs.finish import NOT_PROCESSED
from bureau.jobs.housekeeping import tidy
from bureau.jobs.job import JobRequest, State
from bureau.jobs.registry import OtherSubmission, TooManyJobs

FILE = "nome;conta\nHIT ANA;1\nNOBODY;2\n"
LARGE = "nome;conta\n" + "".join(f"HIT {n};{n}\n" for n in range(3 * CHUNK_ROWS))


async def test_a_client_sees_its_own_jobs_only(bench: Any) -> None:
    job = (await bench.submit(FILE)).job
    stranger = bench.other.client
    assert await bench.registry.find(stranger, job.id) is None
    assert await bench.registry.report(stranger, job.id) is None
    for act in (bench.registry.pause, bench.registry.resume, bench.registry.cancel, bench.registry.purge):
        assert await act(stranger, job.id) is None
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    assert [] == await bench.registry.recent(stranger, later, 10)
    assert [job.id] == [one.id for one in await bench.registry.recent(bench.acme.client, later, 10)]


async def test_a_submission_repeated_is_the_same_job(bench: Any) -> None:
    first = await bench.submit(FILE, key="k")
    again = await bench.submit(FILE, key="k")
    assert (first.job.id, False, True) == (again.job.id, first.repeated, again.repeated)
    with pytest.raises(OtherSubmission):
        await bench.submit(FILE + "HIT X;3\n", key="k")
    with pytest.raises(OtherSubmission):
        await bench.submit(FILE, key="k", dry_run=True)
    assert (await bench.submit(FILE, bench.other, key="k")).job.id != first.job.id


async def test_no_more_jobs_than_allowed_are_open(bench: Any) -> None:
    bench.registry._most = 2
    await bench.submit(FILE)
    await bench.submit(FILE)
    with pytest.raises(TooManyJobs):
        await bench.submit(FILE)
    await bench.submit(FILE, bench.other)
    await bench.work()
    await bench.submit(FILE)


async def test_a_key_without_purpose_must_say_one(bench: Any) -> None:
    from bureau.access.keys import Principal

    bare = Principal(KeyId("key_3"), ClientId("bare"), None)
    with pytest.raises(InvalidArgument, match="purpose"):
        await bench.submit(FILE, bare)


async def test_paused_nothing_is_begun_until_resumed(bench: Any) -> None:
    job = (await bench.submit(LARGE)).job
    worker = bench.worker()
    await worker.do(await worker.claim())
    assert State.PAUSED == (await bench.registry.pause("acme", job.id)).state
    assert await worker.claim() is None
    assert await bench.registry.pause("acme", job.id) is None
    assert State.RUNNING == (await bench.registry.resume("acme", job.id)).state
    await bench.work()
    assert State.COMPLETED == (await bench.job(job.id)).state


async def test_a_task_under_way_ends_though_its_job_is_paused(bench: Any) -> None:
    job = (await bench.submit(FILE)).job
    worker = bench.worker()
    await worker.do(await worker.claim())
    task = await worker.claim()
    await bench.registry.pause("acme", job.id)
    await worker.do(task)
    paused = await bench.job(job.id)
    assert (State.PAUSED, 2) == (paused.state, paused.progress.rows_done)


async def test_cancelled_what_was_charged_is_still_the_result(bench: Any) -> None:
    job = (await bench.submit(LARGE)).job
    worker = bench.worker()
    await worker.do(await worker.claim())
    await worker.do(await worker.claim())
    await bench.registry.cancel("acme", job.id)
    await bench.work()
    cancelled = await bench.job(job.id)
    report = await bench.report(cancelled)
    assert (State.CANCELLED, CHUNK_ROWS) == (cancelled.state, len(bench.result(job).splitlines()) - 1)
    assert {NOT_PROCESSED: 2 * CHUNK_ROWS} == report["refusals"]
    assert (3 * CHUNK_ROWS, CHUNK_ROWS) == (report["rows"], await bench.units())
    assert 2 * CHUNK_ROWS == len(bench.refusals(job))


async def test_cancelled_before_it_began_there_is_nothing(bench: Any) -> None:
    job = (await bench.submit(FILE)).job
    assert State.CANCELLED == (await bench.registry.cancel("acme", job.id)).state
    assert await bench.worker().claim() is None
    assert State.CANCELLED == (await bench.registry.cancel("acme", job.id)).state


async def test_purged_in_the_middle_nothing_is_charged_any_more(bench: Any) -> None:
    job = (await bench.submit(FILE)).job
    worker = bench.worker()
    await worker.do(await worker.claim())
    task = await worker.claim()
    purged = await bench.registry.purge("acme", job.id)
    bench.files.remove(job.id)
    assert (State.PURGED, "") == (purged.state, purged.file_name)
    await worker.do(task)
    await bench.work()
    assert (State.PURGED, 0) == ((await bench.job(job.id)).state, await bench.units())
    assert [] == await bench.rows("SELECT job FROM job_task")


async def test_held_until_the_client_says_how_to_read_it(bench: Any) -> None:
    text = "quem;conta\nHIT ANA;1\n"
    job = (await bench.submit(text, hold=True)).job
    assert State.RECEIVED == job.state
    assert await bench.worker().claim() is None
    accepted = await bench.registry.accept("acme", job.id, JobRequest(mapping={"name": "quem"}))
    assert State.QUEUED == accepted.state
    assert await bench.registry.accept("acme", job.id, JobRequest()) is None
    await bench.work()
    assert 1 == await bench.units()


async def test_a_small_file_does_not_wait_for_another_clients_large_one(bench: Any) -> None:
    await bench.submit(LARGE)
    worker = bench.worker()
    await worker.do(await worker.claim())
    under_way = await worker.claim()
    small = (await bench.submit(FILE, bench.other)).job
    for kind in ("stage", "chunk", "finish"):
        task = await worker.claim()
        assert (small.id, kind) == (task.job, task.kind)
        await worker.do(task)
    assert (await worker.claim()).job == under_way.job


async def test_a_clients_own_jobs_take_turns_too(bench: Any) -> None:
    large = (await bench.submit(LARGE)).job
    worker = bench.worker()
    await worker.do(await worker.claim())
    small = (await bench.submit(FILE)).job
    turns = []
    for _ in range(4):
        task = await worker.claim()
        turns.append(task.job)
        await worker.do(task)
    assert [small.id, large.id, small.id, large.id] == turns


async def test_no_client_has_more_tasks_running_than_allowed(bench: Any) -> None:
    job = (await bench.submit(LARGE)).job
    worker = bench.worker()
    await worker.do(await worker.claim())
    worker._settings = type(bench.settings)(home=bench.settings.home, job_tasks_per_client=2)
    assert [job.id, job.id] == [task.job for task in (await worker.claim(), await worker.claim())]
    assert await worker.claim() is None


async def test_what_expired_is_purged_with_its_files(bench: Any) -> None:
    kept, expired = await bench.done(FILE), await bench.done(FILE)
    forgotten = (await bench.submit(FILE)).job
    await bench.registry.pause("acme", forgotten.id)
    await bench.rows("UPDATE job SET expires_at = now() WHERE id <> $1", kept.id)
    await tidy(bench.store, bench.settings)
    assert State.PURGED == (await bench.job(forgotten.id)).state
    assert (State.COMPLETED, State.PURGED) == ((await bench.job(kept.id)).state, (await bench.job(expired.id)).state)
    assert (True, False) == (bool(bench.listed(kept)), bool(bench.listed(expired)))


async def test_files_without_a_job_are_removed_when_they_are_old(bench: Any) -> None:
    import os

    kept = await bench.done(FILE)
    for name in ("job_stray", "incoming/job_half"):
        (bench.settings.jobs / name).mkdir(parents=True)
    for name in ("job_stray", "incoming/job_half", kept.id):
        os.utime(bench.settings.jobs / name, (0, 0))
    (bench.settings.jobs / "job_young").mkdir()
    await tidy(bench.store, bench.settings)
    left = {path.name for path in bench.settings.jobs.iterdir()}
    assert {"incoming", kept.id, "job_young"} == left
    assert [] == list((bench.settings.jobs / "incoming").iterdir())
