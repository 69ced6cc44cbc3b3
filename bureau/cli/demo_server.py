"""The demonstration's server: a child process on a free port, a key that is remembered, and requests to it."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bureau.cli.output import Console
from bureau.errors import BureauError
from bureau.settings import Settings

START_SECONDS = 180.0
STOP_SECONDS = 40.0
CLIENT = "demo"


class ServerFailed(BureauError):
    """The server of the demonstration ended, or did not become ready in time."""

    code = "server_failed"


class DemoServer:
    """A running server; ``key`` is accepted by it."""

    def __init__(self, process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
        self._process = process
        self.url = url
        self._log = log
        self.key = ""

    def get(self, path: str) -> int:
        """The HTTP status of a path; 0 while nobody listens."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=10) as response:  # noqa: S310 (loopback)
                return int(response.status)
        except urllib.error.HTTPError as answer:
            return answer.code
        except OSError:
            return 0

    def post(self, path: str, body: object) -> Any:
        """The decoded answer; raises ``ServerFailed`` for anything but a success."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310 (loopback)
                return json.load(response)
        except urllib.error.HTTPError as problem:
            raise ServerFailed(f"The server answered {path} with status {problem.code}.") from None

    def wait_until_ready(self, console: Console) -> None:
        began = time.monotonic()
        while self.get("/readyz") != 200:
            if self._process.poll() is not None:
                raise ServerFailed(f"The server ended before it was ready; see {self._log}.")
            waited = time.monotonic() - began
            if waited > START_SECONDS:
                raise ServerFailed(f"The server was not ready after {START_SECONDS:.0f} seconds; see {self._log}.")
            console.progress("starting the server", int(waited), 0)
            time.sleep(0.1)

    def wait(self) -> None:
        """Until the server ends, which it should not by itself."""
        if self._process.wait() != 0:
            raise ServerFailed(f"The server ended; see {self._log}.")

    def stop(self) -> None:
        _stop(self._process)


@contextmanager
def running(settings: Settings, console: Console) -> Iterator[DemoServer]:
    """A ready server on ``settings.port`` with a key, and a worker for its jobs; stopped when the block ends."""
    log = settings.home / "server.log"
    address = ["--host", settings.host, "--port", str(settings.port), "--workers", str(settings.workers)]
    server = DemoServer(_started(settings, log, "serve", *address), f"http://{settings.host}:{settings.port}", log)
    try:
        server.wait_until_ready(console)
        server.key = remembered_key(settings)
        worker = _started(settings, settings.home / "worker.log", "worker", "--processes", "1")
        try:
            yield server
        finally:
            _stop(worker)
    finally:
        server.stop()


def _started(settings: Settings, log: Path, *command: str) -> "subprocess.Popen[bytes]":
    """A ``bureau`` command in the background. Left behind by a demonstration that was killed it would hold the port."""
    attended = [sys.executable, "-m", "bureau.cli.attended", str(os.getpid())]
    whole = [*attended, "--home", str(settings.home), *command]
    with log.open("wb") as output:
        # In a session of its own, so that Ctrl-C reaches it once, from us, when we are ready to wait for its end.
        return subprocess.Popen(whole, stdout=output, stderr=output, start_new_session=True)  # noqa: S603


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except (subprocess.TimeoutExpired, KeyboardInterrupt):
        process.kill()
        process.wait()


def free_port(host: str, wanted: int) -> int:
    """``wanted`` if nobody listens there, else any free port."""
    for port in (wanted, 0):
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind((host, port))
            except OSError:
                continue
            return int(attempt.getsockname()[1])
    return wanted


def remembered_key(settings: Settings) -> str:
    """The demonstration's key, made on the first run: a request pasted yesterday works today."""
    from bureau.access.keys import create_key, list_keys
    from bureau.store import Store

    path = settings.home / "demo-key.json"

    async def valid() -> dict[str, str]:
        async with await Store.open(settings) as store:
            known = json.loads(path.read_text()) if path.exists() else {}
            if known.get("id") in {key.id for key in await list_keys(store) if not key.revoked_at}:
                return {name: str(value) for name, value in known.items()}
            key = await create_key(store, CLIENT)
            return {"id": key.id, "key": key.secret}

    key = asyncio.run(valid())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(key, file)
    return key["key"]
