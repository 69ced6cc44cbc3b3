"""The way out to addresses that clients chose: never into our own network (server-side request forgery).

A name is resolved once and what was checked is dialled, so that a name whose answer changes in between gains nothing.
"""

import asyncio
import ipaddress
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import httpcore

from bureau.errors import InvalidArgument

LONGEST_URL = 2_000
_EMBEDDING = {  # IPv6 addresses that stand for an IPv4 one, which is then what has to be public
    ipaddress.IPv6Network("64:ff9b::/96"): 0,  # RFC 6052: the last 32 bits
    ipaddress.IPv6Network("2002::/16"): 80,  # RFC 3056: after the first 16 bits
}


class ForbiddenAddress(httpcore.ConnectError):
    """A name that leads to no public address."""


def is_public(address: str) -> bool:
    """Whether an IP address is one of the whole internet: not private, loopback, link-local, shared, multicast …"""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return is_public(str(found.ipv4_mapped))
        for network, shift in _EMBEDDING.items():
            if found in network:
                return is_public(str(ipaddress.IPv4Address((int(found) >> shift) & 0xFFFFFFFF)))
        if found.teredo or found.scope_id:
            return False
    return found.is_global and not found.is_multicast and not found.is_reserved


def checked_url(url: str, loopback: bool) -> str:
    """``url`` if it may be called; ``loopback`` is the operator's setting for tests and also allows plain http.

    Raises :class:`InvalidArgument` with what is wrong.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise InvalidArgument("url is not an address.") from None
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise InvalidArgument(f"url must be at most {LONGEST_URL} printable ASCII characters.")
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        raise InvalidArgument("url must begin with https://.")
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidArgument("url must name a host, and no user, password or fragment.")
    try:
        literal = str(ipaddress.ip_address(host))
    except ValueError:
        return url  # a name: what it leads to is checked whenever it is called
    if not _allowed(literal, loopback):
        raise InvalidArgument("url must lead to a public address.")
    return url


def _allowed(address: str, loopback: bool) -> bool:
    return is_public(address) or (loopback and ipaddress.ip_address(address).is_loopback)


class PublicNetwork(httpcore.AsyncNetworkBackend):
    """Dials public addresses only, and loopback ones if the operator says so."""

    def __init__(self, loopback: bool) -> None:
        self._loopback = loopback
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        problem: Exception = ForbiddenAddress("leads to no public address")
        for address in await _resolved(host, port, timeout):
            if _allowed(address, self._loopback):
                try:
                    return await self._network.connect_tcp(address, port, timeout, local_address, socket_options)
                except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                    problem = error
        raise problem

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def _resolved(host: str, port: int, seconds: float | None) -> list[str]:
    try:
        async with asyncio.timeout(seconds):
            found = await asyncio.get_running_loop().getaddrinfo(host, port, proto=6)  # TCP
    except TimeoutError:
        raise httpcore.ConnectTimeout("the name was not resolved in time") from None
    except (OSError, UnicodeError):
        raise httpcore.ConnectError("the name does not resolve") from None
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
