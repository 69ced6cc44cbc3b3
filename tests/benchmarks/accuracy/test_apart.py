"""Real processes, which end, fail, or have to be stopped."""

import sys
from pathlib import Path

import pytest

from benchmarks.accuracy.apart import Limits, run_within

pytestmark = pytest.mark.acceptance
AMPLE = Limits(minutes=1, memory_bytes=10**12)
SHORT = AMPLE._replace(minutes=0.03)  # still enough to start in
STAGES = "print('stage: indexing'); print('and more'); print('stage: answering 7', flush=True)"
WAITS = f"{STAGES}; import signal; signal.pause()"


def ran(program: str, limits: Limits) -> str | None:
    return run_within(limits, [sys.executable, "-I", "-S", "-c", program], Path.cwd(), {})


def test_a_system_that_ends_says_nothing() -> None:
    assert ran(STAGES, AMPLE) is None


def test_a_system_that_fails_says_why_and_how_far_it_came() -> None:
    assert ran(f"{STAGES}; raise SystemExit('no such table')", AMPLE) == "no such table, while answering 7"


def test_a_system_that_fails_without_a_word_is_said_to_have() -> None:
    assert ran("import sys; sys.exit(3)", AMPLE) == "failed"


def test_a_system_that_takes_too_long_is_stopped() -> None:
    assert ran(WAITS, SHORT) == "not within 0.03 min (0 s of processor time), while answering 7"


def test_a_system_that_takes_too_much_memory_is_stopped() -> None:
    stopped = ran(WAITS, AMPLE._replace(memory_bytes=1))
    assert stopped is not None
    assert stopped.startswith("not within 0 GB")


def test_what_a_stopped_system_has_open_is_closed(tmp_path: Path) -> None:
    closes = f"import pathlib, signal\ntry: signal.pause()\nfinally: pathlib.Path({str(tmp_path / 'closed')!r}).touch()"
    assert ran(closes, SHORT) == "not within 0.03 min (0 s of processor time)"
    assert (tmp_path / "closed").exists()
