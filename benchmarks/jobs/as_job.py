"""The same file as a job: stage by stage in one process, and as a whole by ``bureau worker``."""

import asyncio
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
import psutil

from benchmarks.jobs.portfolio import refusals_of, rows_in
from benchmarks.jobs.watching import watched
from bureau.access.keys import Principal
from bureau.ids import ClientId, KeyId
from bureau.jobs.files import Incoming, job_files
from bureau.jobs.job import Job, JobRequest, State
from bureau.jobs.registry import Registry
from bureau.jobs.report import Report
from bureau.jobs.worker import Worker
from bureau.model.query import Purpose
from bureau.settings import Settings
from bureau.store import Store

_MOMENTS = {"at its first chunk": 0.0, "at its half": 0.5, "while its parts are joined": 1.0}


async def by_stage(settings: Settings, file: Path) -> dict[str, Any]:
    """CPU seconds by kind of task, of this process and of PostgreSQL."""
    async with await Store.open(settings) as store:
        began = time.process_time()
        await _submit(store, settings, file, "stages")
        spent: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        spent["upload"]["worker"] = time.process_time() - began
        worker = Worker(store, settings, "bench")
        first = True
        while task := await worker.claim():
            began, database, clock = time.process_time(), _database_seconds(settings.home), time.perf_counter()
            await worker.do(task)
            # The first chunk opens the population and compiles what is not compiled yet.
            kind = "first chunk" if task.kind == "chunk" and first else task.kind
            first = first and task.kind != "chunk"
            spent[kind]["tasks"] += 1
            spent[kind]["worker"] += time.process_time() - began
            spent[kind]["database"] += _database_seconds(settings.home) - database
            spent[kind]["wall"] += time.perf_counter() - clock
        return {kind: {name: round(value, 3) for name, value in found.items()} for kind, found in spent.items()}


def _database_seconds(home: Path) -> float:
    total = 0.0
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error):
            if process.info["name"] == "postgres" and process.cwd() == str(home / "postgres"):
                total += sum(process.cpu_times()[:2])
    return total


async def whole(settings: Settings, file: Path, small: Path) -> dict[str, Any]:
    """The large file by ``bureau worker``, and beside it, three times, a small one of another client."""
    async with await Store.open(settings) as store:
        registry, progress = Registry(store, settings), [0.0]
        began = time.perf_counter()
        large = await _submit(store, settings, file, "whole")
        uploaded = time.perf_counter() - began
        with _workers(settings) as workers, watched(workers, lambda: progress[0]) as memory:
            follower = asyncio.create_task(_follow(registry, large, progress))
            first, _ = await _until(registry, "whole", large, lambda job: job.progress.rows_done > 0)
            beside = {moment: await _beside(store, settings, small, large, share) for moment, share in _MOMENTS.items()}
            ended, job = await _until(registry, "whole", large, lambda job: job.state.ended)
            await follower
        assert job.state is State.COMPLETED
        report = msgspec.json.decode(await registry.report(ClientId("whole"), large.id) or b"", type=Report)
    result = settings.jobs / large.id / "results.csv"
    results, refused = rows_in(result), max(rows_in(refusals_of(result)), 0)
    assert report.rows == results + refused == rows_in(file)
    return {
        "seconds": round(ended - began, 2),
        "rows_per_second": round(report.rows / (ended - began)),
        "results": results,
        "refused": refused,
        "seconds_of_upload": round(uploaded, 2),
        "seconds_to_first_chunk": round(first - began, 2),
        "seconds_of_small_job_beside_it": beside,
        **memory.told(),
    }


async def _beside(store: Store, settings: Settings, small: Path, large: Job, share: float) -> float | None:
    """Seconds of a small job submitted when so much of the large one's rows are done; None if that one had ended."""
    registry = Registry(store, settings)

    def then(job: Job) -> bool:
        return job.state.ended or job.progress.rows_done >= share * (job.progress.rows or 1)

    _, shown = await _until(registry, "whole", large, then)
    if shown.state.ended:
        return None
    quick, began = await _submit(store, settings, small, "small"), time.perf_counter()
    ended, _ = await _until(registry, "small", quick, lambda job: job.state.ended)
    return round(ended - began, 2)


async def _follow(registry: Registry, job: Job, progress: list[float]) -> None:
    while (found := await registry.find(ClientId("whole"), job.id)) and not found.state.ended:
        progress[0] = found.progress.share
        await asyncio.sleep(0.2)


async def _submit(store: Store, settings: Settings, file: Path, client: str) -> Job:
    who = Principal(KeyId("key_bench"), ClientId(client), Purpose.COLLECTION)
    async with Incoming(job_files(settings), 1 << 40) as incoming:
        with file.open("rb") as content:
            while piece := content.read(1 << 20):
                await incoming.write(piece)
        upload = await incoming.keep(file.name)
    return (await Registry(store, settings).submit(who, upload, JobRequest())).job


async def _until(registry: Registry, client: str, job: Job, wanted: Callable[[Job], bool]) -> tuple[float, Job]:
    while True:
        found = await registry.find(ClientId(client), job.id)
        if found and wanted(found):
            return time.perf_counter(), found
        await asyncio.sleep(0.05)


@contextmanager
def _workers(settings: Settings) -> Iterator[psutil.Process]:
    command = [sys.executable, "-m", "bureau.cli", "--home", str(settings.home), "worker"]
    with (settings.home / "worker.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait()
