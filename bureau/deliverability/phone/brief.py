"""A phone verdict in brief: :func:`verdict.check_phone` without places and carrier, whose tables cost more than the
rest; a property test holds the two equal."""

from functools import lru_cache

from bureau.deliverability.brief import Brief
from bureau.deliverability.phone.reasons import JUDGEMENTS, Reason
from bureau.deliverability.phone.verdict import NOTHING_KNOWN, moved, read, reason_of


def brief(value: str | int, age_days: int | None, sources: int) -> Brief:
    """Of one phone, as typed or as a national number. ``sources`` is 0 when the population does not know it; otherwise
    ``age_days`` is how long ago it was last seen (``None``: unknown)."""
    found = read(value, None)
    if isinstance(found, Reason):
        return _brief(found, None, 0)
    return _brief(reason_of(found, NOTHING_KNOWN), age_days, sources)


@lru_cache(maxsize=65_536)
def _brief(reason: Reason, age_days: int | None, sources: int) -> Brief:
    judgement = JUDGEMENTS[reason]
    evidence, confidence = moved(judgement.confidence, age_days, sources) if sources else ((), judgement.confidence)
    return Brief(judgement.status, reason.value, judgement.action, round(confidence, 4), evidence)
