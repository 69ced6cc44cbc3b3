"""``bureau serve``: the HTTP interface, until it is told to stop."""

import argparse
import socket
from typing import Any

from bureau.cli.commands import command
from bureau.cli.output import Console, Outcome
from bureau.errors import InvalidArgument
from bureau.settings import Settings

OPTIONS = ("host", "port", "workers")  # read into Settings, which checks them, by ``main``


def add_to(commands: Any, everywhere: argparse.ArgumentParser) -> None:
    serve = command(commands, "serve", "serve the HTTP interface", everywhere)
    serve.add_argument("--host", help="address to listen on (BUREAU_HOST; 127.0.0.1)")
    serve.add_argument("--port", type=int, help="port to listen on (BUREAU_PORT; 8000)")
    serve.add_argument("--workers", type=int, help="worker processes (BUREAU_WORKERS; 1)")
    serve.set_defaults(run=run)


def run(arguments: argparse.Namespace, settings: Settings, console: Console) -> Outcome:
    del arguments
    from api.serve import serve
    from bureau.deliverability.email.configuration import verifier_from
    from bureau.deliverability.phone.do_not_call import read_list
    from bureau.jobs.files import check_storage

    verifier_from(settings)  # a setting it cannot use is one sentence here, and a restart without end in the workers
    if settings.do_not_call:
        read_list(settings.do_not_call)  # as above
    check_storage(settings)
    with listening_at(settings) as listening:
        console.complain(f"Serving {settings.home} on http://{settings.host}:{settings.port} (documentation: /schema)")
        serve(settings, listening)
    return Outcome({"stopped": True})


def listening_at(settings: Settings) -> socket.socket:
    """The socket that the workers share. Raises ``InvalidArgument`` where nothing can listen."""
    where = f"{settings.host}:{settings.port}"
    listening = None
    try:
        found = socket.getaddrinfo(settings.host, settings.port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = min(found, key=lambda one: one[0] != socket.AF_INET)
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as problem:
        if listening:
            listening.close()
        raise InvalidArgument(f"Nothing can listen on {where}: {problem.strerror}.") from None
    return listening
