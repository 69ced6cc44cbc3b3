import asyncio
import importlib.util
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bureau.overlay.fingerprints import Fingerprints
from bureau.settings import Settings
from bureau.store import Store


@pytest.fixture
def fingerprints() -> Fingerprints:
    return Fingerprints(b"s" * 32)


@pytest.fixture
async def other_store(store_settings: Settings) -> AsyncIterator[Store]:
    """Another process's way to the same database."""
    opened = await Store.open(store_settings)
    yield opened
    await opened.close()


def _module(name: str, where: str) -> ModuleType:
    """A module of the tests, which are no package."""
    specification = importlib.util.spec_from_file_location(name, Path(__file__).parents[1] / where)
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
async def mail_server() -> AsyncIterator[Any]:
    """The scripted mail server of the prober's tests."""
    scripted = _module("mail_servers", "deliverability/email/mailbox/conftest.py").ScriptedServer()
    server = await asyncio.start_server(scripted.serve, "127.0.0.1", 0)
    scripted.port = server.sockets[0].getsockname()[1]
    yield scripted
    server.close()


@pytest.fixture
async def dns_server() -> AsyncIterator[Any]:
    """The name server of the verifier's tests."""
    loopback = _module("name_servers", "deliverability/email/conftest.py").LoopbackDns
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(lambda: loopback({}), local_addr=("127.0.0.1", 0))
    yield server
    transport.close()
