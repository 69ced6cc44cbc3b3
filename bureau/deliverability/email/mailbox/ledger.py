"""How many recipients a provider was asked for in the last day, and how many it did not know."""

from collections import deque
from collections.abc import Callable

import msgspec

SHARE = 0.05  # of unknown recipients; half of what UOL and Terra publish as their limit
GRACE = 20  # unknown recipients in a day that are allowed whatever the share: of a handful it means nothing
HOURS = 24


class _Hour(msgspec.Struct):
    number: int
    answers: int = 0
    unknown: int = 0


class Ledger:
    """Counts by the hour, so that its size does not grow with the answers; ``clock`` counts seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._hours: deque[_Hour] = deque(maxlen=HOURS)

    def note(self, unknown: bool) -> None:
        """One recipient was accepted, or is not known there."""
        hour = int(self._clock() // 3600)
        if not self._hours or self._hours[-1].number != hour:
            self._hours.append(_Hour(hour))
        self._hours[-1].answers += 1
        self._hours[-1].unknown += unknown

    def room(self) -> int:
        """How many more recipients may turn out unknown, all of them at worst, before the share is reached."""
        oldest = int(self._clock() // 3600) - HOURS
        while self._hours and self._hours[0].number <= oldest:
            self._hours.popleft()
        answers = sum(hour.answers for hour in self._hours)
        return max(GRACE, int(SHARE * answers)) - sum(hour.unknown for hour in self._hours)
