"""What DNS said of domains, shared by processes: a domain is looked up once however many of them ask.

Who finds nothing fresh claims the domain, looks it up and stores the facts; who finds it claimed asks again until they
are there. A claim whose process died may be taken over after :data:`CLAIM_SECONDS`. When the database is away or slow,
everybody looks up for themselves: sharing saves work, it is no condition of an answer.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import timedelta

import msgspec

from bureau.access.group_commit import GroupCommit
from bureau.deliverability.email.domain import DomainFacts
from bureau.deliverability.email.domain_cache import seconds_fresh
from bureau.deliverability.email.memory import Lookup
from bureau.errors import BureauError
from bureau.overlay.write_behind import WriteBehind
from bureau.store import Row, Store

CLAIM_SECONDS = 15.0  # a look-up is given up after 10 (RoutingRules.seconds)
PATIENCE_SECONDS = 1.0  # for one statement
AWAY_SECONDS = 5.0  # after a failure nobody asks the database for so long
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.02, 0.5  # between questions about a domain that another looks up

_decode = msgspec.json.Decoder(DomainFacts).decode
_encode = msgspec.json.Encoder().encode


class _Elsewhere(msgspec.Struct, frozen=True):
    """Another process is looking the domain up."""


class SharedDomains:
    """A look-up through the database. ``clock`` counts seconds."""

    def __init__(self, store: Store, ask: Lookup, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._ask = ask
        self._clock = clock
        self._away_until = 0.0
        self._claims = GroupCommit[str, DomainFacts | _Elsewhere | None](self._begin, largest=2_000, longest=50_000)
        self._found = WriteBehind[DomainFacts]("domains", self._keep)

    async def __call__(self, domain: str) -> DomainFacts:
        """The facts of ``domain``, from whoever found them."""
        known = await self._known(domain)
        if known is not None:
            return known
        facts = await self._ask(domain)
        self._found.add([facts])
        return facts

    async def drain(self) -> None:
        await self._found.drain()

    async def _known(self, domain: str) -> DomainFacts | None:
        """``None``: look it up here."""
        until = self._clock() + CLAIM_SECONDS
        pause = FIRST_PAUSE_SECONDS
        while self._away_until <= self._clock() < until:
            found = await self._claims.submit(domain)
            if not isinstance(found, _Elsewhere):
                return found
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        return None

    async def _begin(self, domains: list[str]) -> list[DomainFacts | _Elsewhere | None]:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                rows = await self._store.fetch("evidence.domains", sorted(set(domains)), CLAIM_SECONDS)
        except (BureauError, TimeoutError):
            self._away_until = self._clock() + AWAY_SECONDS
            return [None] * len(domains)
        found = {row["domain"]: _outcome(row) for row in rows}
        return [found[domain] for domain in domains]

    async def _keep(self, found: list[DomainFacts]) -> None:
        latest = {facts.domain: facts for facts in found}
        kept = list(latest.values())
        await self._store.fetch(
            "evidence.store_domains",
            list(latest),
            [_encode(facts) for facts in kept],
            [seconds_fresh(facts) for facts in kept],
        )


def _outcome(row: Row) -> DomainFacts | _Elsewhere | None:
    if row["facts"] is None:
        return None if row["held"] else _Elsewhere()
    try:
        facts = _decode(row["facts"])
    except msgspec.ValidationError:
        return None  # of a newer program, with a word that this one does not know
    if facts.valid_for is None:
        return facts
    return msgspec.structs.replace(facts, valid_for=min(facts.valid_for, timedelta(seconds=row["seconds"])))
