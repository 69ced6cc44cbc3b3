"""An e-mail verdict in brief, at depth ``syntax``: :func:`verdict.check_email` without facts, suggestion and dates.

It is half of the verdict's cost, and answers show no more; a property test holds the two equal.
"""

from functools import lru_cache

from bureau.deliverability.brief import Brief
from bureau.deliverability.email import facts
from bureau.deliverability.email.reasons import JUDGEMENTS, Reason
from bureau.deliverability.email.syntax import SyntaxDetail, parse
from bureau.deliverability.email.verdict import SIGHTING_BITS, STALE_AFTER, risk_of
from bureau.deliverability.sightings import alike, moved


def brief(text: str, age_days: int | None, sources: int, *, expects_role: bool, explain: bool = False) -> Brief:
    """Of one address. ``sources`` is 0 when the population does not know it; otherwise ``age_days`` is how long ago
    it was last seen (``None``: unknown). Evidence only with ``explain``."""
    address = parse(text)
    if isinstance(address, SyntaxDetail):
        return _brief(Reason.SYNTAX_INVALID, None, 0)
    kind = facts.domain_kind(address.domain)
    risk = risk_of(address, kind, not expects_role and facts.is_role(address.local))
    if risk:
        return _brief(risk, None, 0)
    if sources and age_days is not None and age_days > STALE_AFTER:
        return _brief(Reason.STALE, None, 0)
    found = _brief(Reason.NOT_CHECKED, *alike(age_days, sources))
    return _explained(found, age_days, sources) if explain else found


@lru_cache(maxsize=1024)
def _brief(reason: Reason, age_days: int | None, sources: int) -> Brief:
    judgement = JUDGEMENTS[reason]
    confidence = moved(judgement.confidence, age_days, sources, SIGHTING_BITS)[1] if sources else judgement.confidence
    return Brief(judgement.status, reason.value, judgement.action, round(confidence, 4))


def _explained(brief: Brief, age_days: int | None, sources: int) -> Brief:
    base = JUDGEMENTS[Reason(brief.reason)].confidence
    return brief._replace(evidence=moved(base, age_days, sources, SIGHTING_BITS)[0]) if sources else brief
