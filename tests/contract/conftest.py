"""The documented application over the fakes of ``tests/api``, which are loaded by path: tests are no package."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest

from bureau.settings import Settings


def _fakes() -> ModuleType:
    specification = importlib.util.spec_from_file_location("fakes", Path(__file__).parents[1] / "api/conftest.py")
    assert specification
    assert specification.loader
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


class FakeVerifier:
    """Verdicts of depth syntax at any depth: the real one needs the event loop it was opened in."""

    async def verify(self, addresses: list[str], *_: Any, **__: Any) -> list[Any]:
        from datetime import UTC, datetime

        from bureau.deliverability.email.verdict import check_email

        return [check_email(address, datetime.now(UTC)) for address in addresses]


@pytest.fixture(scope="module")
def app() -> Any:
    """Ready to answer in any event loop: services are put in place without the lifespan that would tie them to one."""
    fakes = _fakes()
    worker = fakes.Worker(Settings(requests_per_second=1e6, burst_requests=1_000_000))
    worker.serving._enricher, worker.serving.population = worker.enricher, "pop_1"
    worker.app.state.services = worker._services(worker.settings, cast(Any, FakeVerifier()))
    return worker.app
