"""How many durable usage rows a second: the ledger's group commit against one INSERT a request.

``make bench BENCH=usage`` (``ARGS="--seconds 2 --waiters 1 10 50 200"``) makes an embedded cluster in a temporary home
(fsync on), keeps so many requests waiting at once, and prints one JSON line a measurement; all go to ``results/``:

- ``insert``: asyncpg alone, a pool of 8 connections, one committed INSERT of the same row a request;
- ``ledger``: ``UsageLedger.record`` of one row;
- ``idempotent``: ``Idempotency.begin``, then the row with a stored answer of 2 kB of JSON.
"""

import argparse
import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import uvloop

from bureau.access.idempotency import Idempotency, KeptAnswer, Reservation
from bureau.access.usage import UsageLedger, UsageRow
from bureau.ids import ClientId, EntityId, KeyId, PopulationId, RequestId, sortable
from bureau.model.query import Purpose
from bureau.settings import Settings
from bureau.store import Store
from bureau.store.embedded import DATABASE, EmbeddedCluster

HERE = Path(__file__).parent
COLUMNS = ("at", "id", "request_id", "key_id", "client", "operation", "purpose", "status", "units", "population",
           "entity_id", "fields")  # fmt: skip
INSERT = f"INSERT INTO usage ({', '.join(COLUMNS)}) VALUES ({', '.join(f'${n}' for n in range(1, 13))})"  # noqa: S608
ANSWER = json.dumps(
    [{"id": sortable("enr"), "status": "matched", "rank": n, "fields": ["name"]} for n in range(22)]
).encode()
FINGERPRINT = bytes(32)
CLIENT = ClientId("Acme")

Request = Callable[[], Awaitable[None]]


def new_row() -> UsageRow:
    return UsageRow(
        request_id=RequestId(sortable("req")),
        key_id=KeyId("key_01"),
        client=CLIENT,
        operation="enrich",
        purpose=Purpose.COLLECTION,
        status="matched",
        units=1,
        population=PopulationId("pop_01"),
        entity_id=EntityId(os.urandom(8).hex()),
        fields=("name", "emails", "phones", "addresses"),
    )


def cpu_seconds(postmaster: psutil.Process) -> tuple[float, float]:
    """Processor time spent so far by this process, and by the cluster, whose sessions stay open meanwhile."""
    times = [process.cpu_times() for process in (postmaster, *postmaster.children())]
    return time.process_time(), sum(spent.user + spent.system for spent in times)


async def measure(request: Request, waiters: int, seconds: float, postmaster: psutil.Process) -> dict[str, float]:
    """Requests a second, the wait of one in milliseconds, and the processor time of one here and in PostgreSQL, in
    microseconds, with ``waiters`` at work all the time. The processor times hold on a busy machine too.
    """
    waits: list[float] = []
    before = cpu_seconds(postmaster)
    until = time.perf_counter() + seconds

    async def waiter() -> None:
        while (began := time.perf_counter()) < until:
            await request()
            waits.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(waiter() for _ in range(waiters)))
    took = time.perf_counter() - began
    spent = [(now - then) / len(waits) for now, then in zip(cpu_seconds(postmaster), before, strict=True)]
    cuts = statistics.quantiles(waits, n=100)
    return {
        "per_second": round(len(waits) / took),
        "p50_ms": round(cuts[49] * 1e3, 2),
        "p99_ms": round(cuts[98] * 1e3, 2),
        "cpu_us": round(spent[0] * 1e6),
        "postgres_cpu_us": round(spent[1] * 1e6),
    }


async def run(home: Path, seconds: float, all_waiters: list[int]) -> dict[str, Any]:
    settings = Settings(home=home)
    cluster = await asyncio.to_thread(EmbeddedCluster.join, home)
    postmaster = psutil.Process(int((home / "postgres" / "postmaster.pid").read_text().split()[0]))
    async with await Store.open(settings) as store:
        ledger, idempotency = UsageLedger(store, settings), Idempotency(store, settings)
        pool = await asyncpg.create_pool(cluster.url_of(DATABASE), min_size=8, max_size=8)

        async def insert() -> None:
            row = new_row()
            await pool.execute(INSERT, *(getattr(row, column) for column in COLUMNS))

        async def record() -> None:
            assert await ledger.record([new_row()]) == "recorded"

        async def record_once() -> None:
            reservation = await idempotency.begin(CLIENT, sortable("idem"), FINGERPRINT)
            assert isinstance(reservation, Reservation)
            assert await ledger.record([new_row()], KeptAnswer(reservation, 200, ANSWER)) == "recorded"

        figures = []
        await record()  # makes the month
        for waiters in all_waiters:
            for name, request in (("insert", insert), ("ledger", record), ("idempotent", record_once)):
                measured = await measure(request, waiters, seconds, postmaster)
                figures.append({"what": name, "waiters": waiters} | measured)
                print(json.dumps(figures[-1]), flush=True)
        postgres = str(await pool.fetchval("SHOW server_version"))
        await pool.close()
    cluster.leave()
    versions = {name: version(name) for name in ("asyncpg", "uvloop")} | {"postgres": postgres}
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    return {"machine": machine, "versions": versions, "load_average": os.getloadavg(), "figures": figures}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--waiters", type=int, nargs="+", default=[1, 10, 50, 100, 200])
    arguments = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="bureau-benchmark-"))
    try:
        measured = uvloop.run(run(home, arguments.seconds, arguments.waiters))
    finally:
        shutil.rmtree(home, ignore_errors=True)
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, text=True).strip()
    report = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "commit": commit} | measured
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"{commit}.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
