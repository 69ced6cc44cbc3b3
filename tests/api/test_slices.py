"""A long batch gives way to others, and keeps its order."""

import asyncio
import time

from api.slices import SLICE_SECONDS, in_slices


async def test_others_run_between_the_slices() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    def slow(number: int) -> int:
        until = time.perf_counter() + SLICE_SECONDS * 1.1
        while time.perf_counter() < until:
            pass
        return number

    task = asyncio.create_task(other())
    assert list(range(10)) == await in_slices(slow, range(10))
    task.cancel()
    assert 10 <= turns
