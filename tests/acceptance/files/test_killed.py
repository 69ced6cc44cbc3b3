"""``bureau enrich`` killed with -9: its processes end with it, and what it left does not outlive the next run."""

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.acceptance

STUCK = """
import os, sys, threading
from functools import partial
from pathlib import Path
from bureau.enrich.files import FileOptions, enrich_file

def stuck(fifo, records, nested):
    os.write(os.open(fifo, os.O_WRONLY), b".")  # stays open until this process ends
    threading.Event().wait()

if __name__ == "__main__":
    source, output, fifo = sys.argv[1:]
    enrich_file(Path(source), Path(output), partial(stuck, fifo), FileOptions(processes=2))
"""
PATIENCE_SECONDS = 120.0


def read(pipe: int) -> bytes:
    """What the processes say; nothing once all of them are gone."""
    ready, _, _ = select.select([pipe], [], [], PATIENCE_SECONDS)
    assert ready, "nothing was heard of the processes"
    return os.read(pipe, 1)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_no_process_outlives_the_one_that_was_killed(tmp_path: Path, suffix: str) -> None:
    program, source, fifo = tmp_path / "stuck.py", tmp_path / "in.csv", tmp_path / "said"
    program.write_text(STUCK)
    source.write_text("nome\n" + "ANA LIMA\n" * 10)
    os.mkfifo(fifo)
    pipe = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    arguments = [sys.executable, str(program), str(source), str(tmp_path / f"out{suffix}"), str(fifo)]
    with subprocess.Popen(arguments) as parent:
        assert b"." == read(pipe)
        parent.send_signal(signal.SIGKILL)
    assert b"" == read(pipe)
    os.close(pipe)
