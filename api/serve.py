"""``bureau serve``: uvicorn workers, each with its own event loop, behind one listening socket.

uvicorn and not granian: granian reads HTTP in threads beside the event loop, which have to get hold of the interpreter
for every body. Its bare echo is a quarter faster; enrichments are as many, and at half of their peak the slowest
hundredth of them waits 21 ms in place of 15 (medians of six runs, benchmarks/api/README.md).
"""

import gc
import os
import socket
import sys
from functools import partial
from pathlib import Path

from litestar import Litestar
from uvicorn import Config
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from api.app import create_app
from api.http_protocol import BoundedHttp
from bureau.answering.process import YOUNG_OBJECTS
from bureau.errors import StartFailed
from bureau.lifetime import end_with
from bureau.obs.logs import configure_logging
from bureau.obs.metrics import forget
from bureau.settings import Settings

STOP_SECONDS = 30
"""How long a worker may take to finish what it accepted after SIGTERM."""

IDLE_SECONDS = 75
"""How long a connection is kept for the next request: longer than balancers keep theirs (60 s), or they would send one
into a connection that is just being closed."""

HUNG_SECONDS = 30
"""A worker that does not say within this time that it lives is replaced, as one that died is at once."""


def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was accepted. Blocks.

    Raises ``StartFailed`` when a worker finds that it cannot start, however often it were tried; the log says why.
    """
    metrics = settings.home / "metrics" / str(settings.port)
    forget(metrics)
    configure_logging(settings.log_level, sys.stderr)
    workers = Multiprocess(_configuration(settings, metrics), [listening])
    workers.run()
    if any(process.exitcode == STARTUP_FAILURE for process in workers.processes):
        raise StartFailed("A worker cannot start; the log says why.")


def _configuration(settings: Settings, metrics: Path) -> Config:
    return Config(
        partial(worker, settings, metrics, os.getpid()),
        factory=True,
        loop="uvloop",
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        workers=settings.workers,
        log_config=None,  # ours is set up in every process
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_worker_healthcheck=HUNG_SECONDS,
    )


def worker(settings: Settings, metrics: Path, parent: int) -> Litestar:
    """The application, made inside the worker process."""
    end_with(parent)  # a stray worker would hold the port and serve an old configuration for ever
    configure_logging(settings.log_level, sys.stderr)
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
    return create_app(settings, metrics_directory=metrics)
