"""Questions to a recursive DNS resolver, with every answer a value: records, a definite "no", or "could not tell".

The only module that knows aiodns. An authoritative server's referral would look like "no data", so the servers asked
must be recursive.
"""

import asyncio
from collections.abc import Awaitable
from enum import StrEnum
from types import TracebackType
from typing import Any, Protocol, Self

import aiodns
import msgspec
from aiodns import error as ares
from pycares import QUERY_TYPE_A, QUERY_TYPE_AAAA, QUERY_TYPE_MX, QUERY_TYPE_TXT, AresError

from bureau.errors import InvalidArgument


class Question(StrEnum):
    MX = "MX"
    A = "A"
    AAAA = "AAAA"
    TXT = "TXT"


class Silence(StrEnum):
    """Why there are no records. The first two are answers; the rest say nothing about the name."""

    NO_NAME = "no_name"
    NO_DATA = "no_data"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    TIMEOUT = "timeout"


class Records(msgspec.Struct, frozen=True):
    """At least one record of the type asked for. ``values`` are addresses, texts, or for MX ``(preference, host)``
    with ``""`` for the root (RFC 7505). ``ttl`` is the smallest, in seconds."""

    values: tuple[Any, ...]
    ttl: int


class Resolver(Protocol):
    async def ask(self, name: str, question: Question) -> Records | Silence: ...


class ResolverSettings(msgspec.Struct, frozen=True):
    """``servers`` are ``address`` or ``address:port`` of recursive resolvers; empty: the machine's own. A question is
    given up after about ``seconds * tries``."""

    servers: tuple[str, ...] = ()
    seconds: float = 2.0
    tries: int = 2


MOST_QUESTIONS = 10_000  # on one channel: about 20 MiB in its cache
MOST_SECONDS = 60.0  # in use: what our own cache has forgotten must really be asked anew

OWN_RESOLVER = ResolverSettings()

_TYPES = {
    Question.MX: QUERY_TYPE_MX,
    Question.A: QUERY_TYPE_A,
    Question.AAAA: QUERY_TYPE_AAAA,
    Question.TXT: QUERY_TYPE_TXT,
}

_SILENCES = {
    ares.ARES_ENOTFOUND: Silence.NO_NAME,
    ares.ARES_EBADNAME: Silence.NO_NAME,  # refused before asking: such a name cannot exist
    ares.ARES_ENODATA: Silence.NO_DATA,
    ares.ARES_EREFUSED: Silence.REFUSED,
    ares.ARES_ETIMEOUT: Silence.TIMEOUT,
    ares.ARES_ECONNREFUSED: Silence.TIMEOUT,  # nobody listens where the resolver should be
    ares.ARES_ECANCELLED: Silence.TIMEOUT,
    ares.ARES_EDESTRUCTION: Silence.TIMEOUT,
}
"""c-ares codes; whatever is not here is a broken answer, as good as SERVFAIL."""


class _Line:
    """A c-ares channel in use: ``asked`` questions so far, of which ``open`` have no answer yet."""

    def __init__(self, resolver: aiodns.DNSResolver, since: float) -> None:
        self.resolver = resolver
        self.since = since
        self.asked = self.open = 0

    def is_worn(self, now: float) -> bool:
        return self.asked >= MOST_QUESTIONS or now - self.since >= MOST_SECONDS


class AresResolver:
    """A resolver on c-ares; open it inside the event loop that will use it (``async with``).

    c-ares keeps answers of its own, two kilobytes a question without any bound but an hour's time, "no data" too when
    it was a passing fault, and offers no way to turn that off from here. So its channels are replaced as they wear.
    """

    def __init__(self, settings: ResolverSettings) -> None:
        self._settings = settings
        self._line: _Line | None = None
        self._lines: set[_Line] = set()

    async def __aenter__(self) -> Self:
        self._line = self._new_line()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._line = None
        for line in list(self._lines):
            await self._hang_up(line)

    async def ask(self, name: str, question: Question) -> Records | Silence:
        if self._line is None:
            return Silence.TIMEOUT
        line = await self._fresh(self._line)
        line.asked += 1
        line.open += 1
        waiting: Awaitable[Any] = line.resolver.query_dns(name, question.value)
        try:
            found = await waiting
        except aiodns.error.DNSError as problem:
            return _SILENCES.get(problem.args[0], Silence.SERVFAIL)
        finally:
            line.open -= 1
            if not line.open and line is not self._line:
                await self._hang_up(line)
        records = [record for record in found.answer if record.type == _TYPES[question]]
        if not records:
            return Silence.NO_DATA  # an alias whose target has no such record
        return Records(tuple(_value(record.data, question) for record in records), min(r.ttl for r in found.answer))

    async def _fresh(self, line: _Line) -> _Line:
        if not line.is_worn(asyncio.get_running_loop().time()):
            return line
        try:
            self._line = self._new_line()
        except InvalidArgument:
            return line  # the system is out of something; the worn one still works
        if not line.open:
            await self._hang_up(line)
        return self._line

    def _new_line(self) -> _Line:
        settings = self._settings
        try:
            loop = asyncio.get_running_loop()
            servers = list(settings.servers) or None
            resolver = aiodns.DNSResolver(servers, loop=loop, timeout=settings.seconds, tries=settings.tries)
        except (AresError, UnicodeError) as problem:
            raise InvalidArgument("The DNS servers in the settings are not addresses.") from problem
        line = _Line(resolver, loop.time())
        self._lines.add(line)
        return line

    async def _hang_up(self, line: _Line) -> None:
        self._lines.discard(line)
        await line.resolver.close()


def _value(data: Any, question: Question) -> Any:
    if question is Question.MX:
        return (data.priority, data.exchange.rstrip(".").lower())
    if question is Question.TXT:
        return bytes(data.data).decode("utf-8", "replace")
    return data.addr
