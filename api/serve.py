"""``bureau serve``: granian workers, each with its own event loop, sharing one listening socket.

granian and not uvicorn: its HTTP part runs in Rust beside the event loop, so on the same two cores it echoed more
requests a second (measured in ``benchmarks/api``), and it replaces workers that die.
"""

from functools import partial
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes
from granian.http import HTTP1Settings

from api.app import create_app
from bureau.settings import Settings

STOP_SECONDS = 30
"""How long a worker may take to finish what it accepted after SIGTERM before it is killed."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was accepted. Blocks."""
    server = Granian(
        "api.serve:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        workers=settings.workers,
        runtime_mode=RuntimeModes.st,
        loop=Loops.uvloop,
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_access=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
    )
    server.serve(target_loader=partial(_application, settings), wrap_loader=False)


def _application(settings: Settings) -> Any:
    return create_app(settings)
