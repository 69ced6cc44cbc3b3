"""A phone verdict in brief: :func:`verdict.check_phone` without places and carrier, whose tables cost more than the
rest; a property test holds the two equal."""

from functools import lru_cache

from bureau.deliverability.brief import Brief
from bureau.deliverability.phone.reasons import JUDGEMENTS, Reason
from bureau.deliverability.phone.verdict import NOTHING_KNOWN, SIGHTING_BITS, read, reason_of
from bureau.deliverability.sightings import alike, moved


def brief(value: str | int, age_days: int | None, sources: int, *, explain: bool = False) -> Brief:
    """Of one phone, as typed or as a national number. ``sources`` is 0 when the population does not know it; otherwise
    ``age_days`` is how long ago it was last seen (``None``: unknown). Evidence only with ``explain``."""
    found = read(value, None)
    if isinstance(found, Reason):
        return _brief(found, None, 0)
    told = _brief(reason_of(found, NOTHING_KNOWN), *alike(age_days, sources))
    return _explained(told, age_days, sources) if explain else told


@lru_cache(maxsize=1024)
def _brief(reason: Reason, age_days: int | None, sources: int) -> Brief:
    judgement = JUDGEMENTS[reason]
    confidence = moved(judgement.confidence, age_days, sources, SIGHTING_BITS)[1] if sources else judgement.confidence
    return Brief(judgement.status, reason.value, judgement.action, round(confidence, 4))


def _explained(brief: Brief, age_days: int | None, sources: int) -> Brief:
    base = JUDGEMENTS[Reason(brief.reason)].confidence
    return brief._replace(evidence=moved(base, age_days, sources, SIGHTING_BITS)[0]) if sources else brief
