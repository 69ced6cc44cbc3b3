"""HTTP/1.1 as uvicorn reads it, with what it leaves to a proxy: how long a head may be and may take, and upgrades."""

from asyncio import BaseTransport
from http import HTTPStatus

import msgspec
from httptools import HttpParserError, HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.errors import problem
from bureau.ids import sortable

HEAD_BYTES = 64 << 10
"""Of a head that comes in pieces; one in a single piece is bounded by what is read at once (256 KiB)."""

ADDRESS_BYTES = 8 << 10
"""RFC 9110 §4.1 asks for 8,000 at least; the parser cannot split an address beyond 65,535."""

HEAD_SECONDS = 10.0
"""From its first byte, or from the connection's begin, to a whole head: a client that dribbles holds no socket."""

LEAVE_SECONDS = 2.0
"""How long a refused client may still send: closing over unread bytes would take the refusal from it (RFC 9112 9.6)."""


class BoundedHttp(HttpToolsProtocol):
    """One connection. What cannot be read as a request is answered with a problem document, and the connection ends."""

    _reading_head = False
    _head_bytes = 0
    _head_due = 0.0
    _refused = False

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]
        self._head_due = self.loop.time() + HEAD_SECONDS
        self._expect_head()

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._unset_keepalive_if_required()  # the one timer there is, be it ours
        self._feed(data)
        if self._reading_head and not self._refused:
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse("head_too_large", f"The head of a request may have {HEAD_BYTES} bytes.")
            else:
                self._expect_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reading_head, self._head_bytes = True, 0
        self._head_due = self.loop.time() + HEAD_SECONDS

    def on_headers_complete(self) -> None:
        self._reading_head = False
        if self._refused:
            return
        if len(self.url) > ADDRESS_BYTES:
            self._refuse("address_too_long", f"The address of a request may have {ADDRESS_BYTES} bytes.")
        elif not self._asks_for_upgrade():
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._refused and not self._asks_for_upgrade():
            super().on_message_complete()

    def _feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except HttpParserUpgrade as upgrade:
            # The parser takes what follows for another protocol. Java's client asks for HTTP/2 with every first
            # request, body and all: a server may ignore that (RFC 9110 §7.8), so the request is read without it.
            rest = self._head_without_upgrade() + data[upgrade.args[0] :]
            self.parser = HttpRequestParser(self)
            self._feed(rest)
        except HttpParserError:
            if not self._refused:
                self._refuse("bad_request", "This is no HTTP request that can be read.")

    def _asks_for_upgrade(self) -> bool:
        """A tunnel (CONNECT), which the parser takes for an upgrade too, is refused like any unknown method."""
        return self.parser.should_upgrade() and self.parser.get_method() != b"CONNECT"

    def _head_without_upgrade(self) -> bytes:
        lines = [b"%s %s HTTP/%s" % (self.parser.get_method(), self.url, self.parser.get_http_version().encode())]
        lines += [b"%s: %s" % header for header in self.headers if header[0] != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])

    def _expect_head(self) -> None:
        """Where uvicorn keeps the timer of an idle connection: data takes both away, and an answer sets it anew."""
        self.timeout_keep_alive_task = self.loop.call_at(self._head_due, self._give_up)

    def _give_up(self) -> None:
        if self.cycle and not self.cycle.response_complete:  # it asked again before it was answered
            return
        if self._reading_head:
            self._refuse("head_incomplete", f"The head of a request may take {HEAD_SECONDS:g} s.")
        else:
            self.timeout_keep_alive_handler()

    def _refuse(self, code: str, detail: str) -> None:
        self._refused = True
        if self.cycle and not self.cycle.response_complete:  # what it asked before, or the body just read, is at an end
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        found = problem(code, detail, sortable("req"))
        body = msgspec.json.encode(found)
        headers = [
            *self.server_state.default_headers,
            (b"content-type", b"application/problem+json"),
            (b"content-length", b"%d" % len(body)),
            (b"x-request-id", found.request_id.encode()),
            (b"connection", b"close"),
        ]
        lines = [b"HTTP/1.1 %d %s" % (found.status, HTTPStatus(found.status).phrase.encode())]
        lines += [b"%s: %s" % header for header in headers]
        self.transport.write(b"\r\n".join([*lines, b"", body]))
        self.transport.write_eof()
        self.timeout_keep_alive_task = self.loop.call_later(LEAVE_SECONDS, self.timeout_keep_alive_handler)
