"""Workers that are slow, dead or cut off: whoever lost a claim charges nothing and leaves nothing behind."""

import asyncio
from typing import Any

import msgspec
import pytest

from bureau.errors import StoreUnavailable
from bureau.intake.rows import CHUNK_ROWS
from bureau.jobs.housekeeping import tidy
from bureau.jobs.job import State

EVERYWHERE = pytest.mark.parametrize(
    "files_url", ["local", pytest.param("bucket", marks=pytest.mark.acceptance)], indirect=True
)


async def test_who_lost_its_claim_charges_nothing(bench: Any) -> None:
    await bench.submit(bench.FILE)
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
    submitted = await bench.submit(bench.FILE)
    await bench.rows("UPDATE job_task SET attempts = 8")
    await bench.work()
    job = await bench.job(submitted.job.id)
    assert (State.FAILED, "internal") == (job.state, job.problem)


async def test_a_task_whose_end_could_not_be_written_is_done_again_at_once(bench: Any) -> None:
    await bench.submit(bench.FILE)
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
    await bench.submit(bench.names(2 * CHUNK_ROWS))
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


@EVERYWHERE
async def test_a_part_whose_claim_was_lost_is_not_left_behind(bench: Any) -> None:
    job = (await bench.submit(bench.FILE)).job
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
    job = (await bench.submit(bench.FILE)).job
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
