"""What the benchmarks share: a clock around a call, and one JSON line per figure."""

import json
import time
from collections.abc import Callable


def rate(what: str, count: int, work: Callable[[], object], rounds: int = 3) -> None:
    """Print the best of ``rounds`` as items a second."""
    best = min(_seconds(work) for _ in range(rounds))
    figure(what, round(count / best), "1/s")


def figure(what: str, value: float, unit: str) -> None:
    print(json.dumps({"what": what, "value": value, "unit": unit}), flush=True)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
