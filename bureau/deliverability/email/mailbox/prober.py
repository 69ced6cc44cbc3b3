"""Mailbox checks of several addresses of one domain: within which limits, and what the answers add up to."""

import asyncio
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import blake2b

import msgspec

from bureau.deliverability.email.domain import DomainFacts
from bureau.deliverability.email.mailbox.dialogue import Budget, Identity
from bureau.deliverability.email.mailbox.enquiry import Enquiry, Heard
from bureau.deliverability.email.mailbox.servers import Approach, Servers
from bureau.deliverability.email.mailbox.throttle import BURST, DEFAULT_TERMS, TERMS, Provider, Terms
from bureau.deliverability.email.reasons import Reason
from bureau.deliverability.email.resolver import Resolver
from bureau.deliverability.email.routing import PUBLIC_ONLY, RoutingRules, registered_name
from bureau.deliverability.email.verdict import Mailbox

TRUTHFUL = frozenset({"gmail", "microsoft", "uol", "terra"})
"""Houses that refuse unknown recipients at RCPT (the last two publish how many they put up with): strangers are not
needed there, and would be held against us."""

CATCH_ALL_SECONDS = 3 * 86_400.0  # how long a domain's way with invented recipients is remembered
CATCH_ALL_DOMAINS = 50_000
MOST_PROVIDERS = 20_000  # remembered at once
MOST_SESSIONS = 4_000  # at once, and no more than half the files this process may open
STRANGERS = 2
MOST_RECIPIENTS = BURST - STRANGERS  # real ones, a session: Postfix hangs up after 20 errors, others sooner


class ProbeSettings(msgspec.Struct, frozen=True):
    """``total`` bounds the check of one group of addresses, in seconds, queues included. ``never`` names domains and
    providers that are not to be asked. ``terms`` are by provider. ``port`` is for test rigs."""

    identity: Identity
    budget: Budget = Budget()
    total: float = 45.0
    port: int = 25
    rules: RoutingRules = PUBLIC_ONLY
    never: frozenset[str] = frozenset()
    terms: Mapping[str, Terms] = TERMS
    default_terms: Terms = DEFAULT_TERMS


def most_sessions() -> int:
    """How many sessions may be open at once: enough that hundreds of tarpits do not hold up everybody else."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_SESSIONS if files == resource.RLIM_INFINITY else max(1, min(MOST_SESSIONS, files // 2))


def invented_locals(sender: str, domain: str) -> tuple[str, str]:
    """Two local parts nobody has: one that looks like a person's, one at random.

    The same ones every time: a server that greylists whoever it has not seen must have seen them at the recheck.
    """
    digest = blake2b(f"{sender} {domain}".encode(), digest_size=12)
    number = int.from_bytes(digest.digest()[:4])
    name = f"{_FIRST[number % 4]}.{_LAST[number // 4 % 4]}{1000 + number // 16 % 9000}"
    return name, digest.hexdigest()[4:]


_FIRST = ("ana", "bruno", "clara", "davi")
_LAST = ("azevedo", "brandao", "cardim", "duarte")


class Prober:
    """Keeps one :class:`Provider` a house for as long as it lives; open it in the event loop that uses it."""

    def __init__(
        self,
        settings: ProbeSettings,
        resolver: Resolver,
        invent: Callable[[str, str], tuple[str, str]] = invented_locals,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._servers = Servers(Approach(settings.identity, settings.budget, settings.port, settings.rules), resolver)
        self._invent = invent
        self._clock = clock
        self._slots = asyncio.Semaphore(most_sessions())
        self._providers: dict[str, Provider] = {}
        self._catch_all: dict[str, tuple[float, bool]] = {}

    def provider(self, facts: DomainFacts) -> Provider:
        """The house that serves a domain; the longest unused is forgotten when there are too many."""
        name = provider_name(facts)
        terms = self._settings.terms.get(name, self._settings.default_terms)
        found = self._providers.pop(name, None) or Provider(terms, self._clock)
        self._providers[name] = found
        if len(self._providers) > MOST_PROVIDERS:
            del self._providers[next(iter(self._providers))]
        return found

    async def probe(self, facts: DomainFacts, addresses: Sequence[str]) -> list[Mailbox]:
        """What the servers of ``facts`` say of ``addresses``, all of that domain and in that order."""
        if not self._settings.never.isdisjoint({facts.domain, provider_name(facts)}):
            return [Mailbox(Reason.PROBE_NOT_ALLOWED)] * len(addresses)
        found: list[Mailbox] = []
        while len(found) < len(addresses):
            found += await self._probe_some(facts, addresses[len(found) : len(found) + MOST_RECIPIENTS])
        return found

    async def _probe_some(self, facts: DomainFacts, addresses: Sequence[str]) -> list[Mailbox]:
        """At least one answer; fewer than ``addresses`` if the provider's ledger has not room for all."""
        provider = self.provider(facts)
        late = Reason.RATE_LIMITED  # while we stand in our own queue; theirs once we are through
        enquiry = Enquiry(addresses)
        try:
            async with asyncio.timeout(self._settings.total), provider.session(len(addresses) + STRANGERS) as granted:
                if isinstance(granted, Reason):
                    return [Mailbox(granted)] * len(addresses)
                enquiry = self._enquiry(facts, addresses, granted)
                async with self._slots:
                    late = Reason.SMTP_TIMEOUT
                    end = await self._servers.ask(facts.mx_hosts, enquiry)
        except TimeoutError:
            end = Heard(late, enquiry.stage)
        return self._concluded(facts, provider, enquiry, end)

    def _enquiry(self, facts: DomainFacts, addresses: Sequence[str], granted: int) -> Enquiry:
        """Decided only when our turn has come: a session before ours may have learned how strangers fare."""
        if self._is_catch_all(facts) is not None:
            return Enquiry(addresses[:granted])
        real = addresses[: max(granted - STRANGERS, 1)]
        strangers = [f"{local}@{facts.domain}" for local in self._invented(facts)] if granted > STRANGERS else []
        return Enquiry(real, strangers)

    def _invented(self, facts: DomainFacts) -> tuple[str, str]:
        return self._invent(self._settings.identity.sender, facts.domain)

    def _concluded(self, facts: DomainFacts, provider: Provider, enquiry: Enquiry, end: Heard | None) -> list[Mailbox]:
        for heard in enquiry.answers.values():
            provider.heard(heard.reason)  # invented recipients too: to the provider they are as unknown as any
        if end is not None and end.reply:  # their word; that we stood in our own queue too long is not
            provider.heard(end.reason)
        if enquiry.strangers:
            self._remember(facts.domain, enquiry.accepts_strangers)
        catch_all = self._is_catch_all(facts)
        rest = end or Heard(Reason.CONNECTION_DROPPED, enquiry.stage)
        return [conclusion(enquiry.answers.get(recipient, rest), catch_all) for recipient in enquiry.recipients]

    def _is_catch_all(self, facts: DomainFacts) -> bool | None:
        """What is known beforehand, or was learned lately."""
        if facts.provider in TRUTHFUL:
            return False
        until, catch_all = self._catch_all.get(facts.domain, (0.0, False))
        return catch_all if self._clock() < until else None

    def _remember(self, domain: str, catch_all: bool | None) -> None:
        if catch_all is not None:
            self._catch_all.pop(domain, None)
            self._catch_all[domain] = (self._clock() + CATCH_ALL_SECONDS, catch_all)
        if len(self._catch_all) > CATCH_ALL_DOMAINS:
            del self._catch_all[next(iter(self._catch_all))]


def provider_name(facts: DomainFacts) -> str:
    """The house behind a domain's mail, or, if it is none of the known ones, what its first server is registered as."""
    return facts.provider or registered_name(facts.mx_hosts[0])


def conclusion(real: Heard, catch_all: bool | None) -> Mailbox:
    """What an answer is worth beside the domain's way with invented recipients."""
    reason = real.reason
    if reason is None:
        reason = Reason.AMBIGUOUS_REPLY  # accepted, but whoever else is too was not to be learned
        if catch_all is not None:
            reason = Reason.CATCH_ALL if catch_all else Reason.ACCEPTED_NOT_CATCH_ALL
    elif reason is Reason.GREYLISTED and catch_all is False:
        reason = Reason.GREYLIST_PROBABLY_EXISTS  # strangers are refused for good, this one only put off
    return Mailbox(reason, catch_all, stage=real.stage, reply=real.reply)
