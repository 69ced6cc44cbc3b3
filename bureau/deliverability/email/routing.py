"""The DNS stage: a domain → where its mail goes (RFC 5321 section 5.1, RFC 7505).

Mail exchangers that resolve to nothing but loopback, private, link-local or otherwise unroutable addresses are as good
as none, and are never to be contacted: a stranger chose those addresses.
"""

import asyncio
import ipaddress
from datetime import UTC, datetime, timedelta

import msgspec

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.resolver import Question, Records, Resolver, Silence

MOST_HOSTS = 10  # exchangers looked at; the longest list seen in practice has fewer

_HIDDEN = {Silence.SERVFAIL: Route.SERVFAIL, Silence.REFUSED: Route.REFUSED, Silence.TIMEOUT: Route.TIMEOUT}

_HOUSES = (
    (".google.com", "gmail"),
    (".googlemail.com", "gmail"),
    (".olc.protection.outlook.com", "microsoft"),
    (".protection.outlook.com", "microsoft365"),
    (".yahoodns.net", "yahoo"),
    (".icloud.com", "icloud"),
    (".uol.com.br", "uol"),
    (".bol.com.br", "uol"),
    (".uhserver.com", "uol"),
    (".terra.com", "terra"),
    (".terra.com.br", "terra"),
    (".locaweb.com.br", "locaweb"),
    (".kinghost.net", "kinghost"),
    (".hostgator.com.br", "hostgator"),
    (".secureserver.net", "godaddy"),
    (".zoho.com", "zoho"),
    (".pphosted.com", "proofpoint"),
    (".mimecast.com", "mimecast"),
    (".titan.email", "titan"),
    (".hostinger.com", "hostinger"),
)
"""Suffix of the first exchanger → house. ``gmail`` also stands for Google Workspace, which answers alike."""


class RoutingRules(msgspec.Struct, frozen=True):
    """``allow_private`` is for test rigs on loopback only. ``sender_facts`` also asks for SPF, DMARC and MTA-STS: three
    more questions a domain, of interest to senders and without weight in the verdict. A domain whose questions take
    longer than ``seconds`` in all is given up."""

    allow_private: bool = False
    sender_facts: bool = False
    seconds: float = 10.0


PUBLIC_ONLY = RoutingRules()


async def route_of(domain: str, resolver: Resolver, rules: RoutingRules) -> DomainFacts:
    """Look ``domain`` (ASCII) up."""
    try:
        async with asyncio.timeout(rules.seconds):
            facts = await _route_of(domain, resolver, rules)
    except TimeoutError:
        facts = DomainFacts(domain, Route.TIMEOUT)
    return msgspec.structs.replace(facts, looked_up_at=datetime.now(UTC))


async def _route_of(domain: str, resolver: Resolver, rules: RoutingRules) -> DomainFacts:
    exchangers = await resolver.ask(domain, Question.MX)
    if isinstance(exchangers, Records):
        facts = await _explicit(domain, exchangers, resolver, rules)
    elif exchangers is Silence.NO_DATA:
        facts = await _implicit(domain, resolver, rules)
    else:
        facts = DomainFacts(domain, _HIDDEN.get(exchangers, Route.NOT_FOUND))
    if rules.sender_facts and facts.route is Route.MAIL:
        facts = await _with_sender_facts(facts, resolver)
    return facts


async def _explicit(domain: str, exchangers: Records, resolver: Resolver, rules: RoutingRules) -> DomainFacts:
    hosts = [host for _, host in sorted(set(exchangers.values)) if host]  # a null among real ones is ignored
    if not hosts:
        return DomainFacts(domain, Route.NULL_MX, valid_for=timedelta(seconds=exchangers.ttl))
    route, ttl = await _first_usable(hosts[:MOST_HOSTS], resolver, rules)
    valid_for = timedelta(seconds=min(exchangers.ttl, ttl))
    return DomainFacts(domain, route, tuple(hosts[:MOST_HOSTS]), provider=_house(hosts[0]), valid_for=valid_for)


async def _implicit(domain: str, resolver: Resolver, rules: RoutingRules) -> DomainFacts:
    """No MX record: the domain's own address is its exchanger."""
    route, ttl = await _first_usable([domain], resolver, rules)
    if route is Route.MX_UNRESOLVABLE:
        return DomainFacts(domain, Route.NO_MAIL)
    return DomainFacts(domain, route, (domain,), implicit_mx=True, valid_for=timedelta(seconds=ttl))


async def _first_usable(hosts: list[str], resolver: Resolver, rules: RoutingRules) -> tuple[Route, int]:
    """``MAIL`` as soon as one host has a public address; otherwise the kindest thing the others allow to say."""
    seen: set[Route] = set()
    shortest = 86_400
    for host in hosts:
        route, ttl = await _host_route(host, resolver, rules)
        shortest = min(shortest, ttl)
        if route is Route.MAIL:
            return route, shortest
        seen.add(route)
    for route in (Route.TIMEOUT, Route.SERVFAIL, Route.REFUSED, Route.MX_UNROUTABLE):
        if route in seen:
            return route, shortest
    return Route.MX_UNRESOLVABLE, shortest


async def _host_route(host: str, resolver: Resolver, rules: RoutingRules) -> tuple[Route, int]:
    if _is_address(host):
        return Route.MX_UNROUTABLE, 86_400  # RFC 5321 wants a name; an address literal is a way around the guard
    hidden: Route | None = None
    unroutable = False
    shortest = 86_400
    for question in (Question.A, Question.AAAA):
        found = await resolver.ask(host, question)
        if isinstance(found, Records):
            shortest = min(shortest, found.ttl)
            if rules.allow_private or any(is_public(address) for address in found.values):
                return Route.MAIL, shortest
            unroutable = True
        elif found is Silence.NO_NAME:
            break
        else:
            hidden = hidden or _HIDDEN.get(found)
    return hidden or (Route.MX_UNROUTABLE if unroutable else Route.MX_UNRESOLVABLE), shortest


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an IP address may be contacted: global unicast, also behind an IPv4-mapped IPv6 address."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address):
        if found in _NAT64:
            return False  # an IPv4 address in disguise (RFC 6052), perhaps a private one
        found = found.ipv4_mapped or found.sixtofour or found
    return found.is_global and not found.is_multicast


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def _house(host: str) -> str | None:
    dotted = "." + host
    return next((house for suffix, house in _HOUSES if dotted.endswith(suffix)), None)


def registered_name(host: str) -> str:
    """The part of a host's name that somebody registered, near enough to tell one owner from another.

    Under ``.br`` names are registered below a category, and so below many countries' ``com`` or ``co``; of the few that
    are not, each host counts for itself.
    """
    labels = host.split(".")
    below_category = labels[-1] == "br" or (len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3)
    return ".".join(labels[-3:] if below_category else labels[-2:])


async def _with_sender_facts(facts: DomainFacts, resolver: Resolver) -> DomainFacts:
    spf = await _texts(facts.domain, resolver)
    dmarc = await _texts(f"_dmarc.{facts.domain}", resolver)
    sts = await _texts(f"_mta-sts.{facts.domain}", resolver)
    return msgspec.structs.replace(
        facts,
        has_spf=None if spf is None else any(text.lower().startswith("v=spf1") for text in spf),
        dmarc_policy=None if dmarc is None else _dmarc_policy(dmarc),
        mta_sts=None if sts is None else any(text.startswith("v=STSv1") for text in sts),
    )


async def _texts(name: str, resolver: Resolver) -> tuple[str, ...] | None:
    """TXT records; empty if there are surely none, ``None`` if the resolver could not tell."""
    found = await resolver.ask(name, Question.TXT)
    if isinstance(found, Records):
        return found.values
    return () if found in (Silence.NO_NAME, Silence.NO_DATA) else None


def _dmarc_policy(texts: tuple[str, ...]) -> str:
    """The ``p=`` tag of the one DMARC record (RFC 7489 section 6.3), ``none`` without a usable one."""
    records = [text for text in texts if text.startswith("v=DMARC1")]
    tags = dict(part.strip().split("=", 1) for part in records[0].split(";") if "=" in part) if records else {}
    policy = tags.get("p", "none").strip().lower()
    return policy if policy in ("none", "quarantine", "reject") else "none"
