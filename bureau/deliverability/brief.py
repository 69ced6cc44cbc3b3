"""What an answer shows of a verdict: the part that is made for every contact of every answer, and nothing more."""

from typing import NamedTuple

from bureau.evidence import Evidence
from bureau.model.answer import Action, VerdictStatus


class Brief(NamedTuple):
    """Status, reason and action, how sure the status is, and the sightings that moved that; see the two verdicts."""

    status: VerdictStatus
    reason: str
    action: Action
    confidence: float
    evidence: tuple[Evidence, ...] = ()
