"""The verdict: a pure function of the stages' values. It looks nothing up and keeps nothing.

What counts, in this order: syntax, a definite "no" from DNS, what a mailbox check or a delivery report said, risks of
the address itself, trouble that hid the answer, and at last "nobody has looked". A role account whose domain does not
exist is therefore undeliverable, and a disposable address stays one even if the resolver is down.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

import msgspec

from bureau.deliverability.email import facts
from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.facts import DomainKind
from bureau.deliverability.email.mailbox.replies import Stage
from bureau.deliverability.email.reasons import JUDGEMENTS, Fault, Reason
from bureau.deliverability.email.rechecks import next_recheck
from bureau.deliverability.email.syntax import Address, SyntaxDetail, clean, parse
from bureau.deliverability.sightings import Sighting, moved
from bureau.evidence import Evidence
from bureau.model.answer import Action, VerdictStatus

STALE_AFTER = 1461  # days: four years, after which 29.7 % of e-mails are still the person's
SIGHTING_BITS = 1.0  # see sightings.moved
ONE_HOUR = timedelta(hours=1)


class Mailbox(msgspec.Struct, frozen=True):
    """What a mailbox check, a delivery report or a suppression list said of this very address, and when, if not now.

    ``stage`` and ``reply`` are how far a check got and the codes that ended it, without the server's words.
    """

    reason: Reason
    is_catch_all: bool | None = None
    checked_at: datetime | None = None
    stage: Stage | None = None
    reply: str = ""


class Suggestion(msgspec.Struct, frozen=True):
    """What was probably meant; never put in place silently. ``suggested_domain_has_mx``: ``None`` if not looked up."""

    address: str
    confidence: float
    suggested_domain_has_mx: bool | None = None


class EmailFacts(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """Facts beside the verdict; ``None`` is "not looked at", never "no"."""

    domain: str
    dedupe_key: str
    provider: str | None = None
    is_free: bool = False
    is_role: bool = False
    is_disposable: bool = False
    is_privacy_relay: bool = False
    needs_smtputf8: bool = False
    mx_host: str | None = None
    implicit_mx: bool | None = None
    is_catch_all: bool | None = None
    smtp_stage: Stage | None = None
    smtp_reply: str | None = None
    has_spf: bool | None = None
    dmarc_policy: str | None = None
    mta_sts: bool | None = None


class EmailVerdict(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):  # no cycle can form
    """``status`` and ``action`` follow from ``reason``; ``detail`` says which syntax rule was broken.

    ``confidence`` is the probability that the status is right, or, while it is ``unknown``, that the address takes
    mail. ``pending`` verdicts are being looked up still. Where asking again is worth while, ``recheck_at`` says when.
    """

    address: str
    status: VerdictStatus
    reason: Reason
    action: Action
    confidence: float
    checked_at: datetime
    expires_at: datetime
    detail: SyntaxDetail | None = None
    fault: Fault = Fault.CONTACT
    facts: EmailFacts | None = None
    suggestion: Suggestion | None = None
    pending: bool = False
    recheck_at: datetime | None = None
    evidence: list[Evidence] = []


DomainLookup = Callable[[str], DomainFacts | None]
"""What is known of a domain so far; used for suggestions. Must not do I/O."""


def unknown_domain(_domain: str) -> None:
    """A :data:`DomainLookup` that knows nothing."""


Confidences = Mapping[Reason, float]
"""What outcomes made of the confidence of some reasons; the others keep that of their judgement."""

NOT_CALIBRATED: Confidences = MappingProxyType({})


class Stages(msgspec.Struct, frozen=True, gc=False):
    """The values the verdict is made of, besides the syntax; each may be missing.

    ``expects_role``: the contact is a company's, for which a role account is nothing out of the ordinary.
    """

    domain: DomainFacts | None = None
    mailbox: Mailbox | None = None
    sighting: Sighting | None = None
    known_domains: DomainLookup = unknown_domain
    expects_role: bool = False
    confidences: Confidences = NOT_CALIBRATED


NO_STAGES = Stages()


def check_email(text: str, at: datetime, stages: Stages = NO_STAGES) -> EmailVerdict:
    """Judge one address as of ``at`` (aware). Without stages this is depth ``syntax``.

    A fine address about which nothing else is known is ``unknown`` with reason ``not_checked`` and action
    ``send_with_care``: it is *not* deliverable, nobody has looked.
    """
    address = parse(text)
    if isinstance(address, SyntaxDetail):
        judgement = JUDGEMENTS[Reason.SYNTAX_INVALID]
        return EmailVerdict(
            address=clean(text)[:254].encode("utf-8", "replace").decode("utf-8"),  # a lone surrogate breaks JSON
            status=judgement.status,
            reason=Reason.SYNTAX_INVALID,
            action=judgement.action,
            confidence=judgement.confidence,
            checked_at=at,
            expires_at=at + judgement.lifetime,
            detail=address,
        )
    return judge(address, at, stages)


def judge(address: Address, at: datetime, stages: Stages) -> EmailVerdict:
    """The verdict on a syntactically valid address."""
    kind = facts.domain_kind(address.domain)
    role = facts.is_role(address.local)
    reason = _reason(address, kind, role, stages)
    judgement = JUDGEMENTS[reason]
    evidence, confidence = _confidence(reason, stages)
    since = _since(reason, at, stages)
    recheck = next_recheck(reason, 0, since)
    return EmailVerdict(
        address=address.text,
        status=judgement.status,
        reason=reason,
        action=judgement.action,
        confidence=confidence,
        checked_at=since,
        expires_at=since + _lifetime(judgement.lifetime, stages.domain),
        fault=judgement.fault,
        facts=_facts(address, kind, role, stages),
        suggestion=_suggestion(address, kind, stages) if kind.meant else None,
        recheck_at=recheck.at if recheck else None,
        evidence=evidence,
    )


def _since(reason: Reason, at: datetime, stages: Stages) -> datetime:
    """When the reason became known: what rests on an earlier check is no younger than that."""
    said = stages.mailbox
    return said.checked_at if said and said.checked_at and said.reason is reason else at


_NO_MAIL = {
    Route.NOT_FOUND: Reason.DOMAIN_NOT_FOUND,
    Route.NO_MAIL: Reason.DOMAIN_HAS_NO_MAIL,
    Route.NULL_MX: Reason.NULL_MX,
    Route.MX_UNRESOLVABLE: Reason.MX_UNRESOLVABLE,
    Route.MX_UNROUTABLE: Reason.MX_UNROUTABLE,
}
_HIDDEN = {
    Route.TIMEOUT: Reason.DNS_TIMEOUT,
    Route.SERVFAIL: Reason.DNS_SERVFAIL,
    Route.REFUSED: Reason.DNS_REFUSED,
}


def _reason(address: Address, kind: DomainKind, role: bool, stages: Stages) -> Reason:
    route = stages.domain.route if stages.domain else None
    if route in _NO_MAIL:
        return _NO_MAIL[route]
    said = stages.mailbox.reason if stages.mailbox else None
    if said and JUDGEMENTS[said].status is VerdictStatus.UNDELIVERABLE:
        return said
    return (
        risk_of(address, kind, role and not stages.expects_role)
        or said
        or (_HIDDEN.get(route) if route else None)
        or _unlooked(route, stages.sighting)
    )


def risk_of(address: Address, kind: DomainKind, role: bool) -> Reason | None:
    """Risks that hold whether or not the mailbox exists, gravest first."""
    if kind.is_disposable:
        return Reason.DISPOSABLE
    if kind.is_typo_trap:
        return Reason.TYPO_SUSPECTED
    if kind.is_privacy_relay:
        return Reason.PRIVACY_RELAY
    if role:
        return Reason.ROLE_ACCOUNT
    return Reason.GIBBERISH_LOCAL if facts.is_gibberish(address.local) else None


def _unlooked(route: Route | None, sighting: Sighting | None) -> Reason:
    if sighting and sighting.age_days is not None and sighting.age_days > STALE_AFTER:
        return Reason.STALE
    return Reason.MAILBOX_NOT_CHECKED if route is Route.MAIL else Reason.NOT_CHECKED


def _confidence(reason: Reason, stages: Stages) -> tuple[list[Evidence], float]:
    """Sightings move the confidence of addresses nobody has probed; what was proved stays as the table has it."""
    base = stages.confidences.get(reason, JUDGEMENTS[reason].confidence)
    sighting = stages.sighting
    if reason not in {Reason.NOT_CHECKED, Reason.MAILBOX_NOT_CHECKED} or sighting is None:
        return [], base
    rows, confidence = moved(base, sighting.age_days, sighting.sources, SIGHTING_BITS)
    return list(rows), confidence


def _lifetime(of_reason: timedelta, domain: DomainFacts | None) -> timedelta:
    """No verdict outlives the DNS facts it rests on, except that an hour is always granted to save the resolver."""
    if domain is None or domain.valid_for is None:
        return of_reason
    return min(of_reason, max(domain.valid_for, ONE_HOUR))


def _facts(address: Address, kind: DomainKind, role: bool, stages: Stages) -> EmailFacts:
    domain = stages.domain
    return EmailFacts(
        domain=address.domain,
        dedupe_key=facts.dedupe_key(address),
        provider=kind.provider or (domain.provider if domain else None),
        is_free=kind.is_free,
        is_role=role,
        is_disposable=kind.is_disposable,
        is_privacy_relay=kind.is_privacy_relay,
        needs_smtputf8=address.needs_smtputf8,
        mx_host=domain.mx_hosts[0] if domain and domain.mx_hosts else None,
        implicit_mx=domain.implicit_mx if domain and domain.route is Route.MAIL else None,
        is_catch_all=stages.mailbox.is_catch_all if stages.mailbox else None,
        smtp_stage=stages.mailbox.stage if stages.mailbox else None,
        smtp_reply=(stages.mailbox.reply or None) if stages.mailbox else None,
        has_spf=domain.has_spf if domain else None,
        dmarc_policy=domain.dmarc_policy if domain else None,
        mta_sts=domain.mta_sts if domain else None,
    )


def _suggestion(address: Address, kind: DomainKind, stages: Stages) -> Suggestion | None:
    """Only if the typed domain has no mail, or is a known trap, and nothing says that the suggested one has none."""
    if kind.meant is None:
        return None
    typed_has_no_mail = stages.domain is not None and stages.domain.route in _NO_MAIL
    if not (typed_has_no_mail or kind.is_typo_trap):
        return None
    meant = stages.known_domains(kind.meant)
    has_mx = None if meant is None or meant.route in _HIDDEN else meant.route is Route.MAIL
    if has_mx is False:
        return None
    confidence = 0.95 if typed_has_no_mail and has_mx else 0.85
    return Suggestion(f"{address.local}@{kind.meant}", confidence, has_mx)
