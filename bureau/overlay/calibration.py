"""How sure a verdict may be, learnt from what became of the addresses it was given for.

Each reason is a coin of its own: its judgement's confidence is the prior, worth :data:`PRIOR_ANSWERS` observations, and
the outcomes are counted on top (the mean of a beta posterior). Below :data:`LEAST_OUTCOMES` the assumed figure stays.
Risky reasons are left alone: "risky" is advice, and no single outcome proves it wrong.
"""

from collections.abc import Iterable
from typing import NamedTuple

from bureau.deliverability.email.reasons import JUDGEMENTS, Reason
from bureau.deliverability.email.verdict import Confidences
from bureau.model.answer import VerdictStatus

PRIOR_ANSWERS = 50
LEAST_OUTCOMES = 100


class Outcomes(NamedTuple):
    """How many addresses of one reason took mail afterwards, and how many refused it for good."""

    reason: Reason
    delivered: int
    bounced: int


def calibrated(counted: Iterable[Outcomes]) -> Confidences:
    """The confidences that have been learnt; reasons without enough outcomes are missing."""
    return {
        found.reason: _posterior(found)
        for found in counted
        if found.delivered + found.bounced >= LEAST_OUTCOMES
        and JUDGEMENTS[found.reason].status is not VerdictStatus.RISKY
    }


def _posterior(found: Outcomes) -> float:
    """Of ``undeliverable`` a bounce proves it right; of ``deliverable`` and of ``unknown`` (where the confidence is
    that the address takes mail) a delivery."""
    judgement = JUDGEMENTS[found.reason]
    right = found.bounced if judgement.status is VerdictStatus.UNDELIVERABLE else found.delivered
    total = found.delivered + found.bounced
    return (judgement.confidence * PRIOR_ANSWERS + right) / (PRIOR_ANSWERS + total)
