"""From arguments to exit code: 0 all of it worked, 1 it did not, 2 bad usage; 130 interrupted, 143 told to end, 141
nobody reads on."""

import argparse
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

from bureau.cli import demo, enrich, events, keys, load, population, serve, status, train, verify, worker
from bureau.cli.output import Console, Outcome, ReaderGone
from bureau.errors import BureauError, InvalidArgument
from bureau.settings import Settings, unknown_variables

FAILED, MISUSED, INTERRUPTED, UNREAD, TERMINATED = 1, 2, 130, 141, 143

COMMANDS = (demo, load, population, train, enrich, verify, serve, worker, keys, events, status)


class Terminated(KeyboardInterrupt):
    """SIGTERM: what is half written is cleared away as after Ctrl-C."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Whatever goes wrong is one sentence on standard error, a traceback only with ``--debug``."""
    try:
        with _terminable():
            return _run(argv)
    except (ReaderGone, BrokenPipeError):
        return UNREAD
    finally:
        _flush()


def _run(argv: Sequence[str] | None) -> int:
    arguments = _parser().parse_args(argv)
    console = Console(arguments.json)
    try:
        given = {name: getattr(arguments, name, None) for name in ("home", "host", "port", "workers")}
        settings = Settings.from_environment(os.environ, **given)
        for name in unknown_variables(os.environ):
            console.complain(f"bureau: {name} is no setting and changes nothing; bureau/settings.py has them all.")
        outcome: Outcome = arguments.run(arguments, settings, console)
        console.finish(outcome.summary)
    except KeyboardInterrupt as end:
        console.complain("Interrupted.")
        return TERMINATED if isinstance(end, Terminated) else INTERRUPTED
    except ReaderGone:
        raise
    except Exception as error:  # noqa: BLE001 (the outermost boundary)
        if arguments.debug:
            traceback.print_exc()
        return _failed(console, error)
    return 0 if outcome.worked else FAILED


def _failed(console: Console, error: Exception) -> int:
    """Say what went wrong, for people and (with ``--json``) for programs, and choose the exit code."""
    if isinstance(error, BureauError):
        code, sentence = error.code, str(error)
    elif isinstance(error, OSError) and error.strerror:
        code, sentence = "input_output", f"{error.filename or 'Input or output'}: {error.strerror}."
    else:
        # The text of an unexpected error may quote somebody's data, so only its kind is shown.
        code = "internal"
        sentence = f"Unexpected {type(error).__name__}; run the same command with --debug to see where."
    console.complain(f"bureau: {sentence}")
    with suppress(OSError):  # standard output may be what failed
        console.finish({"error": code, "detail": sentence})
    return MISUSED if isinstance(error, InvalidArgument) else FAILED


@contextmanager
def _terminable() -> Iterator[None]:
    """SIGTERM as :class:`Terminated`, unless somebody listens to it already or it cannot be listened to here."""

    def end(*_: object) -> NoReturn:
        raise Terminated

    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _flush() -> None:
    """Now, and once: Python tries again when it ends, complains at length, and makes the exit code 120."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    everywhere = argparse.ArgumentParser(add_help=False)
    _everywhere(everywhere, argparse.SUPPRESS)
    parser = argparse.ArgumentParser(
        prog="bureau",
        description="Finds the right person or company behind a stale customer record and returns fresh contacts.",
    )
    _everywhere(parser, None)
    parser.add_argument("--version", action="version", version=f"Bureau {version('bureau')}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands, everywhere)
    return parser


def _everywhere(parser: argparse.ArgumentParser, default: object) -> None:
    """Options of every command, before or after its name; only the outer parser carries their defaults."""
    off = default if default is argparse.SUPPRESS else False
    parser.add_argument(
        "--home", type=Path, default=default, metavar="DIR", help="where Bureau keeps its data (BUREAU_HOME; ./home)"
    )
    parser.add_argument("--json", action="store_true", default=off, help="end with one JSON summary line on stdout")
    parser.add_argument("--debug", action="store_true", default=off, help="show where an unexpected error came from")


if __name__ == "__main__":
    sys.exit(main())
