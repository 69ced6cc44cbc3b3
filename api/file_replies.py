"""Files and streams as responses: a file whole or in part (RFC 9110 §14), and server-sent events."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, NamedTuple, cast

from litestar import Request, Response
from litestar.types import ASGIApp, Receive, Scope, Send

from api.errors import RequestRefused
from api.replies import Headers
from bureau.jobs.files import content
from bureau.storage.folder import Folder, Found

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")  # more digits than any file has bytes are no range
ALIVE_SECONDS = 15.0
"""A comment is sent so often, so that proxies do not take a quiet stream for a dead one."""


class Stretch(NamedTuple):
    """The bytes of a file from ``start``, ``length`` of them."""

    start: int
    length: int


class Streamed(Response[bytes]):
    """A body that is sent in pieces; ``headers`` are raw ASGI pairs."""

    def __init__(self, pieces: AsyncIterator[bytes], status: int, headers: Headers) -> None:
        self.content = self.body = b""
        self.background = None
        self._pieces = pieces
        self._status = status
        self._headers = headers

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIApp:  # type: ignore[override]
        return cast(ASGIApp, self.send)

    async def send(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope
        await send({"type": "http.response.start", "status": self._status, "headers": [*self._headers]})
        gone = asyncio.create_task(_disconnected(receive))
        try:
            async for piece in self._pieces:
                if gone.done():
                    return
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            gone.cancel()
            with suppress(asyncio.CancelledError):
                await gone


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Kept(NamedTuple):
    """A file of a job: where it is, what is known of it, its media type and what to save it as."""

    folder: Folder
    name: str
    found: Found
    media_type: str
    saved_as: str


def file_reply(request: Request[Any, Any, Any], file: Kept) -> Streamed:
    """The file, or the one stretch that ``Range`` asks for; ``If-Range`` with another tag gives the whole. For a HEAD,
    which knows no ranges, nothing of it is read.

    Raises :class:`RequestRefused` (416) for a stretch that is not there.
    """
    size, tag = file.found.size, f'"{file.found.tag}"'
    wanted = request.headers.get("range") if request.method == "GET" else None
    if wanted and request.headers.get("if-range", tag) != tag:
        wanted = None
    stretch = _stretch(wanted, size) if wanted else None
    headers = [
        (b"content-type", file.media_type.encode()),
        (b"accept-ranges", b"bytes"),
        (b"etag", tag.encode()),
        (b"content-disposition", f'attachment; filename="{file.saved_as}"'.encode()),
    ]
    if stretch is None:
        headers += [(b"content-length", b"%d" % size)]
        pieces = content(file.folder, file.name, 0, size) if request.method == "GET" else _nothing()
        return Streamed(pieces, 200, headers)
    end = stretch.start + stretch.length - 1
    headers += [
        (b"content-length", b"%d" % stretch.length),
        (b"content-range", b"bytes %d-%d/%d" % (stretch.start, end, size)),
    ]
    return Streamed(content(file.folder, file.name, *stretch), 206, headers)


async def _nothing() -> AsyncIterator[bytes]:
    none: tuple[bytes, ...] = ()
    for piece in none:
        yield piece


def _stretch(wanted: str, size: int) -> Stretch | None:
    """None for what may be ignored (RFC 9110 §14.2): several stretches, other units, nonsense."""
    found = _RANGE.fullmatch(wanted.strip())
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if first and last and int(last) < start:
        return None
    if start > end:
        headers = ((b"content-range", b"bytes */%d" % size),)
        raise RequestRefused("range_not_satisfiable", "The file ends before that.", headers=headers)
    return Stretch(start, end - start + 1)


def event_stream(events: AsyncIterator[bytes]) -> Streamed:
    """Server-sent events (WHATWG HTML §9.2); an event is one JSON document, an empty one a sign of life."""
    headers = ((b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"))
    return Streamed(_lines(events), 200, headers)


async def _lines(events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    async for event in events:
        yield b"data: %b\n\n" % event if event else b": alive\n\n"
