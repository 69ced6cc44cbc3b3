"""A worker whose database comes late starts all the same, and says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from litestar import Litestar

from api import lifespan
from api.app import create_app
from bureau.errors import StoreUnavailable
from bureau.settings import Settings


def client_of(app: Litestar) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://worker")


async def test_without_database_it_lives_but_is_not_ready(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lifespan, "RETRY_SECONDS", 0.001)
    attempts = 0
    closed = False

    @asynccontextmanager
    async def opener(_: Settings) -> AsyncIterator[Any]:
        nonlocal attempts, closed
        attempts += 1
        if attempts <= 3:
            raise StoreUnavailable("PostgreSQL cannot be reached.")
        yield "services"
        closed = True

    app = create_app(Settings(), opener)
    async with app.lifespan(), client_of(app) as client:
        assert 200 == (await client.get("/livez")).status_code
        reply = await client.get("/readyz")
        assert (503, "store_unavailable", "1") == (
            reply.status_code,
            reply.json()["code"],
            reply.headers["retry-after"],
        )
        while app.state.services is None:  # noqa: ASYNC110 - the retry has no event to wait for
            await asyncio.sleep(0)
    assert (4, True) == (attempts, closed)
    assert 1 == sum("waiting for the database" in message for message in caplog.messages)


async def test_a_fault_that_waiting_cannot_cure_stops_the_worker() -> None:
    @asynccontextmanager
    async def opener(_: Settings) -> AsyncIterator[Any]:
        raise RuntimeError("a bug")
        yield

    with pytest.RaisesGroup(RuntimeError):
        async with create_app(Settings(), opener).lifespan():
            pytest.fail("it started")
