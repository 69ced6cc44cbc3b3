"""What is known of domains, for a while, in bounded memory; and one look-up a domain however many ask."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from bureau.deliverability.email.domain import DomainFacts
from bureau.deliverability.email.memory import Lookup

HIDDEN_SECONDS = 30.0  # a resolver that could not tell is asked again soon (RFC 2308 allows at most five minutes)
NEGATIVE_SECONDS = 3600.0
SLOW_LANES = 4
LEAST_SECONDS, MOST_SECONDS = 300.0, 86_400.0  # bounds on what a zone's TTL may ask of us


class DomainCache:
    """Facts by domain. The least recently stored are dropped beyond ``capacity``; ``clock`` counts seconds.

    At most ``in_flight`` look-ups run, and some times as many that take longer than ``slow_after`` seconds: thousands
    of domains of one dead name server must not hold up all others. ``waiting`` look-ups may be under way or queue in
    all; beyond that a new domain is not looked up now, which keeps memory flat when the resolver is dead.
    """

    def __init__(
        self,
        lookup: Lookup,
        capacity: int = 200_000,
        in_flight: int = 500,
        waiting: int = 20_000,
        clock: Callable[[], float] = time.monotonic,
        slow_after: float = 1.0,
    ) -> None:
        self._lookup = lookup
        self._capacity = capacity
        self._waiting = waiting
        self._clock = clock
        self._facts: dict[str, tuple[float, DomainFacts]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._lanes = _Lanes(in_flight, SLOW_LANES * in_flight, slow_after)

    def get(self, domain: str) -> DomainFacts | None:
        """What is known and still fresh, without asking."""
        entry = self._facts.get(domain)
        if entry is None:
            return None
        if entry[0] <= self._clock():
            del self._facts[domain]
            return None
        return entry[1]

    def start(self, domain: str) -> asyncio.Task[None] | None:
        """The running look-up of ``domain``, begun if need be; ``None`` if too many wait already."""
        task = self._tasks.get(domain)
        if task is None and len(self._tasks) < self._waiting:
            task = asyncio.get_running_loop().create_task(self._look_up(domain))
            self._tasks[domain] = task
            task.add_done_callback(lambda _: self._tasks.pop(domain, None))
        return task

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _look_up(self, domain: str) -> None:
        async with self._lanes.place():
            self.store(await self._lookup(domain))

    def store(self, facts: DomainFacts) -> None:
        self._facts.pop(facts.domain, None)
        self._facts[facts.domain] = (self._clock() + seconds_fresh(facts), facts)
        while len(self._facts) > self._capacity:
            del self._facts[next(iter(self._facts))]


class _Lanes:
    """Places for what is in flight: ``quick`` ones, and ``slow`` ones to which what takes long moves on."""

    def __init__(self, quick: int, slow: int, slow_after: float) -> None:
        self._quick = asyncio.Semaphore(quick)
        self._slow_left = slow
        self._slow_after = slow_after

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        await self._quick.acquire()
        moved = False

        def move_on() -> None:
            nonlocal moved
            if self._slow_left:
                moved = True
                self._slow_left -= 1
                self._quick.release()

        timer = asyncio.get_running_loop().call_later(self._slow_after, move_on)
        try:
            yield
        finally:
            timer.cancel()
            if moved:
                self._slow_left += 1
            else:
                self._quick.release()


def seconds_fresh(facts: DomainFacts) -> float:
    """How long facts just looked up may be reused."""
    if not facts.route.is_known:
        return HIDDEN_SECONDS
    if facts.valid_for is None:
        return NEGATIVE_SECONDS
    return min(max(facts.valid_for.total_seconds(), LEAST_SECONDS), MOST_SECONDS)
