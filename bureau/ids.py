"""Identifiers that must not be mixed up, and how new ones are made."""

import os
import time
from typing import NewType

EntityId = NewType("EntityId", str)
PopulationId = NewType("PopulationId", str)
ClientId = NewType("ClientId", str)
KeyId = NewType("KeyId", str)
RequestId = NewType("RequestId", str)


def sortable(prefix: str) -> str:
    """``prefix_`` and 32 hexadecimal digits: 48 bits of milliseconds and 80 random ones, so ids sort by time."""
    return f"{prefix}_{time.time_ns() // 1_000_000:012x}{os.urandom(10).hex()}"
