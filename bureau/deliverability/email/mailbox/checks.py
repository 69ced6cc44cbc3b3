"""Mailbox checks under way and their answers, kept for as long as their reasons hold: nobody is asked twice at once."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

import msgspec

from bureau.deliverability.email.domain import DomainFacts
from bureau.deliverability.email.mailbox.prober import MOST_RECIPIENTS, provider_name
from bureau.deliverability.email.memory import Probing
from bureau.deliverability.email.reasons import JUDGEMENTS
from bureau.deliverability.email.verdict import Mailbox


class Room(msgspec.Struct, frozen=True):
    """``answers`` in memory; addresses ``waiting`` or being asked for, and ``of_one_provider``: a slow one must not
    take the places of all others. Beyond these an address is not asked for now."""

    answers: int = 200_000
    waiting: int = 20_000
    of_one_provider: int = 2_000


ROOM = Room()


class MailboxChecks:
    """Answers by address; the least recently heard are dropped when there are too many."""

    def __init__(self, prober: Probing, clock: Callable[[], float] = time.monotonic, room: Room = ROOM) -> None:
        self._prober = prober
        self._clock = clock
        self._room = room
        self._answers: dict[str, tuple[float, Mailbox]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._waiting: Counter[str] = Counter()

    def get(self, address: str) -> Mailbox | None:
        """What is known and still fresh, without asking."""
        entry = self._answers.get(address)
        if entry is None or entry[0] <= self._clock():
            return None
        return entry[1]

    def start(self, facts: DomainFacts, addresses: Iterable[str]) -> set[asyncio.Task[None]]:
        """The running checks of ``addresses``, all of one domain; those not under way yet share their sessions."""
        unknown = [address for address in dict.fromkeys(addresses) if self.get(address) is None]
        new = [address for address in unknown if address not in self._tasks]
        provider = provider_name(facts)
        places = min(self._room.waiting - len(self._tasks), self._room.of_one_provider - self._waiting[provider])
        new = new[: max(places, 0)]
        for start in range(0, len(new), MOST_RECIPIENTS):
            self._begin(facts, provider, new[start : start + MOST_RECIPIENTS])
        return {self._tasks[address] for address in unknown if address in self._tasks}

    async def close(self) -> None:
        """Give up what is under way."""
        tasks = set(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, facts: DomainFacts, provider: str, group: Sequence[str]) -> None:
        """A task a session, so that the first answers are there before the last are asked for."""
        task = asyncio.get_running_loop().create_task(self._check(facts, group))
        self._tasks.update(dict.fromkeys(group, task))
        self._waiting[provider] += len(group)

        def ended(_: object) -> None:
            for address in group:
                self._tasks.pop(address, None)
            self._waiting[provider] -= len(group)
            if not self._waiting[provider]:
                del self._waiting[provider]

        task.add_done_callback(ended)

    async def _check(self, facts: DomainFacts, group: Sequence[str]) -> None:
        for address, mailbox in zip(group, await self._prober.probe(facts, group), strict=True):
            lifetime = JUDGEMENTS[mailbox.reason].lifetime
            if mailbox.checked_at:  # not asked just now, but remembered
                lifetime -= datetime.now(UTC) - mailbox.checked_at
            self._answers.pop(address, None)
            self._answers[address] = (self._clock() + lifetime.total_seconds(), mailbox)
        while len(self._answers) > self._room.answers:
            del self._answers[next(iter(self._answers))]
