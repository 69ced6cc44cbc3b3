"""Work on many items without holding up the other requests of the worker."""

import asyncio
from collections.abc import Callable, Iterable
from time import perf_counter
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

SLICE_SECONDS = 0.002
"""Other requests wait no longer than this for a batch. Slices and not a thread: with one interpreter lock a thread
would hold them up for 5 ms at a time (``sys.getswitchinterval``) and gain nothing."""


async def in_slices(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """``work`` on each item in order, giving way to the event loop every :data:`SLICE_SECONDS`."""
    results: list[Result] = []
    give_way = perf_counter() + SLICE_SECONDS
    for item in items:
        results.append(work(item))
        if perf_counter() > give_way:
            await asyncio.sleep(0)
            give_way = perf_counter() + SLICE_SECONDS
    return results
