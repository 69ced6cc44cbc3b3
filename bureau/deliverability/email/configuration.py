"""From the operator's settings to a verifier: which resolvers, and whether and as whom mail servers are asked."""

import ipaddress
import re

from bureau.deliverability.email.mailbox.dialogue import Budget, Identity
from bureau.deliverability.email.mailbox.prober import ProbeSettings
from bureau.deliverability.email.mailbox.throttle import DEFAULT_TERMS, TERMS, Terms
from bureau.deliverability.email.memory import Memory
from bureau.deliverability.email.resolver import ResolverSettings
from bureau.deliverability.email.routing import RoutingRules
from bureau.deliverability.email.syntax import Address, parse
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.errors import InvalidArgument
from bureau.settings import Settings

_NAME = re.compile(r"(?=.{1,253}\Z)(?:(?!-)[a-z0-9-]{1,63}(?<!-)\.)+(?!-)[a-z0-9-]{2,63}(?<!-)\Z", re.IGNORECASE)


def verifier_from(settings: Settings, memory: Memory | None = None) -> EmailVerifier:
    """A verifier to open with ``async with``, which remembers by ``memory`` too. Raises :class:`InvalidArgument` for
    settings that make no sense."""
    rules = RoutingRules(settings.probe_loopback, settings.dns_sender_facts)
    servers = _listed(settings.dns_servers)
    if not all(map(_is_server, servers)):
        raise InvalidArgument("BUREAU_DNS_SERVERS: expected IP addresses, each with or without a port.")
    resolver = ResolverSettings(servers, settings.dns_seconds, settings.dns_tries)
    return EmailVerifier(resolver, rules, probing_from(settings, rules), memory)


def _is_server(text: str) -> bool:
    """``192.0.2.1``, ``192.0.2.1:53``, ``2001:db8::1`` or ``[2001:db8::1]:53``."""
    address, _, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "")
    try:
        ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    return not port or (port.isdecimal() and 0 < int(port) < 65_536)


def probing_from(settings: Settings, rules: RoutingRules) -> ProbeSettings | None:
    """``None`` unless the operator says as whom to ask: probing is off by default."""
    if not settings.probe_name and not settings.probe_sender:
        return None
    sender = parse(settings.probe_sender)
    if not _NAME.match(settings.probe_name) or not isinstance(sender, Address) or sender.needs_smtputf8:
        raise InvalidArgument("Probing needs BUREAU_PROBE_NAME (a host name) and BUREAU_PROBE_SENDER (an address).")
    return ProbeSettings(
        identity=Identity(settings.probe_name, sender.on_the_wire),
        budget=Budget(settings.probe_connect_seconds, settings.probe_banner_seconds, settings.probe_command_seconds),
        total=settings.probe_total_seconds,
        port=settings.probe_port,
        rules=rules,
        terms={house: _shared(terms, settings.workers) for house, terms in TERMS.items()},
        default_terms=_shared(DEFAULT_TERMS, settings.workers),
        never=frozenset(name.lower() for name in _listed(settings.probe_never)),
    )


def _shared(terms: Terms, workers: int) -> Terms:
    """One worker's part; sessions cannot be divided below one."""
    return Terms(max(terms.sessions // workers, 1), terms.per_second / workers, terms.verifiable)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
