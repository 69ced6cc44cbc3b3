from collections.abc import AsyncIterator

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
