"""Mailbox checks a second against a sink on loopback that accepts everybody: one process, one recipient a session."""

import asyncio
import multiprocessing
import time
from typing import Any

import uvloop
from measure import figure

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.mailbox.dialogue import Identity
from bureau.deliverability.email.mailbox.prober import Prober, ProbeSettings
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.resolver import Question, Records, Silence
from bureau.deliverability.email.routing import RoutingRules

PORT, HOUSES, EACH = 15252, 50, 100


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


async def sink() -> None:
    server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", PORT, backlog=1000)
    await server.serve_forever()


def run_sink() -> None:
    uvloop.run(sink())


class Loopback:
    async def ask(self, _name: str, question: Question) -> Records | Silence:
        return Records(("127.0.0.1",), 60) if question is Question.A else Silence.NO_DATA


async def ours() -> None:
    settings = ProbeSettings(Identity("probe.example", "probe@probe.example"), port=PORT, rules=RoutingRules(True))
    prober = Prober(settings, Loopback(), lambda *_: ("a", "b"))
    houses = [DomainFacts(f"house{n}.com.br", Route.MAIL, (f"mx{n}",)) for n in range(HOUSES)]
    await asyncio.gather(*(prober.probe(house, [f"warm@{house.domain}"]) for house in houses))
    single = [(house, [f"p{n}@{house.domain}"]) for house in houses for n in range(EACH)]
    await timed("mailbox checks, one recipient a session", prober, single)
    together = [(house, [f"q{n}@{house.domain}" for n in range(EACH)]) for house in houses]
    await timed("mailbox checks, eight recipients a session", prober, together)


async def timed(what: str, prober: Prober, questions: list[tuple[DomainFacts, list[str]]]) -> None:
    started = time.perf_counter()
    answers = await asyncio.gather(*(prober.probe(house, addresses) for house, addresses in questions))
    seconds = time.perf_counter() - started
    found = [mailbox.reason for answer in answers for mailbox in answer]
    assert {Reason.CATCH_ALL} == set(found), "a benchmark of failures measures nothing"
    figure(what, round(len(found) / seconds), "1/s")


if __name__ == "__main__":
    child = multiprocessing.Process(target=run_sink)
    child.start()
    time.sleep(0.5)
    try:
        uvloop.run(ours())
    finally:
        child.terminate()
        child.join()
