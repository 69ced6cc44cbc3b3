"""When a message that was not accepted is tried again: the ladder of Standard Webhooks 1.0.0, three days in all."""

import random

WAITS = (0.0, 5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds before the first, second … attempt."""
JITTER = 0.1


def wait_after(attempts: int, chance: random.Random) -> float | None:
    """Seconds until the next attempt after so many, None when there is none left. The jitter keeps receivers that
    were down together from being called together."""
    if attempts >= len(WAITS):
        return None
    return WAITS[attempts] * chance.uniform(1.0, 1.0 + JITTER)
