"""A network that swallows everything: connections stay open, nothing comes back."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from bureau.access.idempotency import Idempotency, Refusal, fingerprint
from bureau.access.keys import create_key
from bureau.access.usage import Receipt, UsageLedger, UsageRow
from bureau.errors import StoreUnavailable
from bureau.ids import ClientId, KeyId, RequestId
from bureau.settings import Settings
from bureau.store import Listener, Row, Store

ACME = ClientId("Acme")


class Proxy:
    """A socket in front of the database's that forwards while ``open`` is set and holds everything back otherwise."""

    def __init__(self, database_url: str) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="bureau-proxy-"))
        self.open = asyncio.Event()
        self.open.set()
        parts = urlsplit(database_url)
        self._target = Path(parse_qs(parts.query)["host"][0]) / ".s.PGSQL.5432"
        self.url = parts._replace(query=f"host={quote(str(self.directory))}").geturl()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self.directory / ".s.PGSQL.5432")

    async def stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        shutil.rmtree(self.directory)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        its_reader, its_writer = await asyncio.open_unix_connection(self._target)
        for source, target in ((reader, its_writer), (its_reader, writer)):
            self._tasks.add(asyncio.create_task(self._forward(source, target)))

    async def _forward(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65536):
                await self.open.wait()
                target.write(data)
                await target.drain()
        finally:
            target.close()


@pytest.fixture
async def proxy(database_url: str) -> AsyncIterator[Proxy]:
    if "host=" not in database_url:
        pytest.skip("the database is not behind a local socket")
    started = Proxy(database_url)
    await started.start()
    yield started
    await started.stop()


@pytest.fixture
async def settings(proxy: Proxy) -> Settings:
    return Settings(database_url=proxy.url, usage_patience_seconds=0.2)


@pytest.fixture
async def distant(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Store]:
    """A store behind the proxy, with the real one's time limits but for its listener's."""
    monkeypatch.setattr("bureau.store.listener.ANSWER_SECONDS", 0.1)
    store = await Store.open(settings)
    yield store
    await store.close()


def new_row() -> UsageRow:
    return UsageRow(request_id=RequestId("req"), key_id=KeyId("key"), client=ACME, operation="enrich", purpose=None,
                    status="matched", units=1)  # fmt: skip


async def test_statements_end_in_time_and_work_again_afterwards(
    proxy: Proxy, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bureau.store.connection.STATEMENT_SECONDS", 0.3)
    distant = await Store.open(settings)
    assert [] == await distant.fetch("keys.all")
    proxy.open.clear()
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        await distant.fetch("keys.all")
    assert time.monotonic() - began < 2
    proxy.open.set()
    assert [] == await distant.fetch("keys.all")
    await distant.close()


async def test_the_ledger_gives_up_in_time_and_works_again_afterwards(
    proxy: Proxy, distant: Store, settings: Settings
) -> None:
    ledger = UsageLedger(distant, settings)
    assert Receipt.RECORDED == await ledger.record([new_row()])
    proxy.open.clear()
    began = time.monotonic()
    assert [Receipt.UNAVAILABLE] * 5 == await asyncio.gather(*(ledger.record([new_row()]) for _ in range(5)))
    assert time.monotonic() - began < 2
    proxy.open.set()
    assert Receipt.RECORDED == await ledger.record([new_row()])


async def test_keys_in_use_are_refused_in_time(proxy: Proxy, distant: Store, settings: Settings) -> None:
    idempotency = Idempotency(distant, settings)
    proxy.open.clear()
    began = time.monotonic()
    assert Refusal.UNAVAILABLE == await idempotency.begin(ACME, "k", fingerprint("enrich", b""))
    assert time.monotonic() - began < 2
    proxy.open.set()


async def test_a_listener_finds_out_that_its_connection_is_dead(proxy: Proxy, distant: Store, store: Store) -> None:
    read: list[int] = []
    news = asyncio.Event()

    def changed(rows: list[Row]) -> None:
        read.append(len(rows))
        news.set()

    listener = Listener(distant, "bureau_keys", "keys.valid", changed, every_seconds=0.05)
    await listener.start()
    proxy.open.clear()
    await create_key(store, "made while nothing got through")
    proxy.open.set()
    async with asyncio.timeout(2):
        while read[-1] != 1:
            news.clear()
            await news.wait()
    await listener.stop()


async def test_what_nobody_announced_is_found_by_looking(distant: Store) -> None:
    found = asyncio.Event()
    listener = Listener(distant, "nothing_ever", "keys.valid", lambda rows: rows and found.set(), every_seconds=0.05)
    await listener.start()
    await create_key(distant, "Acme")
    async with asyncio.timeout(2):
        await found.wait()
    await listener.stop()
