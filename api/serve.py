"""``bureau serve``: granian workers, each with its own event loop, behind one listening socket.

granian and not uvicorn: its HTTP part is Rust beside the event loop, and it replaces workers that die.
"""

import gc
import os
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes
from granian.http import HTTP1Settings
from litestar import Litestar

from api.app import create_app
from bureau.answering.process import YOUNG_OBJECTS
from bureau.lifetime import end_with
from bureau.obs.logs import configure_logging
from bureau.obs.metrics import forget
from bureau.settings import Settings

STOP_SECONDS = 30
"""How long a worker may take to finish what it accepted after SIGTERM before it is killed."""

_LOGGING: dict[str, Any] = {
    "formatters": {"json": {"()": "bureau.obs.logs.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
    "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
}


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was accepted. Blocks."""
    metrics = settings.home / "metrics" / str(settings.port)
    forget(metrics)
    server = Granian(
        "api.serve:worker",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        runtime_mode=RuntimeModes.st,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=10_000, max_buffer_size=64 * 1024),
        log_dictconfig=_LOGGING,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve(target_loader=partial(worker, settings, metrics, os.getpid()), wrap_loader=False)


def worker(settings: Settings, metrics: Path, parent: int) -> Litestar:
    """The application, made inside the worker process."""
    # A stray worker would hold the port and serve an old configuration for ever. A thread that watches the parent was
    # tried: granian's own SIGTERM handling could hang while Python was already ending its threads.
    end_with(parent)
    _take_turns()
    configure_logging(settings.log_level, sys.stderr)
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
    return create_app(settings, metrics_directory=metrics)


def _take_turns() -> None:
    """Not to be cut short by whom it wakes (SCHED_BATCH of sched(7)), nor its answering process. Threads of both wake
    each other several times a request, and each switch costs a warm cache: 3 to 12 % more were answered so."""
    if sys.platform == "linux":
        with suppress(OSError):  # a sandbox may forbid it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
