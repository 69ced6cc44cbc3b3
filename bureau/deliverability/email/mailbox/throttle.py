"""How much a provider may be asked: sessions, a rate, a pause after policy replies, a ledger of unknown recipients.

UOL and Terra publish that senders with more than 10 % unknown recipients are refused; we stop before 5 %. Providers are
told apart by the house behind their servers, since houses count by sender, not by domain.
"""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType

import msgspec

from bureau.deliverability.email.mailbox.ledger import Ledger
from bureau.deliverability.email.reasons import JUDGEMENTS, Fault, Reason

POLICY_REPLIES, WITHIN_SECONDS = 3, 60.0
PAUSE_SECONDS, LONGEST_PAUSE = 900.0, 14_400.0
BURST = 8  # recipients that may be named at once: a session's worth
LEAST = 3  # of them in a session: one real, two invented
LONGEST_TURN = 20.0  # seconds a session of more than that may have to wait for its turn: half of the usual total


class Terms(msgspec.Struct, frozen=True):
    """Open sessions, and recipients a second over all of them. ``verifiable`` is off where asking is useless."""

    sessions: int = 1
    per_second: float = 10.0
    verifiable: bool = True


TERMS: Mapping[str, Terms] = MappingProxyType({
    "gmail": Terms(5, 10.0),
    "microsoft": Terms(3, 5.0),
    "microsoft365": Terms(3, 5.0),
    "yahoo": Terms(0, 0.0, verifiable=False),  # accepts everybody at RCPT and refuses later
    "uol": Terms(1, 1.0),
    "terra": Terms(1, 1.0),
    "locaweb": Terms(1, 1.0),
})  # fmt: skip
"""Starting points, never measured against the houses themselves; others have the defaults of :class:`Terms`."""

DEFAULT_TERMS = Terms()


class Provider:
    """The state of one house of mail servers in this process. Open :meth:`session` before asking it."""

    def __init__(self, terms: Terms = DEFAULT_TERMS, clock: Callable[[], float] = time.monotonic) -> None:
        self._terms = terms
        self._clock = clock
        self._slots = asyncio.Semaphore(max(terms.sessions, 1))
        self._ledger = Ledger(clock)
        self._asked = 0  # recipients named in open sessions: any may turn out unknown
        self._returned = asyncio.Event()
        self._next_turn = 0.0
        self._policy: deque[float] = deque(maxlen=POLICY_REPLIES)
        self._paused_until = 0.0
        self._pause = PAUSE_SECONDS

    @asynccontextmanager
    async def session(self, recipients: int) -> AsyncIterator[int | Reason]:
        """Wait for our turn: how many of ``recipients`` may be named in a session now, or why none may."""
        if reason := self.refusal():
            yield reason  # no need to queue for it
            return
        async with self._slots:
            granted = await self._granted(recipients)
            if isinstance(granted, Reason):
                yield granted
                return
            self._asked += granted
            try:
                await self._turn(granted)
                yield granted
            finally:
                self._asked -= granted
                self._returned.set()

    def refusal(self) -> Reason | None:
        """Why the provider should not be asked now, if so."""
        if not self._terms.verifiable:
            return Reason.PROVIDER_UNVERIFIABLE
        if self._clock() < self._paused_until:
            return Reason.PROVIDER_PAUSED
        return Reason.PROBE_BUDGET_SPENT if self._ledger.room() <= 0 else None

    def heard(self, reason: Reason | None) -> None:
        """Take note of an answer; ``None`` is an accepted recipient."""
        if reason in (None, Reason.MAILBOX_NOT_FOUND):
            self._ledger.note(reason is Reason.MAILBOX_NOT_FOUND)
        if reason is None:
            self._pause = PAUSE_SECONDS  # welcome again
        elif JUDGEMENTS[reason].fault is Fault.OURS:
            self._note_policy_reply()

    async def _granted(self, recipients: int) -> int | Reason:
        while not (reason := self.refusal()):
            room = self._ledger.room() - self._asked
            if room > 0:
                return min(recipients, room, max(LEAST, int(LONGEST_TURN * self._terms.per_second)))
            self._returned.clear()  # what other sessions have asked for may yet turn out known
            await self._returned.wait()
        return reason

    async def _turn(self, recipients: int) -> None:
        """A token bucket of :data:`BURST`, kept as the time at which it would be full again."""
        now = self._clock()
        full_at = max(self._next_turn, now) + recipients / self._terms.per_second
        wait = full_at - BURST / self._terms.per_second - now
        self._next_turn = full_at
        try:
            await asyncio.sleep(max(wait, 0.0))
        except asyncio.CancelledError:
            self._next_turn -= recipients / self._terms.per_second  # nobody was named after all
            raise

    def _note_policy_reply(self) -> None:
        now = self._clock()
        self._policy.append(now)
        if len(self._policy) == POLICY_REPLIES and now - self._policy[0] <= WITHIN_SECONDS:
            self._paused_until = now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            self._policy.clear()
