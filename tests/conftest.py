"""The database for tests: one cluster a session, one template, one database a test.

``TEST_DATABASE_URL`` (a superuser's, any database of the server) is used instead of the embedded cluster if set.
"""

import asyncio
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from bureau.settings import Settings
from bureau.store import Store
from bureau.store.embedded import EmbeddedCluster


class DatabaseServer:
    """A PostgreSQL server with a migrated template to copy databases from."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.template = f"bureau_template_{secrets.token_hex(6)}"

    def url_of(self, database: str) -> str:
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{database}"))

    def execute(self, statement: str) -> None:
        asyncio.run(self._execute(statement))

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    def migrate_template(self) -> None:
        async def migrate() -> None:
            store = await Store.open(Settings(database_url=self.url_of(self.template)))
            await store.close()

        self.execute(f"CREATE DATABASE {self.template}")
        asyncio.run(migrate())


@pytest.fixture(scope="session")
def cluster_directory() -> Path:
    """Where to make homes with a cluster: in memory where there is room, since making one waits for the disk a lot.

    Never pytest's own directory: under root the cluster runs as another user, who may not enter that one.
    """
    memory = Path("/dev/shm")  # noqa: S108  # names are made by mkdtemp
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 4e9
    return memory if roomy else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def database_server(cluster_directory: Path) -> Iterator[DatabaseServer]:
    given = os.environ.get("TEST_DATABASE_URL")
    home = Path(tempfile.mkdtemp(prefix="bureau-tests-", dir=cluster_directory))
    cluster = None if given else EmbeddedCluster.join(home)
    server = DatabaseServer(given or (cluster.url_of("postgres") if cluster else ""))
    if cluster:  # what a power cut would do is PostgreSQL's to test, and tests that wait for a disk are slow
        server.execute("ALTER SYSTEM SET fsync = off")
        server.execute("SELECT pg_reload_conf()")
    server.migrate_template()
    yield server
    server.execute(f"DROP DATABASE {server.template}")
    if cluster:
        cluster.leave()
    shutil.rmtree(home)


@pytest.fixture
def empty_database_url(database_server: DatabaseServer) -> Iterator[str]:
    """A database of the test's own, without any table."""
    name = f"test_{secrets.token_hex(6)}"
    database_server.execute(f"CREATE DATABASE {name}")
    yield database_server.url_of(name)
    database_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(database_server: DatabaseServer) -> Iterator[str]:
    """A migrated database of the test's own."""
    name = f"test_{secrets.token_hex(6)}"
    database_server.execute(f"CREATE DATABASE {name} TEMPLATE {database_server.template}")
    yield database_server.url_of(name)
    database_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store_settings(database_url: str) -> Settings:
    """Settings for a store on the test's own database."""
    return Settings(database_url=database_url, pool_connections=4)


@pytest.fixture
async def store(store_settings: Settings) -> AsyncIterator[Store]:
    """An open store on the test's own, migrated database."""
    opened = await Store.open(store_settings)
    yield opened
    await opened.close()
