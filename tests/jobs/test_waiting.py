"""What a job waits for, and that it says so: a population, room on the disk, the storage of files."""

from typing import Any

import pytest

from bureau.errors import StorageUnavailable
from bureau.jobs.job import State


async def test_without_a_population_a_job_waits(bench: Any, home: Any) -> None:
    (home / "populations" / "CURRENT").unlink()
    job = await bench.done(bench.FILE)
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
        job = await bench.done(bench.FILE)
    assert (State.RUNNING, "storage_full", 0) == (job.state, job.problem, await bench.units())
    assert "no room" in job.detail
    assert "/srv" not in job.detail
    await bench.rows("UPDATE job_task SET not_before = now()")
    await bench.work()
    done = await bench.job(job.id)
    assert (State.COMPLETED, None, 2) == (done.state, done.problem, await bench.units())


async def test_a_storage_that_is_away_is_waited_for(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import bureau.jobs.worker as module

    def away(*_: Any) -> None:
        raise StorageUnavailable("It was cut off.")

    job = (await bench.submit(bench.FILE)).job
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
