"""Follow a notification channel through lost connections."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Any

from bureau.errors import BureauError, StoreUnavailable
from bureau.store.connection import Row, Store, translated

SHORTEST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.8  # a revocation made during an outage holds within a second of its end
ANSWER_SECONDS = 5.0

log = logging.getLogger(__name__)


class Listener:
    """Keep a copy of some rows fresh: read them all at start, after every notification, and every so often.

    Reading happens on the listening connection itself, after ``LISTEN``: so nothing falls between the two, what was
    notified while the connection was away is caught up with, and a connection that died silently is found out at
    the next read, at most ``every_seconds`` plus five seconds later.
    """

    def __init__(
        self,
        store: Store,
        channel: str,
        query: str,
        changed: Callable[[list[Row]], None],
        every_seconds: float = 10.0,
        arguments: Callable[[], tuple[Any, ...]] = tuple,
    ) -> None:
        """``arguments`` are those of the query at each reading: with what is known already, only news need be read."""
        self._store = store
        self._channel = channel
        self._query = query
        self._changed = changed
        self._every_seconds = every_seconds
        self._arguments = arguments
        self._pause = SHORTEST_PAUSE_SECONDS
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read once, so that ``changed`` was called when this returns; then follow. Raises ``StoreUnavailable``."""
        self._changed(list(await self._store.fetch(self._query, *self._arguments())))
        self._task = asyncio.create_task(self._follow(), name=f"listen {self._channel}")

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _follow(self) -> None:
        while True:
            try:
                async with self._store.session() as connection:
                    await self._listen(connection)
            except BureauError as problem:
                if self._pause == SHORTEST_PAUSE_SECONDS:  # once an outage
                    log.warning("%s: connection lost (%s); trying again", self._channel, problem.code)
                await self._revive()
            except Exception:
                # The copy would otherwise grow stale in silence: say so, keep trying.
                log.exception("%s: could not be read; trying again", self._channel)
            await asyncio.sleep(self._pause)
            self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)

    async def _revive(self) -> None:
        """Whoever misses an embedded database brings it back; a server alone has nobody else to do it."""
        with contextlib.suppress(StoreUnavailable):  # told already; the next failure to connect asks again
            await self._store.revive()

    async def _listen(self, connection: Any) -> None:
        """Return when the connection is lost."""
        woken = asyncio.Event()
        connection.add_termination_listener(lambda _: woken.set())
        with translated():
            await connection.add_listener(self._channel, lambda *_: woken.set())
        while not connection.is_closed():
            woken.clear()
            with translated():
                query, arguments = self._store.query(self._query), self._arguments()
                rows = await connection.fetch(query, *arguments, timeout=ANSWER_SECONDS)
            self._changed(rows)
            self._pause = SHORTEST_PAUSE_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(woken.wait(), self._every_seconds)
