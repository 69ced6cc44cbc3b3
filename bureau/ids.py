"""Identifiers that must not be mixed up, and how new ones are made."""

import os
import time
from typing import NewType

EntityId = NewType("EntityId", str)
PopulationId = NewType("PopulationId", str)
ClientId = NewType("ClientId", str)
KeyId = NewType("KeyId", str)
RequestId = NewType("RequestId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base 32, lower case


def sortable(prefix: str) -> str:
    """``prefix_`` and 26 characters: 48 bits of milliseconds, 80 random bits (the ULID layout), so ids sort by time."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    characters = [_ALPHABET[(value >> shift) & 31] for shift in range(125, -1, -5)]
    return f"{prefix}_{''.join(characters)}"
