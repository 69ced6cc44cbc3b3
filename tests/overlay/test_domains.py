"""One look-up a domain however many processes ask; and nobody needs the database to look up."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.errors import StoreUnavailable
from bureau.overlay import domains
from bureau.overlay.domains import SharedDomains
from bureau.store import Store


class Resolver:
    """Counts what it is asked; answers when it is let."""

    def __init__(self, route: Route = Route.MAIL) -> None:
        self.asked: list[str] = []
        self.route = route
        self.may_answer = asyncio.Event()

    async def __call__(self, domain: str) -> DomainFacts:
        self.asked.append(domain)
        await self.may_answer.wait()
        now = datetime.now(UTC)
        return DomainFacts(domain, self.route, ("mx.example.com",), valid_for=timedelta(hours=2), looked_up_at=now)


async def test_of_two_processes_that_ask_at_once_one_looks_up(store: Store, other_store: Store) -> None:
    one, other = Resolver(), Resolver()
    here, there = SharedDomains(store, one), SharedDomains(other_store, other)
    names = [f"d{number}.example.com" for number in range(40)]
    asking = [asyncio.ensure_future(shared(name)) for name in names for shared in (here, there)]
    while len(one.asked) + len(other.asked) < 40:  # noqa: ASYNC110  # what is waited for has no event
        await asyncio.sleep(0.01)
    one.may_answer.set()
    other.may_answer.set()
    found = await asyncio.gather(*asking)
    assert sorted(names) == sorted(one.asked + other.asked)
    assert [(name, Route.MAIL) for name in names for _ in range(2)] == [(facts.domain, facts.route) for facts in found]


async def test_what_was_found_is_there_for_the_next_process_and_ages(store: Store, other_store: Store) -> None:
    resolver = Resolver()
    resolver.may_answer.set()
    first = SharedDomains(store, resolver)
    facts = await first("example.com")
    await first.drain()
    again = await SharedDomains(other_store, resolver)("example.com")
    assert ["example.com"] == resolver.asked
    assert again.valid_for
    assert timedelta(hours=1) < again.valid_for < timedelta(hours=2)
    assert (facts.route, facts.mx_hosts, facts.looked_up_at) == (again.route, again.mx_hosts, again.looked_up_at)


async def test_a_dead_processs_claim_is_taken_over(
    store: Store, other_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domains, "CLAIM_SECONDS", 0.2)
    abandoned, resolver = Resolver(), Resolver()
    dead = asyncio.ensure_future(SharedDomains(store, abandoned)("example.com"))
    while not abandoned.asked:  # noqa: ASYNC110  # as above
        await asyncio.sleep(0.01)
    dead.cancel()
    resolver.may_answer.set()
    found = await SharedDomains(other_store, resolver)("example.com")
    assert (Route.MAIL, ["example.com"]) == (found.route, resolver.asked)


async def test_without_a_database_everybody_looks_up_and_does_not_ask_it_again_at_once() -> None:
    class Away:
        def __init__(self) -> None:
            self.asked = 0

        async def fetch(self, *_: Any) -> Any:
            self.asked += 1
            raise StoreUnavailable("away")

    away, resolver, now = Away(), Resolver(), [100.0]
    resolver.may_answer.set()
    shared = SharedDomains(cast(Store, away), resolver, lambda: now[0])
    assert Route.MAIL is (await shared("a.example.com")).route
    assert Route.MAIL is (await shared("b.example.com")).route
    await shared.drain()
    reads_and_writes = away.asked
    assert 1 <= reads_and_writes <= 3
    now[0] += domains.AWAY_SECONDS
    await shared("c.example.com")
    await shared.drain()
    assert reads_and_writes < away.asked


async def test_facts_that_a_newer_program_wrote_are_looked_up_here(store: Store) -> None:
    async with store.session() as connection:
        await connection.execute(
            "INSERT INTO domain_evidence (domain, claimed_at, facts, expires_at)"
            " VALUES ('example.com', now(), $1, now() + interval '1 hour')",
            b'{"domain": "example.com", "route": "by_pigeon"}',
        )
    resolver = Resolver()
    resolver.may_answer.set()
    assert Route.MAIL is (await SharedDomains(store, resolver)("example.com")).route
