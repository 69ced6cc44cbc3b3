"""Requests that arrive while others are being answered are answered together.

One after the other, every request finds the processor's caches full of what the one before needed last: reading a
record cost 56 µs between other work and 19 in a loop over records. The rule is group commit's: a lone request is asked
for at once, and the time a group takes sets the size of the next.
"""

from collections.abc import Awaitable, Callable

from api.errors import RequestRefused
from bureau.access.group_commit import GroupCommit
from bureau.answering.messages import Outcome
from bureau.enrich.given import Given
from bureau.model.query import EnrichRequest

MOST = 32
"""Requests asked for in one piece, answered in up to 5 ms."""

WAITING = 10_000
"""Requests that may wait for their turn: seconds of work, after which clients have given up."""


class Together:
    """``ask`` for the requests of one event loop."""

    def __init__(self, ask: Callable[[list[EnrichRequest]], Awaitable[list[Outcome]]]) -> None:
        self._groups = GroupCommit(ask, largest=MOST, longest=WAITING)

    async def submit(self, request: EnrichRequest) -> Given:
        """The answer to one request. Raises what it cannot be answered for, whatever becomes of the others."""
        outcome = await self._groups.submit(request)
        if outcome is None:
            raise RequestRefused("overloaded", "Too many requests wait to be answered; not charged.", headers=_RETRY)
        if isinstance(outcome, Given):
            return outcome
        raise outcome


_RETRY = ((b"retry-after", b"1"),)
