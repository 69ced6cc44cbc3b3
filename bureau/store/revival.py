"""Bring the embedded cluster back when it died: quickly the first time, ever more seldom when it does not stay up."""

import asyncio
import logging
import time

from bureau.errors import StoreUnavailable
from bureau.store.embedded import EmbeddedCluster

SHORTEST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0  # a full disk is waited for; starting in vain every second would fill the log too
STAYED_UP_SECONDS = 30.0

log = logging.getLogger(__name__)


class Revival:
    """One process's attempts. Others of the home may be quicker, which is as good."""

    def __init__(self, cluster: EmbeddedCluster) -> None:
        self._cluster = cluster
        self._trying = asyncio.Lock()
        self._pause = SHORTEST_PAUSE_SECONDS
        self._tried_at = -STAYED_UP_SECONDS
        self._failed = False

    async def attempt(self) -> None:
        """Start the cluster if it is down and an attempt is due; returns when it can be reached, or at once.

        Raises :class:`StoreUnavailable` when it cannot be started.
        """
        async with self._trying:
            since = time.monotonic() - self._tried_at
            if since < self._pause:
                return
            lasted = since > STAYED_UP_SECONDS and not self._failed
            self._pause = SHORTEST_PAUSE_SECONDS if lasted else min(2 * self._pause, LONGEST_PAUSE_SECONDS)
            await self._start()

    async def _start(self) -> None:
        try:
            if await asyncio.to_thread(self._cluster.restart):
                log.warning("the embedded PostgreSQL had died and was started again")
            self._failed = False
        except StoreUnavailable as problem:
            if not self._failed:  # once an outage
                log.error("the embedded PostgreSQL cannot be started; trying on", extra={"reason": str(problem)})
            self._failed = True
            raise
        finally:
            self._tried_at = time.monotonic()
