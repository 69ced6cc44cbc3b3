"""What answers in this worker, from which population, and how a new one takes its place without a request noticing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from bureau.answering.messages import Outcome
from bureau.errors import PopulationUnavailable
from bureau.ids import EntityId, PopulationId
from bureau.model.query import EnrichRequest, Kind
from bureau.population.manifest import Manifest
from bureau.privacy.holdings import Held

logger = logging.getLogger("api")

POLL_SECONDS = 0.5
LINGER_SECONDS = 30.0
"""How long what answered before is kept: requests that read :attr:`Serving.current` earlier still ask it."""


class Answering(Protocol):
    """What the API needs of ``bureau.answering.client.AnsweringProcess``."""

    manifest: Manifest
    lost: bool

    async def enrich(self, requests: Sequence[EnrichRequest]) -> list[Outcome]: ...

    async def match(self, requests: Sequence[EnrichRequest]) -> list[Outcome]: ...

    async def holdings(self, kind: Kind, tax_id: int) -> Held: ...

    def entity_id_of(self, kind: Kind, tax_id: int) -> EntityId: ...

    async def close(self) -> None: ...


class Serving:
    """Holds one reference. A request reads :attr:`current` once and keeps it, so a swap cannot touch it."""

    def __init__(
        self, newest: Callable[[], PopulationId | None], start: Callable[[PopulationId], Awaitable[Answering]]
    ) -> None:
        self._newest = newest
        self._start = start
        self._complained_of: PopulationId | None = None
        self._answering: Answering | None = None
        self._retiring: set[asyncio.Task[None]] = set()
        self.population: PopulationId | None = None
        self.tried = asyncio.Event()

    @property
    def current(self) -> Answering:
        if self._answering is None:
            raise PopulationUnavailable("No population is in use yet; see /readyz.")
        if self._answering.lost:
            raise PopulationUnavailable("The process that answers is being replaced; see /readyz.")
        return self._answering

    async def enrich(self, requests: Sequence[EnrichRequest]) -> list[Outcome]:
        """By what is :attr:`current` now. Raises ``PopulationUnavailable``."""
        return await self.current.enrich(requests)

    async def match(self, requests: Sequence[EnrichRequest]) -> list[Outcome]:
        """As :meth:`enrich`."""
        return await self.current.match(requests)

    async def follow(self) -> None:
        """Poll for a new population, and for a process that was lost, for ever."""
        while True:
            await self.refresh()
            self.tried.set()
            await asyncio.sleep(POLL_SECONDS)

    async def refresh(self) -> None:
        """Swap to the newest population if there is one, or to a new process, once that can answer."""
        newest, before = await asyncio.to_thread(self._newest), self._answering
        if newest is None or (newest == self.population and not (before and before.lost)):
            return
        try:
            self._answering = await self._start(newest)
        except Exception:  # whatever is wrong with a new population, the old one keeps serving
            if self._complained_of != newest:
                self._complained_of = newest
                logger.exception("population not usable", extra={"population": newest})
            return
        self.population = newest
        logger.info("population in use", extra={"population": newest})
        if before:
            retiring = asyncio.create_task(_retired(before))
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)

    async def close(self) -> None:
        """End every process, those that linger too."""
        for retiring in self._retiring:
            retiring.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        if self._answering:
            await self._answering.close()


async def _retired(answering: Answering) -> None:
    try:
        if not answering.lost:
            await asyncio.sleep(LINGER_SECONDS)
    finally:
        await answering.close()
