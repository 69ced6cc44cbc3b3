"""A home built through the whole chain, small enough for tests."""

from pathlib import Path

import pytest

from benchmarks.engine import chain

PEOPLE = 1_200


@pytest.fixture(scope="session")
def chain_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared, so tests must not change it; queries are below ``synthetic/queries``."""
    home = tmp_path_factory.mktemp("chain")
    chain.prepare(PEOPLE, home)
    return home
