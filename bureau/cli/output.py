"""What the command says: people read lines, programs read one JSON line, and a terminal gets a line that moves."""

import sys
import time
from typing import NamedTuple, TextIO

import msgspec


class Outcome(NamedTuple):
    """What a command did: anything msgspec can encode, and whether all of it worked."""

    summary: object
    worked: bool = True


class ReaderGone(Exception):
    """Nobody reads what is said any more: ``bureau … | head``."""


class Console:
    """Standard output and error of one command.

    With ``machine_readable`` nothing but the summary goes to standard output.
    """

    def __init__(self, machine_readable: bool = False) -> None:
        self._machine_readable = machine_readable
        self._progress = ProgressLine(sys.stderr)

    def say(self, text: str = "") -> None:
        """One line for people."""
        self._progress.clear()
        _written(text, sys.stderr if self._machine_readable else sys.stdout)

    def complain(self, text: str) -> None:
        """One line for people about what went wrong."""
        self._progress.clear()
        print(text, file=sys.stderr, flush=True)  # noqa: T201 (a command's voice)

    def progress(self, stage: str, done: int, total: int) -> None:
        """Show how far a stage is; cheap enough for every batch, silent without a terminal."""
        self._progress.show(stage, done, total)

    def share(self, stage: str, share: float) -> None:
        """As ``progress``, for work that knows only the share of it that is done."""
        self._progress.show(stage, round(share * 100), 100)

    def finish(self, summary: object) -> None:
        """The machine-readable summary line, if one was asked for and there is one."""
        self._progress.clear()
        if self._machine_readable and summary is not None:
            _written(msgspec.json.encode(summary).decode(), sys.stdout)


def _written(text: str, stream: TextIO) -> None:
    try:
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        raise ReaderGone from None


class ProgressLine:
    """One line that redraws itself ten times a second at most.

    A library would bring a thread that competes with the loops it reports on; this is a dozen lines.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._active = stream.isatty()
        self._stage = ""
        self._began = self._drawn = 0.0

    def show(self, stage: str, done: int, total: int) -> None:
        if not self._active:
            return
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began, self._drawn = stage, now, 0.0
        if now - self._drawn < 0.1:
            return
        self._drawn = now
        share = f"{min(done / total, 1.0):4.0%}" if total > 0 else f"{done:,}"
        self._stream.write(f"\r{stage} {share}  {now - self._began:.0f} s\x1b[K")
        self._stream.flush()

    def clear(self) -> None:
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = 0.0
            self._stage = ""
