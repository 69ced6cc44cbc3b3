"""The documented application over the fakes of ``tests/api``, which are loaded by path: tests are no package."""

import importlib.util
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from schemathesis.python.asgi import shutdown_lifespans

from api.app import create_app
from bureau.settings import Settings
from bureau.store import Store


def _fakes() -> ModuleType:
    specification = importlib.util.spec_from_file_location("fakes", Path(__file__).parents[1] / "api/conftest.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class FakeVerifier:
    """Verdicts of depth syntax at any depth: no question leaves the machine."""

    async def verify(self, addresses: list[str], *_: Any, **__: Any) -> list[Any]:
        from datetime import UTC, datetime

        from bureau.deliverability.email.verdict import check_email

        return [check_email(address, datetime.now(UTC)) for address in addresses]


@pytest.fixture(scope="module")
def app() -> Iterator[Any]:
    """Opened by schemathesis, in the one event loop that it sends everything in."""
    yield _application(Settings(requests_per_second=1e6, burst_requests=1_000_000), None)
    shutdown_lifespans()


@pytest.fixture(scope="module")
def jobs_settings(database_server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A database and a home of the module's own."""
    home = tmp_path_factory.mktemp("home")
    (home / "populations").mkdir()
    (home / "populations" / "CURRENT").write_text("pop_1\n")
    name = f"test_{secrets.token_hex(6)}"
    database_server.execute(f"CREATE DATABASE {name} TEMPLATE {database_server.template}")
    yield Settings(
        home=home,
        database_url=database_server.url_of(name),
        requests_per_second=1e6,
        burst_requests=1_000_000,
        jobs_open_per_client=100_000,
        upload_limit_bytes=200_000,
    )
    database_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def app_with_store(jobs_settings: Settings) -> Iterator[Any]:
    """As ``app``, over a real database: for what is kept there."""
    yield _application(jobs_settings, Store.open)
    shutdown_lifespans()


def _application(settings: Settings, open_store: Callable[[Settings], Awaitable[Store]] | None) -> Any:
    fakes = _fakes()
    worker = fakes.Worker(settings)

    @asynccontextmanager
    async def opened(_: Settings) -> AsyncIterator[Any]:
        await worker.serving.refresh()
        services = worker._services(settings, cast(Any, FakeVerifier()))
        if open_store is None:
            yield services
            return
        async with await open_store(settings) as store:
            yield services._replace(store=store)

    return create_app(settings, opened)
