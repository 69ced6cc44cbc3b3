"""A real server: ``bureau serve`` with two workers, its embedded database, and a small population built for real."""

import asyncio
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import pytest

from bureau.access.keys import create_key
from bureau.answering.process import WARM_UP
from bureau.enrich.single import Enricher
from bureau.model.query import EnrichRequest, Purpose
from bureau.population.reader import open_population
from bureau.settings import Settings
from bureau.store import Store

PEOPLE = 1_500
START_SECONDS = 480  # the first start compiles the inner loops; on a busy machine that takes minutes


class Reply(NamedTuple):
    status: int
    request_id: str
    body: Any
    headers: Any


class Connection:
    """One keep-alive connection of one client."""

    def __init__(self, port: int, key: str) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}

    def post(self, path: str, body: Any) -> Reply:
        self._http.request("POST", path, json.dumps(body), self._headers)
        return self._reply()

    def get(self, path: str) -> Reply:
        self._http.request("GET", path, headers=self._headers)
        return self._reply()

    def _reply(self) -> Reply:
        response = self._http.getresponse()
        text = response.read()
        return Reply(response.status, response.headers["x-request-id"], json.loads(text), response.headers)

    def close(self) -> None:
        self._http.close()


class Server:
    """A ``bureau serve`` in a session of its own, so that all of it can be killed at once."""

    def __init__(self, home: Path, log: Path) -> None:
        self.home = home
        self._connections: list[Connection] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "bureau.cli", "--home", str(home), "serve", "--workers", "2"]
        environment = os.environ | {"BUREAU_REQUESTS_PER_SECOND": "100000", "BUREAU_BURST_REQUESTS": "100000"}
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port)],
                stdout=output,
                stderr=output,
                env=environment,
                start_new_session=True,
            )

    def connect(self, key: str) -> Connection:
        """A connection that is closed with the server at the latest."""
        connection = Connection(self.port, key)
        self._connections.append(connection)
        return connection

    def close(self) -> None:
        for connection in self._connections:
            connection.close()
        if self.process.poll() is None:
            self.kill()

    def wait_until_ready(self) -> None:
        """Both workers: one connection may reach either, so ask until many in a row are ready."""
        ready, until = 0, time.monotonic() + START_SECONDS
        while ready < 20:
            assert time.monotonic() < until, "the server was not ready in time"
            assert self.process.poll() is None, "the server ended"
            try:
                connection = self.connect("")
                ready = ready + 1 if connection.get("/readyz").status == 200 else 0
                connection.close()
            except OSError:
                ready = 0
            if not ready:
                time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL to the server and its workers at once; the database is not in their session."""
        workers = psutil.Process(self.process.pid).children()
        for process in (psutil.Process(self.process.pid), *workers):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


class Workers:
    """A ``bureau worker`` with two processes; ``largest_file`` bytes is as if the disk were full beyond that."""

    def __init__(self, home: Path, log: Path, largest_file: int | None = None) -> None:
        command = [sys.executable, "-m", "bureau.cli", "--home", str(home), "worker", "--processes", "2"]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                stdout=output,
                stderr=output,
                env=os.environ | {"BUREAU_JOB_LEASE_SECONDS": "3"},
                start_new_session=True,
            )
        if largest_file is not None:  # long before it starts its workers, which inherit it
            resource.prlimit(self.process.pid, resource.RLIMIT_FSIZE, (largest_file, largest_file))

    def children(self) -> list[psutil.Process]:
        """The processes that work (and none that only keeps track of resources)."""
        with suppress(psutil.NoSuchProcess):
            found = psutil.Process(self.process.pid).children()
            return [one for one in found if "spawn_main" in " ".join(one.cmdline())]
        return []

    def kill(self) -> None:
        """SIGKILL to the parent; its workers end with it."""
        children = self.children()
        self.process.kill()
        self.process.wait()
        psutil.wait_procs(children, timeout=10)

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()


@pytest.fixture
def start_workers(home: Path) -> Iterator[Callable[..., Workers]]:
    """Start workers; whatever still runs at the end is killed."""
    started: list[Workers] = []

    def start(largest_file: int | None = None) -> Workers:
        started.append(Workers(home, home / "worker.log", largest_file))
        return started[-1]

    yield start
    for workers in started:
        workers.close()


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """Two populations of the same people, so that one can be swapped for the other."""
    from bureau.population.build import BuildOptions, build
    from loaders.people import load_people
    from loaders.synthetic import SyntheticOptions, generate
    from loaders.tables import TableOptions

    home = Path(tempfile.mkdtemp(prefix="bureau-api-"))  # under root the database runs as another user: not pytest's
    home.chmod(0o755)
    files = home / "synthetic"
    generate(files, SyntheticOptions(people=PEOPLE, queries=200))
    load_people(sorted((files / "people").glob("*.csv")), home, TableOptions())
    for _ in range(2):
        build(home, BuildOptions())
    enricher = Enricher(open_population(home))
    for record in WARM_UP:  # compiles the kernels into their cache, once and not in every server that is started
        enricher.enrich(EnrichRequest(record))
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def start(home: Path) -> Iterator[Callable[[], Server]]:
    """Start servers; whatever still runs at the end is killed."""
    servers: list[Server] = []

    def started() -> Server:
        server = Server(home, home / "server.log")
        servers.append(server)
        server.wait_until_ready()
        return server

    yield started
    for server in servers:
        server.close()


@pytest.fixture
def in_store(home: Path) -> Callable[[Callable[[Store], Awaitable[Any]]], Any]:
    """Run something against the server's database."""

    async def run(work: Callable[[Store], Awaitable[Any]]) -> Any:
        async with await Store.open(Settings(home=home)) as store:
            return await work(store)

    return lambda work: asyncio.run(run(work))


@pytest.fixture
def key(in_store: Callable[[Callable[[Store], Awaitable[Any]]], Any]) -> Any:
    """A new key; ``id`` and ``secret``."""
    return in_store(lambda store: create_key(store, "acceptance", Purpose.BILLING))


@pytest.fixture(scope="session")
def queries(home: Path) -> list[dict[str, Any]]:
    """Records as their holders know them years later."""
    from bureau.cli.demo_population import DemoPopulation

    return [query.record for query in DemoPopulation(home / "synthetic").queries(100)]
