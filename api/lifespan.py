"""What a worker opens when it starts and closes, in reverse, when it stops."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial
from typing import Any

from litestar import Litestar

from api.distinct_names import all_distinct
from api.services import Services
from api.serving import Serving
from api.together import Together
from bureau.access.idempotency import Idempotency
from bureau.access.keys import KeyRing
from bureau.access.quotas import ConcurrencyLimit, TokenBuckets
from bureau.access.usage import UsageLedger
from bureau.answering.client import AnsweringProcess
from bureau.deliverability.email.configuration import verifier_from
from bureau.deliverability.phone.calling import NO_LISTS
from bureau.deliverability.phone.do_not_call import read_list
from bureau.errors import BureauError, StorageUnavailable, StoreUnavailable
from bureau.jobs.files import job_files
from bureau.overlay.recheck_worker import RecheckWorker
from bureau.overlay.service import Overlay
from bureau.population.reader import current_id
from bureau.population.secret import home_secret
from bureau.settings import Settings
from bureau.store import Store

logger = logging.getLogger("api")

DATABASE_SECONDS = 20.0
"""How long a starting worker waits for its database before it listens anyway and says 503 on /readyz."""
POPULATION_SECONDS = 300.0
"""The same for the population. A worker that restarts beside others should not refuse what they would answer, and one
whose inner loops are not compiled yet (a fresh installation) compiles them for a minute or more."""
RETRY_SECONDS = 1.0
PURGE_SECONDS = 3600.0


@asynccontextmanager
async def connected(app: Litestar, opener: Callable[[], AbstractAsyncContextManager[Services]]) -> AsyncIterator[None]:
    """Keep ``app.state.services`` open for the life of the app, however late the database comes."""
    tried, stop = asyncio.Event(), asyncio.Event()
    holder = asyncio.create_task(_hold(app, opener, tried, stop), name="services")
    holder.add_done_callback(lambda _: tried.set())
    await _patiently(tried, DATABASE_SECONDS + POPULATION_SECONDS)
    if holder.done():
        await holder  # only a fault that waiting cannot cure ends it: the worker must not start
    yield
    stop.set()
    await holder


async def _hold(
    app: Litestar,
    opener: Callable[[], AbstractAsyncContextManager[Services]],
    tried: asyncio.Event,
    stop: asyncio.Event,
) -> None:
    told = ""
    while not stop.is_set():
        try:
            async with opener() as services:
                app.state.services = services
                tried.set()
                await stop.wait()
                app.state.services = None
        except (StoreUnavailable, StorageUnavailable) as error:
            if told != str(error):  # each reason once, not every second of an outage
                logger.warning("waiting for the database or the storage of files", extra={"reason": str(error)})
            told = str(error)
            tried.set()
            await _patiently(stop, RETRY_SECONDS)


@asynccontextmanager
async def open_services(settings: Settings) -> AsyncIterator[Services]:
    """The real thing: database, keys, ledger and the population of ``settings.home``. Every worker also makes the
    rechecks that are due, which workers share among them: so a server alone needs no other process."""
    do_not_call = read_list(settings.do_not_call) if settings.do_not_call else NO_LISTS
    files = await asyncio.to_thread(job_files, settings)
    await asyncio.to_thread(all_distinct, b"{}")  # compiled now rather than while a client waits
    async with (
        await Store.open(settings) as store,
        Overlay.open(store, home_secret(settings.home), settings) as overlay,
        verifier_from(settings, overlay.memory) as verifier,
        _following_keys(store, settings) as ring,
        _drained(UsageLedger(store, settings)) as ledger,
        _serving(settings) as serving,
    ):
        idempotency = Idempotency(store, settings)
        rechecks = RecheckWorker(store, verifier, overlay.known_to, overlay.told)
        async with _beside(serving.follow(), _purge(idempotency), rechecks.run(settings.recheck_seconds)):
            await _patiently(serving.tried, POPULATION_SECONDS)
            yield Services(
                settings=settings,
                store=store,
                files=files,
                ring=ring,
                ledger=ledger,
                idempotency=idempotency,
                buckets=TokenBuckets(settings),
                concurrency=ConcurrencyLimit(settings),
                serving=serving,
                enriching=Together(serving.enrich),
                matching=Together(serving.match),
                verifier=verifier,
                overlay=overlay,
                do_not_call=do_not_call,
            )


@asynccontextmanager
async def _following_keys(store: Store, settings: Settings) -> AsyncIterator[KeyRing]:
    ring = await KeyRing.start(store, settings.keys_stale_seconds)
    try:
        yield ring
    finally:
        await ring.stop()


@asynccontextmanager
async def _drained(ledger: UsageLedger) -> AsyncIterator[UsageLedger]:
    """What was handed over is written before the block ends."""
    try:
        yield ledger
    finally:
        await ledger.drain()


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncIterator[Serving]:
    """Its processes end with the block."""
    serving = Serving(partial(current_id, settings.home), partial(AnsweringProcess.start, settings))
    try:
        yield serving
    finally:
        await serving.close()


@asynccontextmanager
async def _beside(*work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Each a task while the block lasts."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _patiently(event: asyncio.Event, seconds: float) -> None:
    """Until ``event``, or no longer than ``seconds``."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _purge(idempotency: Idempotency) -> None:
    """Forget stored answers past their time; every worker does it, it is one cheap statement."""
    while True:
        try:
            await idempotency.purge()
        except BureauError as error:
            logger.warning("stored answers not purged", extra={"reason": error.code})
        await asyncio.sleep(PURGE_SECONDS)
