"""What an answer shows of a verdict: the part that is made for every contact of every answer, and nothing more."""

from typing import NamedTuple

from bureau.evidence import Evidence
from bureau.model.answer import Action, VerdictStatus


def alike(age_days: int | None, sources: int, recent: int) -> tuple[int | None, int]:
    """One sighting in the place of all that move a confidence as much as it does: last seen within ``recent`` days or
    not, by one source or more. So few cases need remembering, not one for each age."""
    return None if age_days is None else 0 if age_days <= recent else recent + 1, min(sources, 2)


class Brief(NamedTuple):
    """Status, reason and action, how sure the status is, and the sightings that moved that; see the two verdicts."""

    status: VerdictStatus
    reason: str
    action: Action
    confidence: float
    evidence: tuple[Evidence, ...] = ()
