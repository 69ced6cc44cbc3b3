"""The database for tests: one cluster a session, one template, one database a test; and an S3 server a session.

``TEST_DATABASE_URL`` (a superuser's, any database of the server) is used instead of the embedded cluster if set.
"""

import asyncio
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pyarrow.fs as pafs
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


class ObjectServer:
    """moto's S3 server in a process of its own, on loopback; what is in it is gone with it."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._buckets = 0
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 120
        while not self._listens():
            assert time.monotonic() < until
            assert self.process.poll() is None
            time.sleep(0.05)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def url(self, prefix: str = "/jobs") -> str:
        """Of a bucket that is made for the caller."""
        self._buckets += 1
        bucket = f"bucket-{self._buckets}"
        server = {"endpoint_override": f"127.0.0.1:{self.port}", "scheme": "http", "region": "us-east-1"}
        pafs.S3FileSystem(**server, allow_bucket_creation=True).create_dir(bucket)
        return self.url_of(f"{bucket}{prefix}")

    def url_of(self, path: str) -> str:
        return f"s3://{path}?region=us-east-1&scheme=http&endpoint_override=127.0.0.1:{self.port}"

    def close(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def files_url(request: pytest.FixtureRequest) -> str | None:
    """Where jobs keep their files: a directory, or, for a test that is parametrised so, a bucket of its own."""
    wanted = getattr(request, "param", "local")
    return request.getfixturevalue("object_server").url() if wanted == "bucket" else None


@pytest.fixture(scope="session")
def object_server() -> Iterator[ObjectServer]:
    """Tests that ask for it are ``acceptance``; it believes any credentials."""
    given = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
    with pytest.MonkeyPatch.context() as patched:
        for name, value in given.items():
            patched.setenv(name, value)
        server = ObjectServer()
        yield server
        server.close()
