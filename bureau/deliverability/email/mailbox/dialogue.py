"""One SMTP session with one server address: greet, encrypt if offered, name a sender, ask for recipients, leave.

Nothing here decides what a reply means for a mailbox (``replies``) or which server to ask (``prober``).
"""

import asyncio
import ssl
from contextlib import suppress
from functools import cache

import msgspec

from bureau.deliverability.email.mailbox.enquiry import Enquiry, Heard
from bureau.deliverability.email.mailbox.replies import Reply, Stage, parse_reply, read
from bureau.deliverability.email.reasons import Reason

MOST_LINES = 64  # of one reply; an endless one is a tarpit
GOODBYE = 1.0  # seconds
MOST_BYTES = 2048  # of one line: four times what RFC 5321 section 4.5.3.1.5 allows


class Identity(msgspec.Struct, frozen=True):
    """Who asks. ``name`` must be the forward and reverse name of the egress address; ``sender`` must take mail."""

    name: str
    sender: str


class Budget(msgspec.Struct, frozen=True):
    """Seconds for each stage. RFC 5321 lets servers take five minutes; what takes longer than this is unknown."""

    connect: float = 10.0
    banner: float = 30.0
    command: float = 15.0


class _SessionOver(Exception):
    """Leaves the greeting from any depth with what was heard; never leaves this module."""

    def __init__(self, heard: Heard) -> None:
        super().__init__()
        self.heard = heard


class Dialogue:
    """``host`` is the exchanger's name (some wording is read by it), ``address`` the IP to dial, already checked."""

    def __init__(self, host: str, address: str, port: int, identity: Identity, budget: Budget) -> None:
        self._host, self._address, self._port = host, address, port
        self._identity, self._budget = identity, budget
        self._stage = Stage.CONNECT
        self._offers: frozenset[str] = frozenset()

    async def ask(self, enquiry: Enquiry, encrypt: bool = True) -> Heard | None:
        """Ask for whoever is left of ``enquiry``, and note the answers there; how the session ended if it ended early.

        If STARTTLS fails the caller may try again with ``encrypt`` off: encryption is opportunistic here.
        """
        self._stage = enquiry.stage = Stage.CONNECT
        try:
            async with asyncio.timeout(self._budget.connect):
                reader, writer = await asyncio.open_connection(self._address, self._port, limit=MOST_BYTES)
        except (TimeoutError, OSError) as problem:
            return Heard(_of_failure(problem, Stage.CONNECT), Stage.CONNECT)
        try:
            await self._greet(reader, writer, encrypt)
            await self._name_sender(reader, writer, enquiry.is_international)
            await self._name_recipients(reader, writer, enquiry)
            await _take_leave(writer)
        except _SessionOver as over:
            return over.heard
        except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as problem:
            return Heard(_of_failure(problem, self._stage), self._stage)
        finally:
            enquiry.stage = self._stage  # also when we were called off
            writer.transport.abort()  # whoever was not taken leave of is not waited for either
        return None

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, encrypt: bool) -> None:
        self._stage = Stage.BANNER
        self._expect(await self._reply(reader, self._budget.banner))
        await self._hello(reader, writer)
        if encrypt and "starttls" in self._offers:
            self._stage = Stage.TLS
            self._expect(await self._command(reader, writer, "STARTTLS"))
            async with asyncio.timeout(self._budget.command):
                await writer.start_tls(_opportunistic(), server_hostname=self._host)
            await self._hello(reader, writer)

    async def _name_sender(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, international: bool
    ) -> None:
        """``international``: some recipient is not ASCII and needs RFC 6531's parameter, if the server knows it."""
        self._stage = Stage.MAIL
        extension = " SMTPUTF8" if international and "smtputf8" in self._offers else ""
        self._expect(await self._command(reader, writer, f"MAIL FROM:<{self._identity.sender}>{extension}"))

    async def _name_recipients(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, enquiry: Enquiry
    ) -> None:
        self._stage = Stage.RCPT
        while recipient := enquiry.next():
            if not recipient.isascii() and "smtputf8" not in self._offers:
                enquiry.answers[recipient] = Heard(Reason.SMTPUTF8_UNSUPPORTED, Stage.EHLO)
                continue
            reply = await self._command(reader, writer, f"RCPT TO:<{recipient}>")
            heard = Heard(read(Stage.RCPT, reply, self._host), Stage.RCPT, reply.brief)
            if reply.code == 421 or heard.reason is Reason.TOO_MANY_ERRORS:
                raise _SessionOver(heard)  # about the session, not about whom it met
            enquiry.answers[recipient] = heard

    async def _hello(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """EHLO, or HELO where that is not known; keeps the extensions offered."""
        self._stage = Stage.EHLO
        reply = await self._command(reader, writer, f"EHLO {self._identity.name}")
        if reply.code in (500, 502):
            reply = await self._command(reader, writer, f"HELO {self._identity.name}")
        self._expect(reply)
        self._offers = frozenset(reply.text.split())

    def _expect(self, reply: Reply) -> None:
        reason = read(self._stage, reply, self._host)
        if reason:
            raise _SessionOver(Heard(reason, self._stage, reply.brief))

    async def _command(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: str) -> Reply:
        if "\r" in line or "\n" in line:
            raise ValueError("line end in a command")  # syntax never lets one through; this is the second lock
        writer.write(line.encode("utf-8") + b"\r\n")
        return await self._reply(reader, self._budget.command)

    async def _reply(self, reader: asyncio.StreamReader, seconds: float) -> Reply:
        lines: list[str] = []
        async with asyncio.timeout(seconds):
            while len(lines) < MOST_LINES:
                line = await reader.readuntil(b"\n")
                lines.append(line.decode("utf-8", "replace").rstrip("\r\n"))
                if lines[-1][3:4] != "-":
                    break
        reply = parse_reply(lines)
        if reply is None:
            raise _SessionOver(Heard(Reason.PROTOCOL_ERROR, self._stage))
        return reply


async def _take_leave(writer: asyncio.StreamWriter) -> None:
    """QUIT; under TLS the goodbye of the other side is waited for a moment, or its half of the connection lingers."""
    writer.write(b"QUIT\r\n")
    writer.close()
    with suppress(TimeoutError, OSError):
        async with asyncio.timeout(GOODBYE):
            await writer.wait_closed()


@cache
def _opportunistic() -> ssl.SSLContext:
    """Encryption against listeners only: mail servers' certificates are seldom for the exchanger's name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # no list of authorities is loaded, as none is asked
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _of_failure(problem: Exception, stage: Stage) -> Reason:
    """Silence and hang-ups say nothing about any mailbox."""
    if isinstance(problem, TimeoutError):
        return Reason.CONNECT_TIMEOUT if stage is Stage.CONNECT else Reason.SMTP_TIMEOUT
    if stage is Stage.CONNECT:
        ours = isinstance(problem, PermissionError)  # EPERM: our own firewall
        return Reason.PORT25_BLOCKED if ours else Reason.CONNECT_REFUSED
    if stage is Stage.TLS:
        return Reason.TLS_FAILED
    garbled = isinstance(problem, ValueError | asyncio.LimitOverrunError)
    return Reason.PROTOCOL_ERROR if garbled else Reason.CONNECTION_DROPPED
