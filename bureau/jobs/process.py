"""Worker processes and the one that starts them, replaces those that die, and stops them."""

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess

from bureau.errors import StoreUnavailable
from bureau.ids import sortable
from bureau.jobs.housekeeping import keep_house
from bureau.jobs.worker import Worker
from bureau.lifetime import end_with
from bureau.obs.logs import configure_logging
from bureau.settings import Settings
from bureau.store import Store
from bureau.webhooks.delivery import WebhookSender

STOP_SECONDS = 60.0
"""How long a worker may take to end its task before it is killed; the task is then another's."""
RESTART_SECONDS = 1.0
WATCH_SECONDS = 0.2

log = logging.getLogger(__name__)


def work(settings: Settings, processes: int, until_idle: bool, stop: threading.Event) -> None:
    """Keep so many workers running until ``stop`` is set, or, with ``until_idle``, until nothing is left to do."""
    running = [_started(settings, until_idle) for _ in range(processes)]
    while running and not stop.is_set():
        stop.wait(WATCH_SECONDS)
        for process in [one for one in running if not one.is_alive()]:
            running.remove(process)
            if process.exitcode == 0 and until_idle:
                continue
            log.error("a worker died", extra={"exit_code": process.exitcode})
            _give_back(settings, process.name)
            stop.wait(RESTART_SECONDS)
            running.append(_started(settings, until_idle))
    _stopped(running)


def _started(settings: Settings, until_idle: bool) -> BaseProcess:
    # Spawned, not forked: this process may have threads that a fork would leave in the middle of things.
    name = sortable("wrk")
    process = get_context("spawn").Process(target=_run, args=(settings, name, until_idle, os.getpid()), name=name)
    process.start()
    return process


def _stopped(processes: list[BaseProcess]) -> None:
    for process in processes:
        process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for process in processes:
        process.join(max(0.0, until - time.monotonic()))
        if process.is_alive():
            process.kill()
            process.join()


def _give_back(settings: Settings, name: str) -> None:
    """A dead worker's tasks need not wait for their lease to end."""

    async def release() -> None:
        async with await Store.open(settings) as store:
            await store.fetch("jobs.release_worker", name)

    with suppress(StoreUnavailable):  # the lease does it then
        asyncio.run(release())


def _run(settings: Settings, name: str, until_idle: bool, parent: int) -> None:
    end_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches us all; the parent passes it on as SIGTERM
    configure_logging(settings.log_level, sys.stderr)
    asyncio.run(_work(settings, name, until_idle))


async def _work(settings: Settings, name: str, until_idle: bool) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    store = await _opened(settings, stop)
    if store is None:
        return
    async with store:
        sender = WebhookSender(store, settings)
        background = [asyncio.create_task(sender.run()), asyncio.create_task(keep_house(store, settings))]
        try:
            await Worker(store, settings, name).run(stop, until_idle)
            if until_idle:
                await sender.send_due()
        finally:
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            await sender.close()


async def _opened(settings: Settings, stop: asyncio.Event) -> Store | None:
    """The database, however late it comes; None when told to stop before."""
    told = ""
    while not stop.is_set():
        try:
            return await Store.open(settings)
        except StoreUnavailable as problem:
            if told != str(problem):  # each reason once, not every second of an outage
                log.warning("waiting for the database", extra={"reason": str(problem)})
            told = str(problem)
            await asyncio.sleep(RESTART_SECONDS)
    return None
