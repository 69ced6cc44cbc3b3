"""Verdicts that are not final: which they are, and when to look at them again."""

import msgspec

from bureau.deliverability.email.rechecks import next_recheck
from bureau.deliverability.email.verdict import EmailVerdict


class Pending(msgspec.Struct, frozen=True):
    """A verdict to look at again at its ``recheck_at``; ``attempt`` is the number that recheck will have."""

    verdict: EmailVerdict
    attempt: int


def pending(verdict: EmailVerdict, made: int = 0) -> Pending | None:
    """The verdict marked pending, with its next recheck; ``None`` if it is final. A late one is pending as it is, and
    asking it again is not counted: nobody was asked yet."""
    if verdict.pending:
        return Pending(verdict, made)
    recheck = next_recheck(verdict.reason, made, verdict.checked_at)
    if recheck is None:
        return None
    return Pending(msgspec.structs.replace(verdict, pending=True, recheck_at=recheck.at), recheck.attempt)
