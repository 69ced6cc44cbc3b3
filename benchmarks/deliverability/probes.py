"""Mailbox checks a second, in one process, against Postfix's smtp-sink (or, without it, a sink of our own) on loopback.

The rate a provider is asked at is lifted: what is measured is the machinery, not our manners.
"""

import asyncio
import multiprocessing
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvloop
from measure import figure
from name_server import free_port

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.mailbox.dialogue import Identity
from bureau.deliverability.email.mailbox.prober import MOST_RECIPIENTS, Prober, ProbeSettings
from bureau.deliverability.email.mailbox.throttle import Terms
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.resolver import Question, Records, Silence
from bureau.deliverability.email.routing import RoutingRules

HOUSES, EACH = 100, 60
UNLIMITED = Terms(sessions=1, per_second=1e9)
PATIENCE = 10.0  # seconds for the sink to listen


class Sink(asyncio.Protocol):
    """Says yes to every line."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"QUIT"):
            self.transport.close()
        else:
            self.transport.write(b"250 ok\r\n")


async def own_sink(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", port, backlog=1000)
    await server.serve_forever()


def run_own_sink(port: int) -> None:
    uvloop.run(own_sink(port))


@contextmanager
def sink(port: int) -> Iterator[str]:
    """A server that accepts everybody, in a process of its own; its name."""
    program = shutil.which("smtp-sink", path="/usr/sbin:/usr/bin")
    if program:
        child: Any = subprocess.Popen([program, "-u", "nobody", f"127.0.0.1:{port}", "1000"])
    else:
        child = multiprocessing.Process(target=run_own_sink, args=(port,))
        child.start()
    try:
        _wait_for(port)
        yield "smtp-sink" if program else "our own sink"
    finally:
        child.terminate()
        child.wait() if program else child.join()


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1.0).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
        else:
            return


class Loopback:
    async def ask(self, _name: str, question: Question) -> Records | Silence:
        return Records(("127.0.0.1",), 60) if question is Question.A else Silence.NO_DATA


async def ours(port: int, name: str) -> None:
    settings = ProbeSettings(
        Identity("probe.example", "probe@probe.example"), port=port, rules=RoutingRules(True), default_terms=UNLIMITED
    )
    prober = Prober(settings, Loopback())
    houses = [DomainFacts(f"house{n}.com.br", Route.MAIL, (f"mx.house{n}.com.br",)) for n in range(HOUSES)]
    first = [(house, [f"first@{house.domain}"]) for house in houses]
    await timed(f"mailbox checks, {name}, unknown domains (two strangers each)", prober, first)
    single = [(house, [f"p{n}@{house.domain}"]) for house in houses for n in range(EACH)]
    await timed(f"mailbox checks, {name}, one recipient a session", prober, single)
    together = [(house, [f"q{n}@{house.domain}" for n in range(EACH)]) for house in houses]
    await timed(f"mailbox checks, {name}, {MOST_RECIPIENTS} recipients a session", prober, together)


async def timed(what: str, prober: Prober, questions: list[tuple[DomainFacts, list[str]]]) -> None:
    started, worked = time.perf_counter(), time.process_time()
    answers = await asyncio.gather(*(prober.probe(house, addresses) for house, addresses in questions))
    seconds, cpu = time.perf_counter() - started, time.process_time() - worked
    found = [mailbox.reason for answer in answers for mailbox in answer]
    assert {Reason.CATCH_ALL} == set(found), "a benchmark of failures measures nothing"
    figure(what, round(len(found) / seconds), "1/s")
    figure("  own work", round(len(found) / cpu), "1/CPU second")


if __name__ == "__main__":
    port = free_port("127.0.0.1")
    with sink(port) as name:
        uvloop.run(ours(port, name))
