"""Verdicts for many addresses within a time bound: what is late comes back pending and is looked up all the same."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar

import msgspec

from bureau.deliverability.email.domain import Route
from bureau.deliverability.email.domain_cache import DomainCache
from bureau.deliverability.email.facts import domain_kind
from bureau.deliverability.email.mailbox.checks import MailboxChecks
from bureau.deliverability.email.mailbox.prober import Prober, ProbeSettings
from bureau.deliverability.email.memory import NOTHING_KNOWN, Known, Lookup, Memory, Probing, is_final, stronger
from bureau.deliverability.email.resolver import OWN_RESOLVER, AresResolver, ResolverSettings
from bureau.deliverability.email.routing import PUBLIC_ONLY, RoutingRules, route_of
from bureau.deliverability.email.syntax import Address, SyntaxDetail, parse
from bureau.deliverability.email.verdict import EmailVerdict, Sighting, Stages, check_email, judge
from bureau.model.query import Depth

RECHECK_AFTER = timedelta(seconds=10)  # a pending domain is known by then, or given up (RoutingRules.seconds)

SLICE = 2_000  # addresses judged before other work of the event loop gets a turn: about ten milliseconds

NO_SIGHTINGS: Mapping[str, Sighting] = MappingProxyType({})

Item = TypeVar("Item")


class EmailVerifier:
    """Open it inside the event loop (``async with``). Any number of tasks may call :meth:`verify` at once."""

    def __init__(
        self,
        resolver: ResolverSettings = OWN_RESOLVER,
        rules: RoutingRules = PUBLIC_ONLY,
        probing: ProbeSettings | None = None,
        memory: Memory | None = None,
    ) -> None:
        """Without ``probing`` no mail server is contacted and depth ``mailbox`` goes as far as ``dns``. ``memory`` is
        what other processes know; without it this one knows what it found out itself."""
        self._resolver = AresResolver(resolver)
        lookup: Lookup = partial(route_of, resolver=self._resolver, rules=rules)
        self._domains = DomainCache(memory.of_domains(lookup) if memory else lookup)
        prober: Probing | None = Prober(probing, self._resolver) if probing else None
        if prober:
            self._mailboxes: MailboxChecks | None = MailboxChecks(memory.of_mailboxes(prober) if memory else prober)
        else:
            self._mailboxes = None

    async def __aenter__(self) -> Self:
        await self._resolver.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._domains.close()
        if self._mailboxes:
            await self._mailboxes.close()
        await self._resolver.__aexit__(kind, problem, trace)

    async def verify(
        self,
        addresses: Sequence[str],
        depth: Depth,
        deadline: float,
        sightings: Mapping[str, Sighting] = NO_SIGHTINGS,
        expects_role: bool = False,
        known: Known = NOTHING_KNOWN,
    ) -> list[EmailVerdict]:
        """Verdicts in the order of ``addresses``, after ``deadline`` seconds from now at the latest.

        ``sightings`` are keyed by the address as given. What was reported of an address (``known``) counts at every
        depth, and where it settles the matter no mail server is asked. Depths ``none`` and ``syntax`` ask nobody. A
        verdict that is not known in time is the one of the depth reached, marked ``pending`` with ``recheck_at``.
        """
        until = asyncio.get_running_loop().time() + deadline
        asks = depth in (Depth.DNS, Depth.MAILBOX)
        parsed = [address async for address in _in_slices(map(parse, addresses))]
        if asks:
            await self._look_up(parsed, deadline)
        boxes = self._mailboxes if depth is Depth.MAILBOX else None
        if boxes:
            open_questions = [a for a in parsed if isinstance(a, Address) and not is_final(known.reported(a))]
            await self._probe(boxes, open_questions, until - asyncio.get_running_loop().time())
        at = datetime.now(UTC)

        def verdict(text: str, address: Address | SyntaxDetail) -> EmailVerdict:
            if isinstance(address, SyntaxDetail):
                return check_email(text, at)
            domain = self._domains.get(address.domain) if asks else None
            reported, probed = known.reported(address), boxes.get(address.on_the_wire) if boxes else None
            stages = Stages(domain, stronger(reported, probed), sightings.get(text), self._domains.get, expects_role)
            found = judge(address, at, msgspec.structs.replace(stages, confidences=known.confidences))
            late = asks and (domain is None or (boxes and probed is None and domain.route is Route.MAIL))
            if late and not is_final(reported):
                return msgspec.structs.replace(found, pending=True, recheck_at=at + RECHECK_AFTER)
            return found

        return [found async for found in _in_slices(map(verdict, addresses, parsed))]

    async def _look_up(self, parsed: Sequence[Address | SyntaxDetail], deadline: float) -> None:
        """Wait for the domains not known yet, and for those that might have been meant, until the deadline."""
        wanted: set[str] = set()
        for address in parsed:
            if isinstance(address, Address):
                meant = domain_kind(address.domain).meant
                wanted.update((address.domain, meant) if meant else (address.domain,))
        unknown = [domain for domain in wanted if self._domains.get(domain) is None]
        tasks = [task for task in map(self._domains.start, unknown) if task is not None]
        if tasks and deadline > 0:
            await asyncio.wait(tasks, timeout=deadline)

    async def _probe(self, boxes: MailboxChecks, parsed: Sequence[Address], seconds: float) -> None:
        """Ask the mail servers of the domains that have any, each for all its addresses, until the time is up."""
        by_domain: dict[str, list[str]] = {}
        for address in parsed:
            by_domain.setdefault(address.domain, []).append(address.on_the_wire)
        tasks: set[asyncio.Task[None]] = set()
        for domain, addresses in by_domain.items():
            facts = self._domains.get(domain)
            if facts and facts.route is Route.MAIL:
                tasks |= boxes.start(facts, addresses)
        if tasks and seconds > 0:
            await asyncio.wait(tasks, timeout=seconds)


async def _in_slices(items: Iterable[Item]) -> AsyncIterator[Item]:
    """Compute lazily, and give the event loop's other work a turn after every slice."""
    for number, item in enumerate(items, start=1):
        yield item
        if number % SLICE == 0:
            await asyncio.sleep(0)
