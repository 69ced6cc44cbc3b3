"""What was acknowledged is there, once, whoever is killed at whatever moment."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bureau.access.usage import Receipt, UsageLedger, UsageRow
from bureau.ids import ClientId, KeyId, RequestId
from bureau.settings import Settings
from bureau.store import Store
from bureau.store.embedded import EmbeddedCluster

pytestmark = pytest.mark.acceptance

WORKER = """
import asyncio, sys
from bureau.access.usage import UsageLedger, UsageRow
from bureau.settings import Settings
from bureau.store import Store

async def client(ledger):
    while True:
        row = UsageRow(request_id="req", key_id="key", client="Acme", operation="enrich", purpose=None,
                       status="matched", units=1)
        if await ledger.record([row]) == "recorded":
            sys.stdout.write(row.id + "\\n")
            sys.stdout.flush()

async def main():
    settings = Settings(database_url=sys.argv[1])
    ledger = UsageLedger(await Store.open(settings), settings)
    await asyncio.gather(*(client(ledger) for _ in range(50)))

asyncio.run(main())
"""


def new_row() -> UsageRow:
    return UsageRow(request_id=RequestId("req"), key_id=KeyId("key"), client=ClientId("Acme"), operation="enrich",
                    purpose=None, status="matched", units=1)  # fmt: skip


async def ids_in(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return [row["id"] for row in await connection.fetch("SELECT id FROM usage")]
    finally:
        await connection.close()


@pytest.mark.parametrize("acknowledged", [1, 500, 3000])
def test_a_worker_killed_while_recording_loses_nothing_it_acknowledged(database_url: str, acknowledged: int) -> None:
    command = [sys.executable, "-c", WORKER, database_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout
        seen = [worker.stdout.readline().strip() for _ in range(acknowledged)]
        worker.kill()
        seen += [line.strip() for line in worker.stdout if line.endswith("\n")]
    stored = asyncio.run(ids_in(database_url))
    assert set() == set(seen) - set(stored)
    assert len(stored) == len(set(stored))


@pytest.fixture
def home(cluster_directory: Path) -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="bureau-killed-", dir=cluster_directory))
    yield made
    shutil.rmtree(made, ignore_errors=True)


async def test_a_database_killed_while_recording_loses_nothing_and_doubles_nothing(home: Path) -> None:
    settings = Settings(home=home, usage_patience_seconds=30)
    store = await Store.open(settings)
    ledger = UsageLedger(store, settings)
    given: list[tuple[UsageRow, Receipt]] = []
    stop = asyncio.Event()

    async def client() -> None:
        while not stop.is_set():
            row = new_row()
            given.append((row, await ledger.record([row])))

    clients = [asyncio.create_task(client()) for _ in range(20)]
    while len(given) < 200:  # noqa: ASYNC110  # what is waited for has no event
        await asyncio.sleep(0.01)
    os.kill(int((home / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    restarted: Any = await asyncio.to_thread(EmbeddedCluster.join, home)
    before = len(given)
    while len(given) < before + 200:  # noqa: ASYNC110  # as above
        await asyncio.sleep(0.01)
    stop.set()
    await asyncio.gather(*clients)
    stored = await ids_in(restarted.url_of("bureau"))
    assert [Receipt.RECORDED] * len(given) == [receipt for _, receipt in given]
    assert sorted(row.id for row, _ in given) == sorted(stored)
    await store.close()
    restarted.leave()
