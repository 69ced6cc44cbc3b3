"""Group commit: what arrives while one write is on its way goes together into the next.

No timer and no waiting for company: a lone item is written at once, a thousand concurrent ones share a few writes.
One write runs at a time, so the time it takes sets the size of the next by itself (DeWitt et al., "Implementation
Techniques for Main Memory Database Systems", 1984).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class GroupCommit(Generic[Item, Outcome]):
    """``write`` gets a list of items and returns their outcomes in order; it must not raise but by a bug.

    At most ``largest`` items go into a write and at most ``longest`` wait; ``weigh`` says how many an item counts for.
    """

    def __init__(
        self,
        write: Callable[[list[Item]], Awaitable[list[Outcome]]],
        largest: int,
        longest: int,
        weigh: Callable[[Item], int] = lambda _: 1,
    ) -> None:
        self._write = write
        self._largest = largest
        self._longest = longest
        self._weigh = weigh
        self._waiting: deque[tuple[Item, asyncio.Future[Outcome]]] = deque()
        self._weight = 0
        self._writer: asyncio.Task[None] | None = None

    async def submit(self, item: Item) -> Outcome | None:
        """The item's outcome once written, or None, at once, when too much is waiting already.

        Cancelling the caller does not take the item back: it may be on its way, and is written.
        """
        weight = self._weigh(item)
        if self._weight and self._weight + weight > self._longest:
            return None
        outcome: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, outcome))
        self._weight += weight
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all(), name="group commit")
        return await outcome

    async def drain(self) -> None:
        """Return when all that was submitted is written."""
        while self._writer is not None:
            await asyncio.wait([self._writer])

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                await self._write_group(self._next_group())
        finally:
            self._writer = None

    def _next_group(self) -> list[tuple[Item, asyncio.Future[Outcome]]]:
        group = [self._waiting.popleft()]
        weight = self._weigh(group[0][0])
        while self._waiting and weight + (more := self._weigh(self._waiting[0][0])) <= self._largest:
            group.append(self._waiting.popleft())
            weight += more
        return group

    async def _write_group(self, group: list[tuple[Item, asyncio.Future[Outcome]]]) -> None:
        try:
            outcomes = await self._write([item for item, _ in group])
        except BaseException as problem:
            for _, future in group:
                if not future.done():
                    future.set_exception(problem)
            if not isinstance(problem, Exception):
                raise
        else:
            for (_, future), outcome in zip(group, outcomes, strict=True):
                if not future.done():
                    future.set_result(outcome)
        finally:
            self._weight -= sum(self._weigh(item) for item, _ in group)
