"""What a client may rely on whatever happens to the server: real processes, real database, real signals."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from bureau.access.keys import create_key, revoke_key
from bureau.access.roles import Role
from bureau.normalise.documents import TaxId, parse_tax_id
from bureau.population.publish import list_populations, use
from bureau.population.reader import current_id
from bureau.store import Store

pytestmark = pytest.mark.acceptance

LOST = (OSError, http.client.HTTPException)


class Load:
    """Clients that enrich one record after the other until told to stop; keeps every reply received in full."""

    def __init__(self, server: Any, key: str, records: list[dict[str, Any]], clients: int = 8) -> None:
        self.replies: list[Any] = []
        self.lost = 0
        self._server, self._key, self._records = server, key, records
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._client, args=(number,)) for number in range(clients)]

    def __enter__(self) -> "Load":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, replies: int) -> None:
        """Until that many more replies have come."""
        wanted, until = len(self.replies) + replies, time.monotonic() + 60
        while len(self.replies) < wanted and time.monotonic() < until:
            time.sleep(0.01)
        assert wanted <= len(self.replies)

    def wait_until_answered(self, replies: int) -> None:
        """Until that many more replies have come that are answers."""
        since, until = len(self.replies), time.monotonic() + 120
        while sum(reply.status == 200 for reply in self.replies[since:]) < replies:
            assert time.monotonic() < until, "no answers"
            time.sleep(0.05)

    def _client(self, number: int) -> None:
        connection = self._server.connect(self._key)
        while not self._stop.is_set():
            number += 1
            try:
                reply = connection.post("/v1/enrich", {"record": self._records[number % len(self._records)]})
            except LOST:
                self.lost += 1
                return
            self.replies.append(reply)


def postmaster(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def usage_of(store: Store, key_id: str) -> Any:
    async def fetch() -> Any:
        async with store.session() as connection:
            return await connection.fetch("SELECT id, request_id, units FROM usage WHERE key_id = $1", key_id)

    return fetch()


def test_what_was_answered_before_a_kill_was_recorded_once(start: Any, key: Any, queries: Any, in_store: Any) -> None:
    server = start()
    with Load(server, key.secret, queries) as load:
        load.wait_for(200)
        server.kill()
    answered = {reply.request_id: reply.body["charge"]["units"] for reply in load.replies if reply.status == 200}
    assert {200} == {reply.status for reply in load.replies}
    assert 200 <= len(answered)
    rows = in_store(lambda store: usage_of(store, key.id))
    recorded = Counter(row["request_id"] for row in rows)
    assert {1} == set(recorded.values())
    charged = {row["request_id"]: row["units"] for row in rows}
    assert answered == {request: charged.get(request) for request in answered}
    # Rows without a received answer are requests whose connection died under them: at most one a client.
    assert len(recorded) - len(answered) <= load.lost <= 8


def test_a_server_brings_its_dead_database_back_and_charges_what_it_answered(
    start: Any, home: Path, key: Any, queries: Any, in_store: Any
) -> None:
    server = start()
    crashed = postmaster(home)
    with Load(server, key.secret, queries) as load:
        load.wait_for(200)
        os.kill(crashed, signal.SIGKILL)
        load.wait_for(16)  # what was under way at the kill, and what came next
        load.wait_until_answered(500)
    assert postmaster(home) != crashed
    assert 0 == load.lost
    refused = [reply for reply in load.replies if reply.status != 200]
    assert {(reply.status, reply.body["code"], reply.headers["retry-after"]) for reply in refused} <= {
        (503, "store_unavailable", "1")
    }
    answered = {reply.request_id: reply.body["charge"]["units"] for reply in load.replies if reply.status == 200}
    rows = in_store(lambda store: usage_of(store, key.id))
    assert len(rows) == len({row["id"] for row in rows}) == len({row["request_id"] for row in rows})
    charged = {row["request_id"]: row["units"] for row in rows}
    assert answered == {request: charged.get(request) for request in answered}
    assert set(charged) <= set(answered) | {reply.request_id for reply in refused}


def test_a_request_repeated_after_a_kill_is_charged_once(start: Any, key: Any, queries: Any, in_store: Any) -> None:
    body = {"record": queries[0]}
    replies = []
    for _ in range(2):
        server = start()
        connection = server.connect(key.secret)
        connection._headers["Idempotency-Key"] = "once"
        replies.append(connection.post("/v1/enrich", body).body)
        server.kill()
    assert replies[0] == replies[1]
    assert 1 == len(in_store(lambda store: usage_of(store, key.id)))


def test_a_revoked_key_is_refused_by_every_worker_within_a_second(start: Any, key: Any, in_store: Any) -> None:
    server = start()
    connections = [server.connect(key.secret) for _ in range(16)]
    assert {200} == {connection.get("/v1/population").status for connection in connections}

    async def revoke(store: Store) -> float:
        assert await revoke_key(store, key.id)
        return time.monotonic()

    revoked_at = in_store(revoke)
    time.sleep(max(0.0, revoked_at + 1.0 - time.monotonic()))  # the promise is a second, not less
    assert {401} == {connection.get("/v1/population").status for connection in connections}


def is_whole(tax_id: str | None) -> bool:
    """A record may hold one that was mistyped, or none."""
    found = parse_tax_id(tax_id)
    return isinstance(found, TaxId) and not found.repairs


def test_a_subject_learns_who_was_told_and_no_log_learns_of_the_subject(
    start: Any, home: Path, key: Any, queries: Any, in_store: Any
) -> None:
    server = start()
    client = server.connect(key.secret)
    whole = [record for record in queries if is_whole(record.get("tax_id"))]
    asked = [(record["tax_id"], client.post("/v1/enrich", {"record": record})) for record in whole]
    tax_id, answer = next((tax_id, reply) for tax_id, reply in asked if reply.body["status"] == "matched")
    officer = server.connect(in_store(lambda store: create_key(store, "dpo", role=Role.OFFICER)).secret)
    subject = officer.get(f"/v1/subjects/{tax_id}").body
    assert answer.body["match"]["entity_id"] == subject["entity_id"]
    assert answer.request_id in {one["request_id"] for one in subject["disclosures"]}
    assert {one["address"] for one in answer.body["emails"] if one.get("sources")} <= {
        one["address"] for entity in subject["entities"] for one in entity["emails"]
    }
    server.terminate()
    logged = "".join(path.read_text(errors="replace") for path in (home / "server.log", *home.glob("postgres/**/*log")))
    assert tax_id not in logged
    assert "".join(filter(str.isdigit, tax_id)) not in logged


def test_a_new_population_fails_no_request(start: Any, home: Any, key: Any, queries: Any) -> None:
    before = current_id(home)
    (other,) = [one.id for one in list_populations(home) if one.id != before]
    server = start()
    with Load(server, key.secret, queries) as load:
        load.wait_for(50)
        use(home, other)
        until = time.monotonic() + 60
        while {other} != {reply.body["match"]["population"] for reply in load.replies[-40:]}:
            assert time.monotonic() < until, "the new population never came into use"
            time.sleep(0.05)
        load.wait_for(50)
    assert 0 == load.lost
    assert {200} == {reply.status for reply in load.replies}
    assert {before, other} == {reply.body["match"]["population"] for reply in load.replies}


def test_sigterm_finishes_what_was_accepted(start: Any, key: Any, queries: Any, in_store: Any) -> None:
    server = start()
    records = (queries * 20)[:1000]
    replies: list[Any] = []

    def ask(connection: Any) -> None:
        replies.append(connection.post("/v1/enrich/batch", {"records": records}))

    connections = [server.connect(key.secret) for _ in range(4)]
    for connection in connections:
        assert 200 == connection.get("/v1/population").status
    threads = [threading.Thread(target=ask, args=(connection,)) for connection in connections]
    for thread in threads:
        thread.start()
    time.sleep(0.2)  # all bodies have arrived, no answer is ready: a thousand records take longer
    assert [] == replies
    code = server.terminate()
    for thread in threads:
        thread.join()
    assert 0 == code
    assert [(200, 1000)] * 4 == [(reply.status, len(reply.body["results"])) for reply in replies]
    assert 4000 == len(in_store(lambda store: usage_of(store, key.id)))


def answering(server: Any) -> list[psutil.Process]:
    """The processes that answer, one a worker; a dead one is its worker's child until a new one has its place."""
    family = psutil.Process(server.process.pid).children(recursive=True)
    alive = [one for one in family if one.status() != psutil.STATUS_ZOMBIE]
    return [one for one in alive if "bureau.answering" in one.cmdline()]


def test_a_killed_answering_process_costs_seconds_and_no_answer_that_was_charged(
    start: Any, key: Any, queries: Any, in_store: Any
) -> None:
    server = start()
    with Load(server, key.secret, queries) as load:
        load.wait_for(50)
        victims = answering(server)
        for victim in victims:
            victim.kill()
        until = time.monotonic() + 60
        while {200} != {reply.status for reply in load.replies[-40:]} or len(victims) > len(answering(server)):
            assert time.monotonic() < until, "nobody took its place"
            time.sleep(0.05)
        load.wait_for(50)
    assert 0 == load.lost
    assert {200, 503} == {reply.status for reply in load.replies}
    refused = [reply.body["code"] for reply in load.replies if reply.status == 503]
    assert {"population_unavailable"} == set(refused)
    recorded = in_store(lambda store: usage_of(store, key.id))
    assert Counter(reply.status for reply in load.replies)[200] == len(recorded)


def workers(server: Any) -> set[int]:
    """The processes of HTTP, whole ones."""
    children = psutil.Process(server.process.pid).children()
    alive = [one for one in children if one.status() != psutil.STATUS_ZOMBIE]
    return {one.pid for one in alive if "spawn_main" in " ".join(one.cmdline())}


def test_a_killed_worker_is_replaced(start: Any, key: Any, queries: Any) -> None:
    server = start()
    before = workers(server)
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    until = time.monotonic() + 60
    while len(workers(server) - {victim}) < len(before):
        assert time.monotonic() < until, "nobody took its place"
        time.sleep(0.05)
    server.wait_until_ready()
    assert 200 == server.connect(key.secret).post("/v1/enrich", {"record": queries[0]}).status
    assert 0 == server.terminate()


CANNOT_START = """
import sys
from pathlib import Path
from api.serve import serve
from bureau.cli.serve import listening_at
from bureau.settings import Settings
home = Path(sys.argv[1])
settings = Settings(home=home, port=0, do_not_call=home / "missing.csv")
with listening_at(settings) as listening:
    serve(settings, listening)
"""


def test_a_server_whose_workers_cannot_start_ends_and_says_so(home: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", CANNOT_START, str(home)], capture_output=True, text=True, timeout=120, check=False
    )
    assert 1 == ended.returncode
    assert "StartFailed: A worker cannot start; the log says why." in ended.stderr
    assert "missing.csv" in ended.stderr


def test_workers_end_with_their_parent(start: Callable[[], Any]) -> None:
    server = start()
    workers = psutil.Process(server.process.pid).children(recursive=True)
    assert 4 <= len(workers)
    server.process.kill()
    server.process.wait()
    _, alive = psutil.wait_procs(workers, timeout=10)
    assert [] == alive
