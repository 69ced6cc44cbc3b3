"""How fast a key may ask: a token bucket (requests a second, with bursts) and a limit on what runs at once.

Both live in the worker's memory and hold its share of the whole: a database round trip a request would cost more
than the request. A client that keeps all its connections to one worker therefore gets that worker's share only.
"""

import math
import time
from collections.abc import Callable
from typing import NamedTuple

from bureau.ids import KeyId
from bureau.settings import Settings

Headers = tuple[tuple[bytes, bytes], ...]


class Allowance(NamedTuple):
    """Whether the request may go on, and the header fields that say so, as raw pairs.

    ``RateLimit`` and ``RateLimit-Policy`` are those of draft-ietf-httpapi-ratelimit-headers-11; ``Retry-After``
    (RFC 9110 §10.2.3) is there when the request was not granted.
    """

    granted: bool
    headers: Headers


class TokenBuckets:
    """One bucket a key: ``burst`` tokens at most, refilled at ``rate`` a second; a request takes one."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = settings.requests_per_second / settings.workers
        self._burst = max(1.0, settings.burst_requests / settings.workers)
        self._clock = clock
        self._buckets: dict[KeyId, tuple[float, float]] = {}
        window = math.ceil(settings.burst_requests / settings.requests_per_second)
        self._policy = (b"ratelimit-policy", b'"requests";q=%d;w=%d' % (settings.burst_requests, window))

    def take(self, key_id: KeyId) -> Allowance:
        """Take one token if there is one. Only for keys that are known: every id asked for is remembered."""
        now = self._clock()
        level, then = self._buckets.get(key_id, (self._burst, now))
        level = min(self._burst, level + (now - then) * self._rate)
        granted = level >= 1.0
        if granted:
            level -= 1.0
        self._buckets[key_id] = (level, now)
        full_in = math.ceil((self._burst - level) / self._rate)
        limit = (b"ratelimit", b'"requests";r=%d;t=%d' % (int(level), full_in))
        if granted:
            return Allowance(True, (self._policy, limit))
        return Allowance(False, (self._policy, limit, self._retry_after(level)))

    def _retry_after(self, level: float) -> tuple[bytes, bytes]:
        return b"retry-after", b"%d" % max(1, math.ceil((1.0 - level) / self._rate))


class ConcurrencyLimit:
    """How many requests of one key run at once in this worker."""

    def __init__(self, settings: Settings) -> None:
        self._most = max(1, settings.concurrent_requests // settings.workers)
        self._running: dict[KeyId, int] = {}

    def enter(self, key_id: KeyId) -> bool:
        """False when the key has enough running; otherwise :meth:`leave` must follow, however the request ends."""
        running = self._running.get(key_id, 0)
        if running >= self._most:
            return False
        self._running[key_id] = running + 1
        return True

    def leave(self, key_id: KeyId) -> None:
        """One request of the key has ended."""
        running = self._running[key_id] - 1
        if running:
            self._running[key_id] = running
        else:
            del self._running[key_id]
