"""Mailbox checks of several addresses of one domain: which servers, in which order, and what the answers add up to."""

import asyncio
import secrets
import string
import time
from collections.abc import Callable, Sequence

import msgspec

from bureau.deliverability.email.domain import DomainFacts
from bureau.deliverability.email.facts import domain_kind
from bureau.deliverability.email.mailbox.dialogue import Budget, Dialogue, Heard, Identity
from bureau.deliverability.email.mailbox.replies import Stage
from bureau.deliverability.email.mailbox.throttle import Provider
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.resolver import Question, Records, Resolver
from bureau.deliverability.email.routing import PUBLIC_ONLY, RoutingRules, is_public
from bureau.deliverability.email.verdict import Mailbox

TRUTHFUL = frozenset({"gmail", "microsoft"})  # refuse unknown recipients at RCPT: no need to ask for an invented one
CATCH_ALL_SECONDS = 3 * 86_400.0  # how long a domain's way with invented recipients is remembered
CATCH_ALL_DOMAINS = 50_000
MOST_PROVIDERS = 20_000  # remembered at once
MOST_HOSTS = 3
MOST_ADDRESSES = 2  # of one host
MOST_RECIPIENTS = 8  # a session: Postfix hangs up after 20 errors


class ProbeSettings(msgspec.Struct, frozen=True):
    """``total`` bounds the whole check of a domain, in seconds. ``port`` is for test rigs."""

    identity: Identity
    budget: Budget = Budget()
    total: float = 45.0
    port: int = 25
    rules: RoutingRules = PUBLIC_ONLY


def invented_locals() -> tuple[str, str]:
    """Two local parts nobody has: one that looks like a person's, one at random."""
    draw = secrets.SystemRandom()
    first, last = (
        draw.choice(("ana", "bruno", "clara", "davi")),
        draw.choice(("azevedo", "brandao", "cardim", "duarte")),
    )
    noise = "".join(draw.choices(string.ascii_lowercase + string.digits, k=20))
    return f"{first}.{last}{draw.randrange(1000, 10_000)}", noise


class Prober:
    """Keeps one :class:`Provider` a house for as long as it lives; open it in the event loop that uses it."""

    def __init__(
        self,
        settings: ProbeSettings,
        resolver: Resolver,
        invent: Callable[[], tuple[str, str]] = invented_locals,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._resolver = resolver
        self._invent = invent
        self._clock = clock
        self._providers: dict[str, Provider] = {}
        self._catch_all: dict[str, tuple[float, bool]] = {}

    def provider(self, facts: DomainFacts) -> Provider:
        """The house that serves a domain; the longest unused is forgotten when there are too many."""
        name = facts.provider or facts.mx_hosts[0]
        found = self._providers.pop(name, None) or Provider(name)
        self._providers[name] = found
        if len(self._providers) > MOST_PROVIDERS:
            del self._providers[next(iter(self._providers))]
        return found

    async def probe(self, facts: DomainFacts, addresses: Sequence[str]) -> list[Mailbox]:
        """What the servers of ``facts`` say of ``addresses``, all of that domain and in that order."""
        found: list[Mailbox] = []
        for start in range(0, len(addresses), MOST_RECIPIENTS):
            found += await self._probe_some(facts, addresses[start : start + MOST_RECIPIENTS])
        return found

    async def _probe_some(self, facts: DomainFacts, addresses: Sequence[str]) -> list[Mailbox]:
        provider = self.provider(facts)
        refusal = provider.refusal()
        if refusal:
            return [Mailbox(refusal)] * len(addresses)
        catch_all = self._is_catch_all(facts)
        invented = [] if catch_all is not None else [f"{local}@{facts.domain}" for local in self._invent()]
        late = Reason.RATE_LIMITED  # while we stand in our own queue; theirs once a session is open
        try:
            async with asyncio.timeout(self._settings.total), provider.sessions:
                late = Reason.SMTP_TIMEOUT
                heard = await self._ask_hosts(facts.mx_hosts, [*addresses, *invented])
        except TimeoutError:
            return [Mailbox(late)] * len(addresses)
        real = _padded(heard[: len(addresses)], len(addresses))
        for each in real:
            provider.heard(each.reason)  # invented recipients are few, and never asked of the portals with limits
        if invented:
            catch_all = accepts_strangers(heard[len(addresses) :])
            self._remember(facts.domain, catch_all)
        return [conclusion(each, catch_all) for each in real]

    def _is_catch_all(self, facts: DomainFacts) -> bool | None:
        """What is known beforehand: free mail is for people who signed up, and some houses always tell."""
        if facts.provider in TRUTHFUL or domain_kind(facts.domain).is_free:
            return False
        until, catch_all = self._catch_all.get(facts.domain, (0.0, False))
        return catch_all if self._clock() < until else None

    def _remember(self, domain: str, catch_all: bool | None) -> None:
        if catch_all is not None:
            self._catch_all.pop(domain, None)
            self._catch_all[domain] = (self._clock() + CATCH_ALL_SECONDS, catch_all)
        if len(self._catch_all) > CATCH_ALL_DOMAINS:
            del self._catch_all[next(iter(self._catch_all))]

    async def _ask_hosts(self, hosts: Sequence[str], recipients: Sequence[str]) -> list[Heard]:
        """The first host that greets us answers; one that cannot be reached or is busy passes us on to the next."""
        heard = [Heard(Reason.CONNECT_TIMEOUT, Stage.CONNECT)]
        for host in hosts[:MOST_HOSTS]:
            for address in await self._addresses(host):
                heard = await self._ask(host, address, recipients)
                if not _worth_another(heard[-1]):
                    return heard
        return heard

    async def _ask(self, host: str, address: str, recipients: Sequence[str]) -> list[Heard]:
        settings = self._settings
        dialogue = Dialogue(host, address, settings.port, settings.identity, settings.budget)
        heard = await dialogue.ask(recipients)
        if heard[-1].stage is Stage.TLS:
            heard = await dialogue.ask(recipients, encrypt=False)
        return heard

    async def _addresses(self, host: str) -> list[str]:
        """Addresses to dial, checked here and dialled as checked: resolving again could be answered differently."""
        for question in (Question.A, Question.AAAA):
            found = await self._resolver.ask(host, question)
            if isinstance(found, Records):
                usable = [each for each in found.values if self._settings.rules.allow_private or is_public(each)]
                if usable:
                    return usable[:MOST_ADDRESSES]
        return []


def _worth_another(heard: Heard) -> bool:
    """Whether the next host may do better: nobody there, silence, or "not now"; a flat refusal is meant for all."""
    return heard.stage is Stage.CONNECT or (heard.stage is Stage.BANNER and not heard.reply.startswith("5"))


def _padded(heard: list[Heard], count: int) -> list[Heard]:
    """If the session ended early, the rest share its end; a 421 says nothing of whom it met, so nor of the rest."""
    return heard + [heard[-1]] * (count - len(heard)) if heard[-1].reason else heard


def accepts_strangers(heard: Sequence[Heard]) -> bool | None:
    """Whether a domain accepts invented recipients; an error in either answer leaves that open."""
    reasons = [each.reason for each in heard if each.stage is Stage.RCPT]
    if None in reasons:
        return True
    return False if reasons == [Reason.MAILBOX_NOT_FOUND] * 2 else None


def conclusion(real: Heard, catch_all: bool | None) -> Mailbox:
    """What an answer is worth beside the domain's way with invented recipients."""
    if real.reason is None:
        if catch_all is None:
            return Mailbox(Reason.AMBIGUOUS_REPLY, None)
        return Mailbox(Reason.CATCH_ALL if catch_all else Reason.ACCEPTED_NOT_CATCH_ALL, catch_all)
    if real.reason is Reason.GREYLISTED and catch_all is False:
        return Mailbox(Reason.GREYLIST_PROBABLY_EXISTS, False)  # strangers are refused for good, this one only put off
    return Mailbox(real.reason, catch_all)
