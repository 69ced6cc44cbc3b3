"""Verdicts for many addresses within a time bound: what is late comes back pending and is looked up all the same."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from types import MappingProxyType, TracebackType
from typing import Self, TypeVar

import msgspec

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.domain_cache import DomainCache
from bureau.deliverability.email.facts import domain_kind
from bureau.deliverability.email.mailbox.checks import MailboxChecks
from bureau.deliverability.email.mailbox.prober import Prober, ProbeSettings
from bureau.deliverability.email.memory import NOTHING_KNOWN, Known, Lookup, Memory, Probing, is_final, stronger
from bureau.deliverability.email.resolver import OWN_RESOLVER, AresResolver, ResolverSettings
from bureau.deliverability.email.routing import PUBLIC_ONLY, RoutingRules, route_of
from bureau.deliverability.email.syntax import Address, SyntaxDetail, parse
from bureau.deliverability.email.verdict import EmailVerdict, Stages, check_email, judge
from bureau.deliverability.sightings import Sighting
from bureau.model.query import Depth

RECHECK_AFTER = timedelta(seconds=10)  # a pending domain is known by then, or given up (RoutingRules.seconds)

SLICE = 2_000  # addresses judged before other work of the event loop gets a turn: about ten milliseconds

FOLLOWING = 20_000  # domains whose servers are to be asked once they are known; later ones ask when they come again

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
        self._following: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self._resolver.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._following:
            task.cancel()
        await asyncio.gather(*self._following, return_exceptions=True)
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
        boxes = self._mailboxes if depth is Depth.MAILBOX else None
        held = await self._ask(_questions(parsed, known if boxes else None), until) if asks else {}
        at = datetime.now(UTC)

        def verdict(text: str, address: Address | SyntaxDetail) -> EmailVerdict:
            if isinstance(address, SyntaxDetail):
                return check_email(text, at)
            domain = (held.get(address.domain) or self._domains.get(address.domain)) if asks else None
            reported, probed = known.reported(address), boxes.get(address.on_the_wire) if boxes else None
            said, sighting = stronger(reported, probed), sightings.get(text)
            found = judge(
                address, at, Stages(domain, said, sighting, self._domains.get, expects_role, known.confidences)
            )
            late = asks and (domain is None or (boxes and probed is None and domain.route is Route.MAIL))
            if late and not is_final(reported):
                return msgspec.structs.replace(found, pending=True, recheck_at=at + RECHECK_AFTER)
            return found

        return [found async for found in _in_slices(map(verdict, addresses, parsed))]

    async def _ask(self, questions: Mapping[str, Sequence[str]], until: float) -> dict[str, DomainFacts]:
        """Ask about every domain, and its mail servers about its addresses, and wait for the answers until then.

        What was known already is handed back: the cache may have to drop it for what is looked up now.
        """
        held: dict[str, DomainFacts] = {}
        tasks: set[asyncio.Task[None]] = set()
        async for domain, addresses in _in_slices(questions.items()):
            facts = self._domains.get(domain)
            if facts is not None:
                held[domain] = facts
            tasks |= self._begin(domain, addresses)
        seconds = until - asyncio.get_running_loop().time()
        if tasks and seconds > 0:
            await asyncio.wait(tasks, timeout=seconds)
        return held

    def _begin(self, domain: str, addresses: Sequence[str]) -> set[asyncio.Task[None]]:
        """What has to end before all is known of ``domain`` and ``addresses``; nothing if that is the case, or if too
        much is under way already."""
        if self._domains.get(domain) is not None:
            return self._probe(domain, addresses)
        lookup = self._domains.start(domain)
        if lookup is None or not addresses or len(self._following) >= FOLLOWING:
            return {lookup} if lookup else set()
        task = asyncio.get_running_loop().create_task(self._probe_after(lookup, domain, addresses))
        self._following.add(task)
        task.add_done_callback(self._following.discard)
        return {task}

    async def _probe_after(self, lookup: asyncio.Task[None], domain: str, addresses: Sequence[str]) -> None:
        """A domain's servers are asked as soon as it is known: one slow name server holds up its own domains only."""
        await asyncio.wait([lookup])
        checks = self._probe(domain, addresses)
        if checks:
            await asyncio.wait(checks)

    def _probe(self, domain: str, addresses: Sequence[str]) -> set[asyncio.Task[None]]:
        facts = self._domains.get(domain)
        if self._mailboxes is None or facts is None or facts.route is not Route.MAIL:
            return set()
        return self._mailboxes.start(facts, addresses)


def _questions(parsed: Iterable[Address | SyntaxDetail], known: Known | None) -> dict[str, list[str]]:
    """Every domain to look up, those that might have been meant too, with the addresses to ask its servers about:
    none without ``known``, and none that a report has settled."""
    found: dict[str, list[str]] = {}
    for address in parsed:
        if isinstance(address, Address):
            addresses = found.setdefault(address.domain, [])
            if known and not is_final(known.reported(address)):
                addresses.append(address.on_the_wire)
            meant = domain_kind(address.domain).meant
            if meant:
                found.setdefault(meant, [])
    return found


async def _in_slices(items: Iterable[Item]) -> AsyncIterator[Item]:
    """Compute lazily, and give the event loop's other work a turn after every slice."""
    for number, item in enumerate(items, start=1):
        yield item
        if number % SLICE == 0:
            await asyncio.sleep(0)
