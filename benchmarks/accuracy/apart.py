"""One system's process, stopped when it takes more than it may; a system that is stopped says how far it came."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.accuracy.task import STAGE

_LOOK_SECONDS = 0.5
_LAST_WORDS_SECONDS = 20.0  # to stop a server that it started


class Limits(NamedTuple):
    """``memory_bytes`` is of the process alone, resident."""

    minutes: float
    memory_bytes: int


def run_within(limits: Limits, command: Sequence[str], cwd: Path, environment: dict[str, str]) -> str | None:
    """Run a command to its end; None when it went well, else one line on why not and how far it came."""
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as complained:
        with subprocess.Popen(command, cwd=cwd, env=environment, stdout=said, stderr=complained) as process:
            try:
                stopped = _watched(process, limits)
            finally:
                _stop(process)
        texts = [_text(file.fileno()) for file in (said, complained)]
    if stopped is None and process.returncode == 0:
        return None
    stages = [line.removeprefix(STAGE) for line in texts[0] if line.startswith(STAGE)]
    why = stopped or (texts[1] or ["failed"])[-1][:200]
    return f"{why}, while {stages[-1]}" if stages else why


def _text(descriptor: int) -> list[str]:
    with open(descriptor, "rb", closefd=False) as file:
        file.seek(0)
        return file.read().decode(errors="replace").strip().splitlines()


def _watched(process: subprocess.Popen[bytes], limits: Limits) -> str | None:
    started = time.monotonic()
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_LOOK_SECONDS)
            return None
        if time.monotonic() - started > limits.minutes * 60:
            return f"not within {limits.minutes:g} min ({_processor_seconds(process.pid):.0f} s of processor time)"
        if _resident_bytes(process.pid) > limits.memory_bytes:
            return f"not within {limits.memory_bytes / 1e9:.0f} GB"


def _resident_bytes(pid: int) -> int:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS"):
                return int(line.split()[1]) * 1024
    return 0


def _processor_seconds(pid: int) -> float:
    """What a busy machine gave the process of its time."""
    with contextlib.suppress(OSError):
        behind_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(behind_name[11]) + int(behind_name[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def _stop(process: subprocess.Popen[bytes]) -> None:
    """An interrupt first: Python then leaves its ``with`` blocks, and a server behind them ends too."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_LAST_WORDS_SECONDS)
    if process.poll() is None:
        process.kill()
