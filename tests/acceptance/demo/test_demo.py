"""``bureau demo`` as a user runs it: built, served, asked with the printed curl's request, stopped, started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import psutil
import pytest

pytestmark = pytest.mark.acceptance

BUREAU = [sys.executable, "-m", "bureau.cli"]
PEOPLE = "4000"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short path: the embedded PostgreSQL's socket lives below it, and socket paths end at 107 bytes."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def demo(home: Path, port: int) -> "subprocess.Popen[str]":
    command = [*BUREAU, "demo", "--home", str(home), "--people", PEOPLE, "--port", str(port), "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def summary_of(process: "subprocess.Popen[str]") -> dict[str, Any]:
    output: IO[str] | None = process.stdout
    assert output is not None
    line = output.readline()
    assert line, process.communicate()[1]
    summary: dict[str, Any] = json.loads(line)
    return summary


def asked(summary: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {summary['key']}", "Content-Type": "application/json"}
    body = json.dumps(summary["request"]).encode()
    request = urllib.request.Request(f"{summary['url']}/v1/enrich", body, headers)
    with urllib.request.urlopen(request) as response:
        answer: dict[str, Any] = json.load(response)
        return answer


def stopped(process: "subprocess.Popen[str]", how: int = signal.SIGINT) -> int:
    process.send_signal(how)
    try:
        process.communicate(timeout=60)
    finally:
        process.kill()  # only if it did not end
        process.communicate()
    return process.returncode


def test_the_demonstration(home: Path, taken_port: int) -> None:
    first = demo(home, taken_port)
    try:
        summary = summary_of(first)
        assert not summary["url"].endswith(f":{taken_port}")
        answer = asked(summary)
        assert "matched" == answer["status"]
        for contacts in ("emails", "phones"):
            assert any(not contact["known_to_client"] for contact in answer[contacts])
        with urllib.request.urlopen(f"{summary['url']}/schema") as page:
            assert page.headers["Content-Type"].startswith("text/html")
    finally:
        code = stopped(first)
    assert 0 == code
    assert not (home / "postgres" / "postmaster.pid").exists()

    began = time.monotonic()
    second = demo(home, taken_port)
    try:
        again = summary_of(second)
        assert time.monotonic() - began < 60  # built already; seconds on an idle machine
        assert (summary["key"], summary["request"]) == (again["key"], again["request"])
        assert "matched" == asked(again)["status"]
    finally:
        assert 0 == stopped(second)


def test_the_queries_are_enriched_as_a_file(home: Path, tmp_path: Path) -> None:
    queries = home / "synthetic" / "queries" / "queries.csv"
    output = tmp_path / "enriched.csv"
    command = [*BUREAU, "enrich", str(queries), "-o", str(output), "--home", str(home), "--json"]
    report = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    given, found = queries.read_text().splitlines(), output.read_text().splitlines()
    assert report["rows"] == len(given) - 1 == len(found) - 1 + sum(report["refused"].values())
    assert report["statuses"]["matched"] > len(given) // 2
    assert all(line.startswith(own) for line, own in zip(found[:1], given[:1], strict=True))


def test_sigterm_also_stops_the_server(home: Path, taken_port: int) -> None:
    process = demo(home, taken_port)
    summary = summary_of(process)
    stopped(process, signal.SIGTERM)
    with pytest.raises(OSError, match="refused"):
        asked(summary)
    assert not any(_runs(home))


def test_killed_it_leaves_neither_server_nor_worker_nor_database(home: Path, taken_port: int) -> None:
    process = demo(home, taken_port)
    assert "matched" == asked(summary_of(process))["status"]
    started = psutil.Process(process.pid).children(recursive=True)
    assert 2 <= len(started)
    stopped(process, signal.SIGKILL)
    assert ([], False) == (psutil.wait_procs(started, 60)[1], (home / "postgres" / "postmaster.pid").exists())


def _runs(home: Path) -> Iterator[str]:
    """Command lines of processes that work in the home."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(home) in line and int(entry.name) != os.getpid():
            yield line
