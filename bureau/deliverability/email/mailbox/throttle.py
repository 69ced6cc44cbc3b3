"""How much a provider may be asked: open sessions, a pause after policy replies, and a ledger of unknown recipients.

UOL and Terra publish that senders with more than 10 % unknown recipients are refused; we stop at 5 %.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable

from bureau.deliverability.email.reasons import JUDGEMENTS, Fault, Reason

SESSIONS = {"gmail": 5, "microsoft": 3, "microsoft365": 3}  # others one; starting points, never measured against them
UNVERIFIABLE = frozenset({"yahoo"})  # accepts everybody at RCPT and refuses later: asking is useless
POLICY_REPLIES, WITHIN_SECONDS = 3, 60.0
PAUSE_SECONDS, LONGEST_PAUSE = 900.0, 14_400.0
BAD_SHARE, LEAST_ANSWERS, REMEMBERED = 0.05, 20, 1000


class Provider:
    """The state of one house of mail servers in this process."""

    def __init__(self, name: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.sessions = asyncio.Semaphore(SESSIONS.get(name, 1))
        self._name = name
        self._clock = clock
        self._policy: deque[float] = deque(maxlen=POLICY_REPLIES)
        self._paused_until = 0.0
        self._pause = PAUSE_SECONDS
        self._answers: deque[bool] = deque(maxlen=REMEMBERED)

    def refusal(self) -> Reason | None:
        """Why the provider should not be asked now, if so."""
        if self._name in UNVERIFIABLE:
            return Reason.PROVIDER_UNVERIFIABLE
        if self._clock() < self._paused_until:
            return Reason.PROVIDER_PAUSED
        bad = sum(self._answers)
        if len(self._answers) >= LEAST_ANSWERS and bad > BAD_SHARE * len(self._answers):
            return Reason.PROBE_BUDGET_SPENT
        return None

    def heard(self, reason: Reason | None) -> None:
        """Take note of an answer; ``None`` is an accepted recipient."""
        if reason in (None, Reason.MAILBOX_NOT_FOUND):
            self._answers.append(reason is Reason.MAILBOX_NOT_FOUND)
        elif JUDGEMENTS[reason].fault is Fault.OURS:
            self._note_policy_reply()

    def _note_policy_reply(self) -> None:
        now = self._clock()
        self._policy.append(now)
        if len(self._policy) == POLICY_REPLIES and now - self._policy[0] <= WITHIN_SECONDS:
            self._paused_until = now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)
            self._policy.clear()
