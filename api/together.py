"""Requests that arrive together are answered together.

One after the other, every request finds the processor's caches full of what the one before needed last: reading a
record cost 56 µs between other work and 19 in a loop over records. So what came in during one turn of the event loop
is read, looked for and answered stage by stage. A lone request is answered at once, and a group takes a few
milliseconds at most.

After a group its worker rests from answering for as long as the group took, unless a whole group is waiting already. A
group of one costs three to four times as much a request as one of thirty, so without a rest a server at half of its
peak was busy nine tenths of the time with small groups: its median was 9 to 11 ms and p99 16 to 50, and are 7 to 10 and
13 to 26.
"""

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any, NamedTuple, TypeVar

from api.serving import Enriching, Serving
from bureau.enrich.contacts import Asked
from bureau.model.answer import Answer
from bureau.model.query import EnrichRequest

MOST = 32
"""Requests answered in one piece, in up to 5 ms. With 16 a request cost an eighth more, with 64 little less."""

LONGEST_REST = 0.005
"""Seconds: what a whole group takes. One that took longer met something that is not the load's."""

Work = Callable[[Enriching, Sequence[Asked]], list[Answer]]

T = TypeVar("T")
Told = Callable[[Answer, asyncio.Future[Any]], None]
"""What becomes of an answer before anybody waits again: it sets the future, or hands it to who will."""


class _Waiting(NamedTuple):
    request: EnrichRequest
    told: Told
    outcome: asyncio.Future[Any]


class Together:
    """``work`` on the requests of one event loop, with the population in use when their turn comes."""

    def __init__(self, serving: Serving, work: Work) -> None:
        self._serving = serving
        self._work = work
        self._waiting: list[_Waiting] = []
        self._next: asyncio.Handle | None = None
        self._rested_at = 0.0

    async def submit(self, request: EnrichRequest) -> Answer:
        """The answer to one request. Raises what reading and answering it raise, whatever becomes of the others."""
        return await self.submit_and(request, _tell)

    async def submit_and(self, request: EnrichRequest, told: Callable[[Answer, asyncio.Future[T]], None]) -> T:
        """What ``told`` makes of the answer, in the turn of the event loop in which it was found. Between two turns
        lies the work of other groups: a request that needs one turn less is answered milliseconds earlier."""
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[T] = loop.create_future()
        self._waiting.append(_Waiting(request, told, outcome))
        if len(self._waiting) == 1:
            self._next = loop.call_later(max(self._rested_at - monotonic(), 0.0), self._answer)
        elif len(self._waiting) == MOST:
            self._answer_soon()
        return await outcome

    def _answer_soon(self) -> None:
        if self._next:
            self._next.cancel()
        self._next = asyncio.get_running_loop().call_soon(self._answer)

    def _answer(self) -> None:
        began = monotonic()
        group, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        self._next = None
        if self._waiting:
            self._answer_soon()
        self._answer_group(group)
        ended = monotonic()
        self._rested_at = ended + min(ended - began, LONGEST_REST)

    def _answer_group(self, group: Sequence[_Waiting]) -> None:
        try:
            enricher = self._serving.current
        except Exception as error:  # noqa: BLE001 - it is each request's own to deal with
            return _settle(group, [error] * len(group))
        read = [_read(enricher, waiting.request) for waiting in group]
        usable = [asked for asked in read if isinstance(asked, Asked)]
        found = iter(answered(lambda batch: self._work(enricher, batch), usable))
        outcomes = [next(found) if isinstance(asked, Asked) else asked for asked in read]
        return _settle(group, outcomes)


def answered(work: Callable[[Sequence[Asked]], list[Answer]], group: Sequence[Asked]) -> list[Answer | Exception]:
    """``work`` on a group; one by one should any of them be too much for it, so that each fails alone."""
    if not group:
        return []
    try:
        return list(work(group))
    except Exception as error:  # noqa: BLE001 - handed to whoever asked
        if len(group) == 1:
            return [error]
    return [outcome for one in group for outcome in answered(work, [one])]


def _read(enricher: Enriching, request: EnrichRequest) -> Asked | Exception:
    try:
        return enricher.read(request)
    except Exception as error:  # noqa: BLE001 - handed to whoever asked
        return error


def _settle(group: Sequence[_Waiting], outcomes: Sequence[Answer | Exception]) -> None:
    for waiting, outcome in zip(group, outcomes, strict=True):
        if waiting.outcome.done():  # its request was given up
            continue
        if isinstance(outcome, Exception):
            waiting.outcome.set_exception(outcome)
            continue
        try:
            waiting.told(outcome, waiting.outcome)
        except Exception as error:  # noqa: BLE001 - handed to whoever asked
            waiting.outcome.set_exception(error)


def _tell(answer: Answer, outcome: asyncio.Future[Answer]) -> None:
    outcome.set_result(answer)
