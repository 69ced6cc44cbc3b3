"""A lean HTTP/1.1 load client: raw sockets on uvloop, no parsing beyond status and length.

locust tops out at a few thousand requests a second on a core and then measures itself; this costs about a tenth of
what the server spends on a request. ``closed_loop``: every connection asks again as soon as it is answered (peak
throughput). ``open_loop``: requests leave on a schedule whatever the answers do, and latency counts from the moment a
request was due, so a stall is charged to everyone it delays (no coordinated omission).
"""

import asyncio
import gc
import itertools
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple


class Target(NamedTuple):
    """Where to send what: complete HTTP requests, taken in turn."""

    host: str
    port: int
    requests: Sequence[bytes]


class Measured(NamedTuple):
    """``latencies`` in seconds, unsorted; ``statuses`` by code."""

    seconds: float
    latencies: list[float]
    statuses: Counter[int]

    @property
    def throughput(self) -> float:
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request(path: str, body: bytes, key: str) -> bytes:
    """One complete POST."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Connection(asyncio.Protocol):
    """One request at a time; resolves a future with the status when the whole answer is there."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[int] | None = None
        self._loop = asyncio.get_running_loop()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> asyncio.Future[int]:
        self._answer = self._loop.create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return
        mark = self._buffer.find(b"content-length: ", 0, end)
        length = int(self._buffer[mark + 16 : self._buffer.find(b"\r", mark)])
        if len(self._buffer) >= end + 4 + length and self._answer:
            status, self._buffer = int(self._buffer[9:12]), b""
            self._answer.set_result(status)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError())

    def close(self) -> None:
        self._transport.close()


async def _connect(target: Target, count: int) -> list[_Connection]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(_Connection, target.host, target.port))[1] for _ in range(count)]


async def closed_loop(target: Target, connections: int, seconds: float) -> Measured:
    """As fast as ``connections`` clients that wait for each answer can go."""
    latencies: list[float] = []
    statuses: Counter[int] = Counter()
    bodies = itertools.cycle(target.requests)
    opened = await _connect(target, connections)
    start = time.perf_counter()
    end = start + seconds

    async def client(connection: _Connection) -> None:
        before = time.perf_counter()
        while before < end:
            statuses[await connection.ask(next(bodies))] += 1
            after = time.perf_counter()
            latencies.append(after - before)
            before = after

    await asyncio.gather(*map(client, opened))
    elapsed = time.perf_counter() - start
    for connection in opened:
        connection.close()
    return Measured(elapsed, latencies, statuses)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: its walks over some ten thousand tasks made requests of this client late (p99
    24 ms in place of 19), which is no delay of the server's."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def open_loop(target: Target, rate: float, seconds: float, connections: int = 200) -> Measured:
    """``rate`` requests a second on schedule; a request waits, on the clock, for a free connection."""
    latencies: list[float] = []
    statuses: Counter[int] = Counter()
    bodies = itertools.cycle(target.requests)
    free: asyncio.Queue[_Connection] = asyncio.Queue()
    opened = await _connect(target, connections)
    for connection in opened:
        free.put_nowait(connection)

    async def one(due: float) -> None:
        connection = await free.get()
        statuses[await connection.ask(next(bodies))] += 1
        latencies.append(time.perf_counter() - due)
        free.put_nowait(connection)

    with _uncollected():
        async with asyncio.TaskGroup() as under_way:  # keeps none that is done: tables of all made pauses of 20 ms
            start = time.perf_counter()  # not before: what the collector takes is nobody's delay
            for number in range(int(rate * seconds)):
                due = start + number / rate
                if (ahead := due - time.perf_counter()) > 0:
                    await asyncio.sleep(ahead)
                under_way.create_task(one(due))
    elapsed = time.perf_counter() - start
    for connection in opened:
        connection.close()
    return Measured(elapsed, latencies, statuses)
