"""Identifiers that must not be mixed up, and how new ones are made."""

import os
import random
import time
from functools import cache
from typing import NewType

EntityId = NewType("EntityId", str)
PopulationId = NewType("PopulationId", str)
ClientId = NewType("ClientId", str)
KeyId = NewType("KeyId", str)
RequestId = NewType("RequestId", str)


def sortable(prefix: str) -> str:
    """``prefix_`` and 32 hexadecimal digits: 48 bits of milliseconds and 80 random ones, so ids sort by time.

    Unique, not secret: nothing may be had by guessing one.
    """
    return f"{prefix}_{time.time_ns() // 1_000_000:012x}{_source().getrandbits(80):020x}"


@cache
def _source() -> random.Random:
    """Of one process, as forked ones must not draw the same. Asking the system each time costs several times as much:
    it lets go of the interpreter lock, and whoever waits for it takes it."""
    os.register_at_fork(after_in_child=_source.cache_clear)
    return random.Random(os.urandom(32))  # noqa: S311  see above: unique, not secret
