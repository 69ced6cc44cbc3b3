"""What a verifier may remember with, besides its own process: seams only, the memory itself is its caller's.

Kept apart from the look-ups, so that nothing here knows of a database: ``bureau.overlay`` shares evidence between
processes through these protocols, and a verifier without memory works as well.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import msgspec

from bureau.deliverability.email.domain import DomainFacts
from bureau.deliverability.email.reasons import JUDGEMENTS, Fault, Reason
from bureau.deliverability.email.syntax import Address
from bureau.deliverability.email.verdict import NOT_CALIBRATED, Confidences, Mailbox
from bureau.model.answer import VerdictStatus

Lookup = Callable[[str], Awaitable[DomainFacts]]
"""Asks about one domain. Never raises."""


class Probing(Protocol):
    """Asks mail servers, as ``mailbox.prober.Prober`` does."""

    async def probe(self, facts: DomainFacts, addresses: Sequence[str]) -> list[Mailbox]: ...


class Memory(Protocol):
    """Answers from what is remembered, asks for the rest, and remembers it. When it cannot remember, it just asks."""

    def of_domains(self, ask: Lookup) -> Lookup: ...

    def of_mailboxes(self, ask: Probing) -> Probing: ...


Reported = Callable[[Address], Mailbox | None]
"""What was reported of an address: bounces, complaints, deliveries, suppressions. In memory, without I/O."""


def nothing_reported(_address: Address) -> None:
    """A :data:`Reported` without reports."""


class Known(msgspec.Struct, frozen=True):
    """What the caller knows besides: reports by address, and confidences that outcomes have calibrated."""

    reported: Reported = nothing_reported
    confidences: Confidences = NOT_CALIBRATED


NOTHING_KNOWN = Known()


def is_final(reported: Mailbox | None) -> bool:
    """Whether a report settles the matter, so that no mail server need be troubled: evidence first, probe last."""
    return reported is not None and JUDGEMENTS[reported.reason].status in _SETTLED


_SETTLED = (VerdictStatus.UNDELIVERABLE, VerdictStatus.DELIVERABLE)


def stronger(reported: Mailbox | None, probed: Mailbox | None) -> Mailbox | None:
    """Which of the two counts. A suppression, a hard bounce and a delivery are worth more than what a server says at
    RCPT; a soft bounce is worth more than a probe that brought nothing, and less than one that did."""
    if reported is None or probed is None:
        return reported or probed
    if is_final(reported) and not (
        reported.reason is Reason.CONFIRMED_BY_DELIVERY
        and JUDGEMENTS[probed.reason].status is VerdictStatus.UNDELIVERABLE
    ):
        return reported
    return probed if JUDGEMENTS[probed.reason].fault is Fault.CONTACT else reported
