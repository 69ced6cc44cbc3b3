"""Rows written after the fact, in groups: for evidence that nobody waits for and that can be found again."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Generic, TypeVar

from bureau.errors import BureauError

LARGEST = 2_000  # rows a statement
LONGEST = 50_000  # rows that may wait; beyond, the oldest are forgotten: memory stays flat while the database is away
PATIENCE_SECONDS = 5.0

Item = TypeVar("Item")

log = logging.getLogger(__name__)


class WriteBehind(Generic[Item]):
    """``write`` stores a group; what it cannot store is lost, which is logged. One write runs at a time."""

    def __init__(self, name: str, write: Callable[[list[Item]], Awaitable[object]]) -> None:
        self._name = name
        self._write = write
        self._waiting: deque[Item] = deque(maxlen=LONGEST)
        self._writer: asyncio.Task[None] | None = None

    def add(self, items: Iterable[Item]) -> None:
        """Hand rows over; returns at once."""
        self._waiting.extend(items)
        if self._waiting and self._writer is None:
            self._writer = asyncio.create_task(self._write_all(), name=f"write behind: {self._name}")

    async def drain(self) -> None:
        """Return when all that was handed over is stored or given up."""
        while self._writer is not None:
            await asyncio.wait([self._writer])

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                group = [self._waiting.popleft() for _ in range(min(LARGEST, len(self._waiting)))]
                await self._write_group(group)
        finally:
            self._writer = None

    async def _write_group(self, group: list[Item]) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._write(group)
        except (BureauError, TimeoutError):
            log.warning("%s: %d rows of evidence were not stored", self._name, len(group))
