"""The population in use by this worker, and how a new one takes its place without a request noticing."""

import asyncio
import gc
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from bureau.enrich.contacts import Asked
from bureau.errors import PopulationUnavailable
from bureau.ids import PopulationId
from bureau.model.answer import Answer
from bureau.model.query import EnrichRequest, Kind, Record
from bureau.population import Population

logger = logging.getLogger("api")

POLL_SECONDS = 0.5


class Enriching(Protocol):
    """What the API needs of ``bureau.enrich.single.Enricher``."""

    population: Population

    def enrich(self, request: EnrichRequest) -> Answer: ...

    def read(self, request: EnrichRequest) -> Asked: ...

    def answers(self, batch: Sequence[Asked]) -> list[Answer]: ...

    def matches(self, batch: Sequence[Asked]) -> list[Answer]: ...


class Serving:
    """Holds one reference. A request reads :attr:`current` once and keeps it, so a swap cannot touch it; the old
    population is unmapped when the last request that holds it ends."""

    def __init__(
        self, newest: Callable[[], PopulationId | None], open_enricher: Callable[[PopulationId], Enriching]
    ) -> None:
        self._newest = newest
        self._open = open_enricher
        self._complained_of: PopulationId | None = None
        self._enricher: Enriching | None = None
        self.population: PopulationId | None = None
        self.tried = asyncio.Event()

    @property
    def current(self) -> Enriching:
        if self._enricher is None:
            raise PopulationUnavailable("No population is in use yet; see /readyz.")
        return self._enricher

    async def follow(self) -> None:
        """Poll for a new population, for ever."""
        while True:
            await self.refresh()
            self.tried.set()
            await asyncio.sleep(POLL_SECONDS)

    async def refresh(self) -> None:
        """Swap to the newest population if there is one; off the event loop, warmed up, else the old one stays."""
        newest = await asyncio.to_thread(self._newest)
        if newest is None or newest == self.population:
            return
        try:
            enricher = await asyncio.to_thread(self._opened, newest)
        except Exception:  # whatever is wrong with a new population, the old one keeps serving
            if self._complained_of != newest:
                self._complained_of = newest
                logger.exception("population not usable", extra={"population": newest})
            return
        self._enricher, self.population = enricher, newest
        logger.info("population in use", extra={"population": newest})

    def _opened(self, population: PopulationId) -> Enriching:
        enricher = self._open(population)
        for record in WARM_UP:
            enricher.enrich(EnrichRequest(record=record))
        gc.collect()
        gc.freeze()  # a population is no garbage: the collector need not walk its vocabulary again and again
        return enricher


WARM_UP = (
    Record(name="Ana Maria de Souza", birth_date="1971-03-02", mother_name="Maria de Souza"),
    Record(name="Jose Pereira Filho", tax_id="529.982.247-25", phones=["11 98765-4321"]),
    Record(
        kind=Kind.COMPANY, name="Padaria Central Ltda", trade_name="Padaria Central", emails=["contato@exemplo.com.br"]
    ),
)
"""Invented records: they page in the hot parts of the index and load the compiled kernels before a client waits."""
