"""Bytes in, bytes out, on a real server on loopback: what is no request gets a problem, and nobody holds a socket."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn

from api import http_protocol
from api.errors import KINDS
from api.http_protocol import ADDRESS_BYTES, HEAD_BYTES, BoundedHttp

SOON = 0.3
ASK = b"POST /slowly HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi"
QUICK = ASK.replace(b"/slowly", b"/")
MALFORMED = [
    b"nonsense\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS hello
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET /\xc3\xa7 HTTP/1.1\r\nHost: x\r\n\r\n",
    b"CONNECT example.com:80 HTTP/1.1\r\nHost: example.com\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\x00y\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
    b"POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\nhi",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxx\r\nhi\r\n0\r\n\r\n",
]


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """What was sent, after a while on ``/slowly``; a body that turns out to be none is not answered."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        body, more = body + message["body"], message["more_body"]
    if scope["path"] == "/slowly":
        await asyncio.sleep(2 * SOON)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", SOON)


@asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    configuration = uvicorn.Config(echo, http=BoundedHttp, ws="none", lifespan="off", log_config=None, loop="none")
    server = uvicorn.Server(configuration)
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:  # or asyncio leaves Nagle's algorithm on
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        running = asyncio.create_task(server._serve([listening]))
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        try:
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            await running


async def everything(reader: asyncio.StreamReader) -> bytes:
    """Until the server closes."""
    async with asyncio.timeout(20 * SOON):
        return await reader.read()


async def answer(reader: asyncio.StreamReader) -> bytes:
    """The body of the next reply, whose length is stated."""
    async with asyncio.timeout(20 * SOON):
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        length = re.search(rb"content-length: (\d+)", head)
        assert length
        return await reader.readexactly(int(length[1]))


def refused(reply: bytes) -> str:
    """The code of the one problem that ``reply`` is."""
    head, body = reply.split(b"\r\n\r\n", 1)
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    told = json.loads(body)
    assert int(headers["content-length"]) == len(body)
    assert ("application/problem+json", "close") == (headers["content-type"], headers["connection"])
    assert told["request_id"] == headers["x-request-id"]
    assert "date" in headers
    kind = KINDS[told["code"]]
    assert (kind.status, kind.title) == (told["status"], told["title"])
    assert status.startswith(f"HTTP/1.1 {kind.status} ")
    return str(told["code"])


@pytest.mark.parametrize("sent", MALFORMED)
async def test_what_is_no_request_is_told_so(sent: bytes) -> None:
    async with connected() as (reader, writer):
        writer.write(sent)
        assert "bad_request" == refused(await everything(reader))


async def test_a_long_address_is_refused_and_one_at_the_limit_is_not() -> None:
    async with connected() as (reader, writer):
        for length, code in ((ADDRESS_BYTES, None), (ADDRESS_BYTES + 1, "address_too_long")):
            writer.write(b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * (length - 1)))
            if code:
                assert code == refused(await everything(reader))
            else:
                assert b"" == await answer(reader)


@pytest.mark.parametrize("length", [66_000, 300_000])
async def test_an_address_too_long_for_the_parser(length: int) -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n" % (b"a" * length))
        assert refused(await everything(reader)) in {"address_too_long", "head_too_large"}


async def test_a_head_without_end_is_refused() -> None:
    async with connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n")
        for number in range(HEAD_BYTES // 1_000 + 1):
            await asyncio.sleep(0)
            writer.write(b"x-%03d: %s\r\n" % (number, b"y" * 991))
        assert "head_too_large" == refused(await everything(reader))


async def test_many_requests_on_one_connection_are_not_one_head() -> None:
    async with connected() as (reader, writer):
        for _ in range(2 * HEAD_BYTES // len(QUICK)):
            writer.write(QUICK[:30])
            await asyncio.sleep(0)
            writer.write(QUICK[30:])
            assert b"hi" == await answer(reader)


async def test_a_head_that_dribbles_in_is_refused_in_time() -> None:
    async with connected() as (reader, writer):
        started = asyncio.get_running_loop().time()
        ended = asyncio.create_task(everything(reader))
        for letter in b"GET / HTTP/1.1\r\nHost: a-name-that-takes-long-to-say":
            writer.write(bytes([letter]))
            await asyncio.sleep(SOON / 10)
            if ended.done():
                break
        assert "head_incomplete" == refused(await ended)
        assert SOON <= asyncio.get_running_loop().time() - started < 3 * SOON


async def test_who_says_nothing_is_let_go() -> None:
    async with connected() as (reader, _):
        assert b"" == await everything(reader)


async def test_a_connection_may_rest_between_requests_longer_than_a_head_may_take() -> None:
    async with connected() as (reader, writer):
        for _ in range(2):
            writer.write(QUICK)
            assert b"hi" == await answer(reader)
            await asyncio.sleep(1.5 * SOON)
        writer.write(QUICK[:20])
        await asyncio.sleep(0.5 * SOON)
        writer.write(QUICK[20:])
        assert b"hi" == await answer(reader)


async def test_a_request_begun_while_another_is_answered_does_not_cut_it_short() -> None:
    async with connected() as (reader, writer):
        writer.write(ASK + QUICK[:20])
        assert b"hi" == await answer(reader)
        writer.write(QUICK[20:])
        assert b"hi" == await answer(reader)


async def test_nonsense_sent_ahead_ends_the_connection_in_order(caplog: pytest.LogCaptureFixture) -> None:
    async with connected() as (reader, writer):
        writer.write(ASK + b"nonsense\r\n\r\n")
        assert "bad_request" == refused(await everything(reader))
        await asyncio.sleep(3 * SOON)  # the answer that was under way is written to nobody
    assert [] == [record for record in caplog.records if record.levelname in {"WARNING", "ERROR"}]


async def test_requests_sent_ahead_are_answered_in_turn() -> None:
    async with connected() as (reader, writer):
        writer.write(ASK + QUICK.replace(b"hi", b"yo") + QUICK)
        assert [b"hi", b"yo", b"hi"] == [await answer(reader) for _ in range(3)]


async def test_an_upgrade_that_nobody_asked_us_for_is_passed_over() -> None:
    """As Java's own client and ``curl --http2`` do (RFC 7540 §3.2): the request is answered as it is."""
    async with connected() as (reader, writer):
        asking = QUICK.replace(b"Host: x", b"Host: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c")
        writer.write(asking)
        assert b"hi" == await answer(reader)
        writer.write(asking[:-1])
        await asyncio.sleep(0)
        writer.write(asking[-1:] + asking + QUICK.replace(b"hi", b"yo"))
        assert [b"hi", b"hi", b"yo"] == [await answer(reader) for _ in range(3)]
