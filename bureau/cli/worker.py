"""``bureau worker``: does what jobs ask for and sends webhooks, until it is told to stop."""

import argparse
import os
import signal
import sys
import threading
from typing import Any

from bureau.cli.commands import command
from bureau.cli.numbers import at_least_one
from bureau.cli.output import Console, Outcome
from bureau.settings import Settings


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    worker = command(commands, "worker", "work on jobs and send webhooks", everywhere)
    worker.add_argument(
        "--processes", type=at_least_one, metavar="N", help="processes to use (BUREAU_WORKER_PROCESSES; one a core)"
    )
    worker.add_argument("--once", action="store_true", help="stop when nothing is left to do")
    worker.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    from bureau.jobs.files import check_storage
    from bureau.jobs.process import work
    from bureau.obs.logs import configure_logging

    processes = arguments.processes or settings.worker_processes or len(os.sched_getaffinity(0))
    check_storage(settings)
    configure_logging(settings.log_level, sys.stderr)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    console.complain(
        f"Working for {settings.home} in {processes} processes; Ctrl-C ends the task under way, then stops."
    )
    work(settings, processes, arguments.once, stop)
    return Outcome({"stopped": True})
