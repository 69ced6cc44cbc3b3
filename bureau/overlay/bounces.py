"""Which kind of bounce a refusal is: about the mailbox for good, about it for now, or about the sender.

The same reading as of replies to a probe (``deliverability.email.mailbox.replies``), because it is the same sentence,
quoted by a provider: "hard" needs a permanent code and a reason that is the contact's.
"""

import re

from bureau.deliverability.email.mailbox.replies import Stage, parse_reply, read
from bureau.deliverability.email.reasons import JUDGEMENTS, Fault
from bureau.model.answer import VerdictStatus
from bureau.overlay.events import Kind

_REPLY = re.compile(r"\b([245]\d\d)[ -]")
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_NOT_THE_MAILBOX = frozenset({3, 4, 5, 6, 7})  # RFC 3463 subjects: system, network, protocol, content, policy
_STILL_THERE = frozenset({(2, 2), (2, 3), (2, 4)})  # full, message too large, mailing list expansion


def status_code(text: str | None) -> str | None:
    """The RFC 3463 code in a text, ``5.1.1``."""
    found = _STATUS.search(text or "")
    return found[0] if found else None


def bounce_kind(status: str | None, diagnostic: str | None) -> Kind:
    """What a bounce with that RFC 3463 ``status`` and the server's own words says. Neither: a soft one, for nothing
    is known to be permanent."""
    quoted = _REPLY.search(diagnostic or "")
    if diagnostic and quoted:
        reply = parse_reply([re.sub(r"\s+", " ", diagnostic[quoted.start() :])])
        reason = read(Stage.RCPT, reply) if reply else None
        if reason:
            return _of_judgement(JUDGEMENTS[reason].status, JUDGEMENTS[reason].fault)
    found = _STATUS.search(status or diagnostic or "")
    return _of_status(int(found[1]), int(found[2]), int(found[3])) if found else Kind.SOFT_BOUNCE


def _of_judgement(status: VerdictStatus, fault: Fault) -> Kind:
    if fault is Fault.OURS:  # of whoever sent, that is
        return Kind.BLOCK
    return Kind.HARD_BOUNCE if status is VerdictStatus.UNDELIVERABLE else Kind.SOFT_BOUNCE


def _of_status(kind: int, subject: int, detail: int) -> Kind:
    if kind == 5 and subject == 7:
        return Kind.BLOCK
    if kind != 5 or subject in _NOT_THE_MAILBOX or (subject, detail) in _STILL_THERE:
        return Kind.SOFT_BOUNCE
    return Kind.HARD_BOUNCE
