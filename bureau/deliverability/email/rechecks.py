"""When it is worth asking again: a pure rule for whoever books rechecks. Nothing is booked or kept here.

The ladder is that of mail servers which put strangers off: postgrey's default is five minutes, the slowest seen want
half a day. After the last rung the answer stays ``unknown`` and nobody is charged for it. A recheck must come from the
same address with the same sender for the same recipient, or greylisting starts anew; the settings see to the first two.
"""

from datetime import datetime, timedelta

import msgspec

from bureau.deliverability.email.reasons import JUDGEMENTS, Fault, Reason

LADDER = (timedelta(minutes=6), timedelta(minutes=30), timedelta(hours=4), timedelta(hours=24))

_PASSES_BY_ITSELF = frozenset({Reason.GREYLIST_PROBABLY_EXISTS, Reason.RECIPIENT_RATE_LIMITED})
_NEVER_BY_ITSELF = frozenset({Reason.PROBE_NOT_ALLOWED, Reason.AUTH_REQUIRED, Reason.PORT25_BLOCKED})


_TEMPORARY = frozenset(
    reason
    for reason, judgement in JUDGEMENTS.items()
    if (reason in _PASSES_BY_ITSELF or judgement.fault is not Fault.CONTACT) and reason not in _NEVER_BY_ITSELF
)


class Recheck(msgspec.Struct, frozen=True):
    """Ask again at ``at``; it will be recheck number ``attempt``, counted from 1."""

    at: datetime
    attempt: int


def next_recheck(reason: Reason, made: int, heard_at: datetime) -> Recheck | None:
    """What to book after ``reason`` was heard at ``heard_at`` with ``made`` rechecks behind us; ``None``: leave it.

    Only what passes by itself is worth a recheck: temporary trouble, theirs or ours, not an answer about the contact
    nor what the operator has to change. Never sooner than the reason may be reused.
    """
    if made >= len(LADDER) or not is_temporary(reason):
        return None
    return Recheck(heard_at + max(LADDER[made], JUDGEMENTS[reason].lifetime), made + 1)


def is_temporary(reason: Reason) -> bool:
    """Whether the same question may be answered differently within days, without anybody doing anything."""
    return reason in _TEMPORARY
