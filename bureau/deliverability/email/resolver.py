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


class AresResolver:
    """A resolver on c-ares; open it inside the event loop that will use it (``async with``)."""

    def __init__(self, settings: ResolverSettings) -> None:
        self._settings = settings
        self._resolver: aiodns.DNSResolver | None = None

    async def __aenter__(self) -> Self:
        settings = self._settings
        try:
            self._resolver = aiodns.DNSResolver(
                nameservers=list(settings.servers) or None,
                loop=asyncio.get_running_loop(),
                timeout=settings.seconds,
                tries=settings.tries,
            )
        except (AresError, UnicodeError) as problem:
            raise InvalidArgument("The DNS servers in the settings are not addresses.") from problem
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._resolver is not None:
            await self._resolver.close()
            self._resolver = None

    async def ask(self, name: str, question: Question) -> Records | Silence:
        if self._resolver is None:
            return Silence.TIMEOUT
        waiting: Awaitable[Any] = self._resolver.query_dns(name, question.value)
        try:
            found = await waiting
        except aiodns.error.DNSError as problem:
            return _SILENCES.get(problem.args[0], Silence.SERVFAIL)
        records = [record for record in found.answer if record.type == _TYPES[question]]
        if not records:
            return Silence.NO_DATA  # an alias whose target has no such record
        return Records(tuple(_value(record.data, question) for record in records), min(r.ttl for r in found.answer))


def _value(data: Any, question: Question) -> Any:
    if question is Question.MX:
        return (data.priority, data.exchange.rstrip(".").lower())
    if question is Question.TXT:
        return bytes(data.data).decode("utf-8", "replace")
    return data.addr
