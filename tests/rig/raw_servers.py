"""What no mail server can be configured to do: silence, hanging up, other protocols, odd replies, a full backlog."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

RAW: dict[str, tuple[str, list[str]]] = {
    "cai.com.br": ("127.0.2.1", []),
    "caidepois.com.br": ("127.0.2.2", ["220 mx ESMTP", "250 mx", "250 ok"]),
    "web.com.br": ("127.0.2.3", ["HTTP/1.1 400 Bad Request"]),
    "talvez.com.br": ("127.0.2.4", ["220 mx ESMTP", "250 mx", "250 ok", "252 2.1.5 Cannot VRFY user", "", "221 bye"]),
    "naoquer.com.br": ("127.0.2.5", ["521 5.3.2 This host does not accept mail"]),
}
"""Domain → its address and what it says, one reply a command; an empty reply is silence, after the last it hangs up."""

UNANSWERED = tuple(f"127.0.2.{100 + number}" for number in range(6))
"""Connecting to these times out: they listen, but their backlog is full."""


@asynccontextmanager
async def raw_servers(port: int) -> AsyncIterator[None]:
    async with AsyncExitStack() as stack:
        for address, replies in RAW.values():
            stack.enter_context(await _server(address, port, replies))
        for address in UNANSWERED:
            for each in _full(address, port):
                stack.enter_context(each)
        yield


class _Closing:
    def __init__(self, server: asyncio.Server) -> None:
        self._server = server

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._server.close()


async def _server(address: str, port: int, replies: list[str]) -> _Closing:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for reply in replies:
            if reply:
                writer.write(reply.encode() + b"\r\n")
            if not await reader.readline():
                break
        writer.close()

    return _Closing(await asyncio.start_server(serve, address, port))


def _full(address: str, port: int) -> list[socket.socket]:
    """A listener with room for one connection, and that connection: the kernel drops whatever else knocks."""
    listener, occupant = socket.socket(), socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, port))
    listener.listen(0)
    occupant.connect((address, port))
    return [listener, occupant]
