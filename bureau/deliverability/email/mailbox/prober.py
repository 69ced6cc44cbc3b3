"""Mailbox checks of several addresses of one domain: which servers, in which order, and what the answers add up to."""

import asyncio
import secrets
import string
from collections.abc import Callable, Sequence

import msgspec

from bureau.deliverability.email.domain import DomainFacts
from bureau.deliverability.email.mailbox.dialogue import Budget, Dialogue, Heard, Identity
from bureau.deliverability.email.mailbox.replies import Stage
from bureau.deliverability.email.mailbox.throttle import Provider
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.resolver import Question, Records, Resolver
from bureau.deliverability.email.routing import PUBLIC_ONLY, RoutingRules, is_public
from bureau.deliverability.email.verdict import Mailbox

TRUTHFUL = frozenset({"gmail", "microsoft"})  # refuse unknown recipients at RCPT: no need to ask for an invented one
MOST_HOSTS = 3
MOST_ADDRESSES = 2  # of one host
MOST_RECIPIENTS = 8  # a session: Postfix hangs up after 20 errors
_TRY_ANOTHER = frozenset({Stage.CONNECT, Stage.BANNER})


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
    ) -> None:
        self._settings = settings
        self._resolver = resolver
        self._invent = invent
        self._providers: dict[str, Provider] = {}

    def provider(self, facts: DomainFacts) -> Provider:
        name = facts.provider or facts.mx_hosts[0]
        return self._providers.setdefault(name, Provider(name))

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
        invented = [] if facts.provider in TRUTHFUL else [f"{local}@{facts.domain}" for local in self._invent()]
        try:
            async with asyncio.timeout(self._settings.total), provider.sessions:
                heard = await self._ask_hosts(facts.mx_hosts, [*addresses, *invented])
        except TimeoutError:
            return [Mailbox(Reason.SMTP_TIMEOUT)] * len(addresses)
        real = _padded(heard[: len(addresses)], len(addresses))
        for each in real:
            provider.heard(each.reason)
        strangers = heard[len(addresses) :]
        truthful = facts.provider in TRUTHFUL
        return [conclusion(each, strangers, truthful) for each in real]

    async def _ask_hosts(self, hosts: Sequence[str], recipients: Sequence[str]) -> list[Heard]:
        """The first host that greets us answers; one that cannot be reached or is busy passes us on to the next."""
        heard = [Heard(Reason.CONNECT_TIMEOUT, Stage.CONNECT)]
        for host in hosts[:MOST_HOSTS]:
            for address in await self._addresses(host):
                heard = await self._ask(host, address, recipients)
                if heard[-1].stage not in _TRY_ANOTHER:
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


def _padded(heard: list[Heard], count: int) -> list[Heard]:
    """If the session ended early, the rest share its end; a 421 says nothing of whom it met, so nor of the rest."""
    return heard + [heard[-1]] * (count - len(heard)) if heard[-1].reason else heard


def conclusion(real: Heard, strangers: Sequence[Heard], truthful: bool) -> Mailbox:
    """What an answer is worth beside the answers for invented recipients of the same domain and session.

    An error in the invented recipients' answers leaves it open whether the domain accepts everybody.
    """
    reasons = [each.reason for each in strangers if each.stage is Stage.RCPT]
    refused = len(reasons) == 2 and all(reason is Reason.MAILBOX_NOT_FOUND for reason in reasons)
    catch_all = False if truthful or refused else (True if None in reasons else None)
    if real.reason is None:
        if catch_all is None:
            return Mailbox(Reason.AMBIGUOUS_REPLY, None)
        return Mailbox(Reason.CATCH_ALL if catch_all else Reason.ACCEPTED_NOT_CATCH_ALL, catch_all)
    if real.reason is Reason.GREYLISTED and refused:
        return Mailbox(Reason.GREYLIST_PROBABLY_EXISTS, False)  # strangers refused for good, this one only put off
    return Mailbox(real.reason, catch_all)
