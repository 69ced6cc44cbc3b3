"""Files as jobs with real processes: served, worked on, killed at random; the result and the charge are the same."""

import csv
import http.client
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bureau.access.keys import create_key
from bureau.model.query import Purpose
from bureau.storage.objects import ObjectStorage
from bureau.store import Store

pytestmark = pytest.mark.acceptance

ROWS = 20_000
PATIENCE_SECONDS = 300
AWAY = (OSError, http.client.HTTPException, ValueError)


class Client:
    """Asks the server whatever happens to it: what fails is asked again."""

    def __init__(self, server: Any, secret: str) -> None:
        self.server = server
        self._headers = {"Authorization": f"Bearer {secret}"}

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
            try:
                connection.request(method, path, body, self._headers | headers)
                reply = connection.getresponse()
                content = reply.read()
                if reply.status < 500:
                    return reply.status, content
            except AWAY:
                pass
            finally:
                connection.close()
            assert time.monotonic() < until, "the server never came back"
            time.sleep(0.1)

    def submit(self, content: bytes, key: str, parameters: str = "") -> str:
        status, reply = self.ask("POST", f"/v1/jobs?file_name=in.csv{parameters}", content, **{"Idempotency-Key": key})
        assert 202 == status, reply
        return str(json.loads(reply)["id"])

    def job(self, job: str) -> Any:
        return json.loads(self.ask("GET", f"/v1/jobs/{job}")[1])

    def wait_for(self, job: str, wanted: Callable[[Any], bool]) -> Any:
        until = time.monotonic() + PATIENCE_SECONDS
        while not wanted(shown := self.job(job)):
            assert time.monotonic() < until, shown
            time.sleep(0.05)
        return shown

    def wait_for_end(self, job: str) -> Any:
        return self.wait_for(job, lambda shown: shown["state"] in ("completed", "failed", "cancelled"))

    def results(self, job: str) -> bytes:
        status, content = self.ask("GET", f"/v1/jobs/{job}/results")
        assert 200 == status
        return content

    def units(self, job: str) -> int:
        return int(json.loads(self.ask("GET", f"/v1/jobs/{job}/report")[1])["charge"]["units"])


@pytest.fixture
def new_client(in_store: Any) -> Callable[[Any, str], Client]:
    def made(server: Any, name: str) -> Client:
        key = in_store(lambda store: create_key(store, name, Purpose.COLLECTION))
        client = Client(server, key.secret)
        until = time.monotonic() + PATIENCE_SECONDS
        known = 0  # in a row: every worker is told of a new key by itself
        while known < 10:
            assert time.monotonic() < until, "the key never became known"
            known = known + 1 if client.ask("GET", "/v1/population")[0] == 200 else 0
        return client

    return made


@pytest.fixture(scope="module")
def portfolio(home: Path) -> bytes:
    """The labelled queries over and over, each time with another account: many records are there more than once."""
    with (home / "synthetic" / "queries" / "queries.csv").open() as file:
        header, *rows = csv.reader(file)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*header[1:], "conta"])
    for number in range(ROWS):
        writer.writerow([*rows[number % len(rows)][1:], number])
    return text.getvalue().encode()


def recorded(in_store: Any, job: str) -> tuple[int, int, int]:
    """Usage rows of a job, different ones among them, and their units."""

    async def count(store: Store) -> Any:
        async with store.session() as connection:
            return await connection.fetchrow(
                "SELECT count(*) AS rows, count(DISTINCT id) AS ids, sum(units) AS units FROM usage"
                " WHERE request_id = $1",
                job,
            )

    row = in_store(count)
    return int(row["rows"]), int(row["ids"]), int(row["units"])


def test_a_job_end_to_end(
    start: Any, start_workers: Any, new_client: Any, portfolio: bytes, home: Path, tmp_path: Path
) -> None:
    server = start()
    start_workers()
    client = new_client(server, "end to end")
    text = b"".join(portfolio.splitlines(keepends=True)[:2_001])
    job = client.submit(text, "one")
    assert job == client.submit(text, "one")
    _, stream = client.ask("GET", f"/v1/jobs/{job}/events")
    told = [json.loads(line.removeprefix("data: ")) for line in stream.decode().splitlines() if line[:5] == "data:"]
    assert ("completed", 2_000) == (told[-1]["state"], told[-1]["progress"]["rows"])
    source, alone = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_bytes(text)
    command = [sys.executable, "-m", "bureau.cli", "--home", str(home), "enrich", str(source), "-o", str(alone)]
    subprocess.run(command, check=True, capture_output=True)
    assert without_charge(alone.read_bytes()) == without_charge(client.results(job))
    usage = json.loads(client.ask("GET", "/v1/usage")[1])
    assert usage["units"] == client.units(job) == charged(client.results(job)) > 100


def without_charge(result: bytes) -> list[list[str]]:
    return [row[:-1] for row in csv.reader(io.StringIO(result.decode()))]


def charged(result: bytes) -> int:
    return sum(row["bureau_charge"] == "1" for row in csv.DictReader(io.StringIO(result.decode())))


class Killer:
    """Kills a worker, all workers, the server, the database, or everything at once, and starts again what does not by
    itself. ``killed`` counts what really died."""

    def __init__(self, home: Path, start: Any, start_workers: Any, client: Client) -> None:
        self._home = home
        self._start = start
        self._start_workers = start_workers
        self.client = client
        self.workers = start_workers()
        self.killed: list[str] = []

    def kill(self, what: str) -> None:
        died = True
        if what == "worker":
            victims = self.workers.children()[:1]
            died = bool(victims)
            for child in victims:
                child.kill()
        if what == "database":
            died = self._kill_database()
        if what in ("all workers", "everything"):
            self.workers.kill()
        if what in ("server", "everything"):
            self.client.server.kill()
        if what == "everything":
            self._kill_database()
        self._start_again()
        if died:
            self.killed.append(what)

    def _kill_database(self) -> bool:
        try:
            os.kill(int((self._home / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            return False
        return True

    def _start_again(self) -> None:
        if self.client.server.process.poll() is not None:
            self.client.server = self._start()
        if self.workers.process.poll() is not None:
            self.workers = self._start_workers()


@pytest.fixture
def killer(home: Path, start: Any, start_workers: Any, new_client: Any) -> Killer:
    return Killer(home, start, start_workers, new_client(start(), f"killed {time.time()}"))


@pytest.mark.parametrize(("kills", "times"), [(5, 3), pytest.param(20, 20, marks=pytest.mark.heavy)])
def test_killed_at_random_the_result_and_the_charge_are_those_of_a_calm_run(
    kills: int, times: int, killer: Killer, new_client: Any, in_store: Any, portfolio: bytes
) -> None:
    chance = random.Random(kills)
    client = killer.client
    portfolio += (times - 1) * b"".join(portfolio.splitlines(keepends=True)[1:])
    calm = new_client(client.server, f"calm {time.time()}")
    reference = calm.submit(portfolio, "calm")
    calm.wait_for_end(reference)
    job = client.submit(portfolio, "killed")
    what = ["worker", "database", "all workers", "server", "everything"]
    while len(killer.killed) < kills and client.job(job)["state"] not in ("completed", "failed"):
        time.sleep(chance.uniform(0.0, 0.5))
        killer.kill(what[len(killer.killed) % len(what)])
    ended = client.wait_for_end(job)
    rows = portfolio.count(b"\n") - 1
    assert ("completed", rows) == (ended["state"], ended["progress"]["rows_done"])
    calm.server = client.server
    assert calm.results(reference) == client.results(job)
    assert calm.units(reference) == client.units(job) == charged(client.results(job))
    assert (rows, rows, client.units(job)) == recorded(in_store, job)
    assert kills // 2 <= len(killer.killed)


def test_in_a_bucket_a_killed_worker_costs_nothing(
    start: Any, start_workers: Any, new_client: Any, in_store: Any, portfolio: bytes, files_in_bucket: str
) -> None:
    server, workers = start(), start_workers()
    calm, client = new_client(server, "bucket, calm"), new_client(server, "bucket, killed")
    reference = calm.submit(portfolio, "calm")
    calm.wait_for_end(reference)
    job = client.submit(portfolio, "killed")
    client.wait_for(job, lambda shown: shown["progress"]["rows_done"] > 0)
    for child in workers.children():
        child.kill()
    assert ("completed", ROWS) == ((ended := client.wait_for_end(job))["state"], ended["progress"]["rows_done"])
    result = client.results(job)
    assert calm.results(reference) == result
    assert (ROWS, ROWS, client.units(job)) == recorded(in_store, job)
    stretch = client.ask("GET", f"/v1/jobs/{job}/results", Range="bytes=1000000-1000099")
    assert (206, result[1_000_000:1_000_100]) == stretch
    objects = ObjectStorage(files_in_bucket, server.home / "unused")
    assert {job, reference} == set(objects.folders())
    for owner, made in ((client, job), (calm, reference)):
        owner.ask("DELETE", f"/v1/jobs/{made}")
    assert [] == objects.folders()


def test_a_bucket_that_is_not_there_is_one_sentence_at_the_start(home: Path, files_in_bucket: str) -> None:
    url = files_in_bucket.replace("/bucket-", "/nobodys-")
    for command in ("serve", "worker"):
        ended = subprocess.run(
            [sys.executable, "-m", "bureau.cli", "--home", str(home), command],
            env=os.environ | {"BUREAU_FILES_URL": url},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (2, 1) == (ended.returncode, ended.stderr.count("\n")), ended.stderr
        assert "BUREAU_FILES_URL: there is no such bucket" in ended.stderr


@pytest.fixture
def files_in_bucket(object_server: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of a bucket that servers and workers started in the test keep files in."""
    url = str(object_server.url())
    monkeypatch.setenv("BUREAU_FILES_URL", url)
    return url


def test_a_full_disk_is_waited_for_and_nothing_is_lost(
    start: Any, start_workers: Any, new_client: Any, in_store: Any, portfolio: bytes
) -> None:
    server = start()
    client = new_client(server, "full")
    text = b"".join(portfolio.splitlines(keepends=True)[:3_001])
    full = start_workers(largest_file=64_000)
    job = client.submit(text, "full")
    client.wait_for(job, lambda shown: shown.get("problem") == "storage_full")
    assert 0 == client.job(job)["progress"]["rows_done"]
    full.kill()
    start_workers()
    assert "completed" == client.wait_for_end(job)["state"]
    assert (3_000, 3_000, client.units(job)) == recorded(in_store, job)


def test_a_small_file_is_done_while_another_clients_large_one_runs(
    start: Any, start_workers: Any, new_client: Any, portfolio: bytes
) -> None:
    server = start()
    start_workers()
    large, small = new_client(server, "large"), new_client(server, "small")
    slow = large.submit(portfolio + 3 * b"".join(portfolio.splitlines(keepends=True)[1:]), "large")
    large.wait_for(slow, lambda shown: shown["progress"]["rows_done"] > 0)
    quick = small.submit(b"".join(portfolio.splitlines(keepends=True)[:1_001]), "small")
    assert "completed" == small.wait_for_end(quick)["state"]
    assert "running" == large.job(slow)["state"]
    large.ask("DELETE", f"/v1/jobs/{slow}")
