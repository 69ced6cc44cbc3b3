"""Every reason an e-mail verdict can have, with what it means for the sender. Plain data.

A reason decides status, action, how sure the status is, and how long the verdict may be reused. Temporary trouble, and
trouble of our own making, is always ``unknown``: it says nothing about the mailbox. ``confidence`` is the probability
that the status is right; for ``unknown`` it is the probability that the address takes mail all the same (*assumed*
until bounces calibrate it).
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

import msgspec

from bureau.model.answer import Action, VerdictStatus


class Reason(StrEnum):
    """Machine-readable and stable; clients must tolerate new ones."""

    SYNTAX_INVALID = "syntax_invalid"
    DOMAIN_NOT_FOUND = "domain_not_found"
    DOMAIN_HAS_NO_MAIL = "domain_has_no_mail"
    NULL_MX = "null_mx"
    MX_UNRESOLVABLE = "mx_unresolvable"
    MX_UNROUTABLE = "mx_unroutable"
    DOMAIN_NOT_SERVED = "domain_not_served"
    MAILBOX_NOT_FOUND = "mailbox_not_found"
    MAILBOX_DISABLED = "mailbox_disabled"
    MAILBOX_MOVED = "mailbox_moved"
    SMTPUTF8_UNSUPPORTED = "smtputf8_unsupported"
    HARD_BOUNCED = "hard_bounced"
    SUPPRESSED_COMPLAINT = "suppressed_complaint"
    SUPPRESSED_OPT_OUT = "suppressed_opt_out"
    SUPPRESSED_LEGAL = "suppressed_legal"

    CATCH_ALL = "catch_all"
    MAILBOX_FULL = "mailbox_full"
    ROLE_ACCOUNT = "role_account"
    DISPOSABLE = "disposable"
    PRIVACY_RELAY = "privacy_relay"
    TYPO_SUSPECTED = "typo_suspected"
    SPAM_TRAP_SUSPECTED = "spam_trap_suspected"
    PROVIDER_UNVERIFIABLE = "provider_unverifiable"
    RECIPIENT_RATE_LIMITED = "recipient_rate_limited"
    SOFT_BOUNCED = "soft_bounced"
    STALE = "stale"
    GIBBERISH_LOCAL = "gibberish_local"
    PARKED_DOMAIN = "parked_domain"
    GREYLIST_PROBABLY_EXISTS = "greylist_probably_exists"

    NOT_CHECKED = "not_checked"
    MAILBOX_NOT_CHECKED = "mailbox_not_checked"

    GREYLISTED = "greylisted"
    SERVER_BUSY = "server_busy"
    SERVER_ERROR = "server_error"
    SERVER_STORAGE = "server_storage"
    CONNECT_TIMEOUT = "connect_timeout"
    CONNECT_REFUSED = "connect_refused"
    SMTP_TIMEOUT = "smtp_timeout"
    CONNECTION_DROPPED = "connection_dropped"
    PROTOCOL_ERROR = "protocol_error"
    TLS_FAILED = "tls_failed"
    TLS_REQUIRED = "tls_required"
    TOO_MANY_ERRORS = "too_many_errors"
    AMBIGUOUS_REPLY = "ambiguous_reply"

    IP_BLOCKLISTED = "ip_blocklisted"
    RDNS_REQUIRED = "rdns_required"
    HELO_REJECTED = "helo_rejected"
    SENDER_REJECTED = "sender_rejected"
    AUTH_REQUIRED = "auth_required"
    RATE_LIMITED = "rate_limited"
    PORT25_BLOCKED = "port25_blocked"
    PROBE_BUDGET_SPENT = "probe_budget_spent"
    PROVIDER_PAUSED = "provider_paused"
    PROBE_NOT_ALLOWED = "probe_not_allowed"

    DNS_TIMEOUT = "dns_timeout"
    DNS_SERVFAIL = "dns_servfail"
    DNS_REFUSED = "dns_refused"

    ACCEPTED_NOT_CATCH_ALL = "accepted_not_catch_all"
    CONFIRMED_BY_DELIVERY = "confirmed_by_delivery"


class Fault(StrEnum):
    """Who stood in the way of an answer. Only the contact's own reasons may count against the contact."""

    CONTACT = "contact"
    THEIRS = "theirs"
    OURS = "ours"
    DNS = "dns"


class Judgement(msgspec.Struct, frozen=True):
    status: VerdictStatus
    action: Action
    confidence: float
    lifetime: timedelta
    fault: Fault = Fault.CONTACT


_MINUTES = timedelta(minutes=1)
_HOURS = timedelta(hours=1)
_DAYS = timedelta(days=1)


def _undeliverable(confidence: float, lifetime: timedelta) -> Judgement:
    return Judgement(VerdictStatus.UNDELIVERABLE, Action.DO_NOT_SEND, confidence, lifetime)


def _risky(action: Action, confidence: float, lifetime: timedelta) -> Judgement:
    return Judgement(VerdictStatus.RISKY, action, confidence, lifetime)


def _unknown(fault: Fault, lifetime: timedelta, confidence: float = 0.7) -> Judgement:
    return Judgement(VerdictStatus.UNKNOWN, Action.RECHECK, confidence, lifetime, fault)


def _unprobed(confidence: float, lifetime: timedelta) -> Judgement:
    return Judgement(VerdictStatus.UNKNOWN, Action.SEND_WITH_CARE, confidence, lifetime)


JUDGEMENTS: Mapping[Reason, Judgement] = MappingProxyType({
    Reason.SYNTAX_INVALID: _undeliverable(0.999, 3650 * _DAYS),
    Reason.DOMAIN_NOT_FOUND: _undeliverable(0.98, 3 * _DAYS),  # may be registered again, or be a lapse of days
    Reason.DOMAIN_HAS_NO_MAIL: _undeliverable(0.97, 3 * _DAYS),
    Reason.NULL_MX: _undeliverable(0.999, 30 * _DAYS),  # RFC 7505: the owner's own word
    Reason.MX_UNRESOLVABLE: _undeliverable(0.95, 1 * _DAYS),
    Reason.MX_UNROUTABLE: _undeliverable(0.97, 7 * _DAYS),
    Reason.DOMAIN_NOT_SERVED: _undeliverable(0.9, 7 * _DAYS),
    Reason.MAILBOX_NOT_FOUND: _undeliverable(0.97, 90 * _DAYS),
    Reason.MAILBOX_DISABLED: _undeliverable(0.95, 30 * _DAYS),
    Reason.MAILBOX_MOVED: _undeliverable(0.9, 90 * _DAYS),
    Reason.SMTPUTF8_UNSUPPORTED: _undeliverable(0.95, 30 * _DAYS),
    Reason.HARD_BOUNCED: _undeliverable(0.97, 180 * _DAYS),
    Reason.SUPPRESSED_COMPLAINT: _undeliverable(1.0, 3650 * _DAYS),
    Reason.SUPPRESSED_OPT_OUT: _undeliverable(1.0, 3650 * _DAYS),
    Reason.SUPPRESSED_LEGAL: _undeliverable(1.0, 3650 * _DAYS),
    Reason.CATCH_ALL: _risky(Action.SEND_WITH_CARE, 0.9, 7 * _DAYS),
    Reason.MAILBOX_FULL: _risky(Action.RECHECK, 0.9, 3 * _DAYS),
    Reason.ROLE_ACCOUNT: _risky(Action.SEND_WITH_CARE, 0.9, 30 * _DAYS),
    Reason.DISPOSABLE: _risky(Action.DO_NOT_SEND, 0.95, 30 * _DAYS),
    Reason.PRIVACY_RELAY: _risky(Action.SEND_WITH_CARE, 0.95, 30 * _DAYS),
    Reason.TYPO_SUSPECTED: _risky(Action.DO_NOT_SEND, 0.9, 30 * _DAYS),
    Reason.SPAM_TRAP_SUSPECTED: _risky(Action.DO_NOT_SEND, 0.6, 90 * _DAYS),
    Reason.PROVIDER_UNVERIFIABLE: _risky(Action.SEND_WITH_CARE, 0.8, 30 * _DAYS),
    Reason.RECIPIENT_RATE_LIMITED: _risky(Action.SEND_WITH_CARE, 0.9, 1 * _DAYS),
    Reason.SOFT_BOUNCED: _risky(Action.RECHECK, 0.8, 3 * _DAYS),
    Reason.STALE: _risky(Action.RECHECK, 0.7, 7 * _DAYS),  # 29.7 % of e-mails outlive four years
    Reason.GIBBERISH_LOCAL: _risky(Action.SEND_WITH_CARE, 0.6, 30 * _DAYS),
    Reason.PARKED_DOMAIN: _risky(Action.DO_NOT_SEND, 0.8, 7 * _DAYS),
    Reason.GREYLIST_PROBABLY_EXISTS: _risky(Action.SEND_WITH_CARE, 0.85, 6 * _MINUTES),
    Reason.NOT_CHECKED: _unprobed(0.7, 1 * _DAYS),
    Reason.MAILBOX_NOT_CHECKED: _unprobed(0.8, 7 * _DAYS),
    Reason.GREYLISTED: _unknown(Fault.THEIRS, 6 * _MINUTES),  # postgrey's default delay is 300 s
    Reason.SERVER_BUSY: _unknown(Fault.THEIRS, 30 * _MINUTES),
    Reason.SERVER_ERROR: _unknown(Fault.THEIRS, 30 * _MINUTES),
    Reason.SERVER_STORAGE: _unknown(Fault.THEIRS, 4 * _HOURS),
    Reason.CONNECT_TIMEOUT: _unknown(Fault.THEIRS, 30 * _MINUTES, 0.5),
    Reason.CONNECT_REFUSED: _unknown(Fault.THEIRS, 4 * _HOURS, 0.4),
    Reason.SMTP_TIMEOUT: _unknown(Fault.THEIRS, 30 * _MINUTES),
    Reason.CONNECTION_DROPPED: _unknown(Fault.THEIRS, 30 * _MINUTES),
    Reason.PROTOCOL_ERROR: _unknown(Fault.THEIRS, 4 * _HOURS),
    Reason.TLS_FAILED: _unknown(Fault.THEIRS, 4 * _HOURS),
    Reason.TLS_REQUIRED: _unknown(Fault.THEIRS, 30 * _MINUTES),
    Reason.TOO_MANY_ERRORS: _unknown(Fault.THEIRS, 30 * _MINUTES),
    Reason.AMBIGUOUS_REPLY: _unknown(Fault.THEIRS, 4 * _HOURS),
    Reason.IP_BLOCKLISTED: _unknown(Fault.OURS, 4 * _HOURS),
    Reason.RDNS_REQUIRED: _unknown(Fault.OURS, 4 * _HOURS),
    Reason.HELO_REJECTED: _unknown(Fault.OURS, 4 * _HOURS),
    Reason.SENDER_REJECTED: _unknown(Fault.OURS, 4 * _HOURS),
    Reason.AUTH_REQUIRED: _unknown(Fault.OURS, 1 * _DAYS),
    Reason.RATE_LIMITED: _unknown(Fault.OURS, 15 * _MINUTES),
    Reason.PORT25_BLOCKED: _unknown(Fault.OURS, 1 * _DAYS),
    Reason.PROBE_BUDGET_SPENT: _unknown(Fault.OURS, 1 * _DAYS),
    Reason.PROVIDER_PAUSED: _unknown(Fault.OURS, 15 * _MINUTES),
    Reason.PROBE_NOT_ALLOWED: _unknown(Fault.OURS, 7 * _DAYS),
    Reason.DNS_TIMEOUT: _unknown(Fault.DNS, 1 * _MINUTES),
    Reason.DNS_SERVFAIL: _unknown(Fault.DNS, 5 * _MINUTES, 0.5),  # RFC 2308: not to be kept beyond five minutes
    Reason.DNS_REFUSED: _unknown(Fault.DNS, 5 * _MINUTES, 0.5),
    Reason.ACCEPTED_NOT_CATCH_ALL: Judgement(VerdictStatus.DELIVERABLE, Action.SEND, 0.97, 90 * _DAYS),
    Reason.CONFIRMED_BY_DELIVERY: Judgement(VerdictStatus.DELIVERABLE, Action.SEND, 0.99, 180 * _DAYS),
})  # fmt: skip
