import asyncio
from datetime import timedelta

import pytest

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.domain_cache import SLOW_LANES, DomainCache


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def nothing(domain: str) -> DomainFacts:
    return DomainFacts(domain, Route.NOT_FOUND)


@pytest.mark.parametrize(
    ("route", "valid_for", "seconds"),
    [
        (Route.MAIL, timedelta(seconds=900), 900),
        (Route.MAIL, timedelta(seconds=1), 300),
        (Route.MAIL, timedelta(days=30), 86_400),
        (Route.NOT_FOUND, None, 3600),
        (Route.TIMEOUT, None, 30),
    ],
)
async def test_facts_are_kept_as_long_as_they_hold(route: Route, valid_for: timedelta | None, seconds: int) -> None:
    clock = Clock()
    cache = DomainCache(nothing, clock=clock)
    facts = DomainFacts("exemplo.com.br", route, valid_for=valid_for)
    cache.store(facts)
    clock.now = seconds - 1
    assert facts == cache.get("exemplo.com.br")
    clock.now = seconds
    assert cache.get("exemplo.com.br") is None


async def test_memory_is_bounded() -> None:
    cache = DomainCache(nothing, capacity=3)
    for number in range(10):
        cache.store(DomainFacts(f"{number}.com", Route.MAIL))
    assert [None, None, "7.com", "8.com", "9.com"] == [
        facts.domain if (facts := cache.get(f"{number}.com")) else None for number in range(5, 10)
    ]


async def test_look_ups_in_flight_and_waiting_are_bounded() -> None:
    running = most = 0
    gate = asyncio.Event()

    async def slow(domain: str) -> DomainFacts:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await gate.wait()
        running -= 1
        return DomainFacts(domain, Route.MAIL)

    cache = DomainCache(slow, in_flight=2, waiting=5)
    tasks = [cache.start(f"{number}.com") for number in range(8)]
    assert [True] * 5 + [False] * 3 == [task is not None for task in tasks]
    assert cache.start("0.com") is tasks[0]
    await asyncio.sleep(0)  # let the tasks begin
    gate.set()
    await asyncio.gather(*(task for task in tasks if task))
    assert 2 == most
    assert cache.get("4.com") is not None
    assert cache.get("7.com") is None


async def test_slow_look_ups_hold_up_nobody_else() -> None:
    async def lookup(domain: str) -> DomainFacts:
        if domain.startswith("slow"):
            await asyncio.Event().wait()
        return DomainFacts(domain, Route.MAIL)

    cache = DomainCache(lookup, in_flight=5, slow_after=0.01)
    for number in range(20):
        cache.start(f"slow{number}.com")
    quick = [cache.start(f"quick{number}.com") for number in range(5)]
    await asyncio.wait_for(asyncio.gather(*(task for task in quick if task)), 10)
    assert cache.get("quick4.com") is not None
    await cache.close()


async def test_the_slow_lanes_are_bounded_too() -> None:
    most, begun, full = 2 + SLOW_LANES * 2, 0, asyncio.Event()

    async def endless(domain: str) -> DomainFacts:
        nonlocal begun
        begun += 1
        if begun == most:
            full.set()
        await asyncio.Event().wait()
        return DomainFacts(domain, Route.MAIL)

    cache = DomainCache(endless, in_flight=2, slow_after=0.001)
    tasks = [cache.start(f"{number}.com") for number in range(30)]
    await asyncio.wait_for(full.wait(), 10)  # however busy the machine is
    await asyncio.wait([task for task in tasks if task], timeout=0.1)
    assert most == begun
    await cache.close()


async def test_a_slot_is_given_back_once() -> None:
    running = most = 0

    async def lookup(domain: str) -> DomainFacts:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0)
        running -= 1
        return DomainFacts(domain, Route.MAIL)

    cache = DomainCache(lookup, in_flight=3, slow_after=60.0)
    for turn in range(5):
        tasks = [cache.start(f"{turn}-{number}.com") for number in range(20)]
        await asyncio.gather(*(task for task in tasks if task))
    assert 3 == most


async def test_closing_gives_up_what_is_under_way() -> None:
    async def endless(domain: str) -> DomainFacts:
        await asyncio.Event().wait()
        return DomainFacts(domain, Route.MAIL)

    cache = DomainCache(endless)
    task = cache.start("exemplo.com.br")
    await cache.close()
    assert task is not None
    assert task.cancelled()
