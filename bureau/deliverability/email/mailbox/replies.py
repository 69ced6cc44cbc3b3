"""What an SMTP reply means: by stage, then first digit, then enhanced status code (RFC 3463), and by text last.

Free text misleads: Postfix words every refusal of a recipient, temporary ones too, as "Recipient address rejected".
So a 4xx never says that a mailbox does not exist, and 5.7.x is about the prober unless the text names the recipient.
Server wording is quoted beside the rule it justifies.
"""

import re
from enum import StrEnum

import msgspec

from bureau.deliverability.email.reasons import Reason


class Stage(StrEnum):
    CONNECT = "connect"
    BANNER = "banner"
    EHLO = "ehlo"
    TLS = "tls"
    MAIL = "mail"
    RCPT = "rcpt"


class Reply(msgspec.Struct, frozen=True):
    """A whole reply: ``enhanced`` is ``(class, subject, detail)`` if there was one that agrees with ``code``."""

    code: int
    enhanced: tuple[int, int, int] | None
    text: str

    @property
    def brief(self) -> str:
        """The codes alone: fit for evidence and logs, unlike the text, which repeats addresses."""
        return f"{self.code} {'.'.join(map(str, self.enhanced))}" if self.enhanced else str(self.code)


_LINE = re.compile(r"([2-5]\d\d)(?:[ -](.*))?\Z", re.DOTALL)
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\d|\.\d)")
_ADDRESS = re.compile(r"<[^<>]*>|\S*@\S*")  # addresses are the client's words, not the server's


def parse_reply(lines: list[str]) -> Reply | None:
    """A reply from its lines without line ends; ``None`` if it is not SMTP."""
    found = [_LINE.match(line) for line in lines]
    if not found or not all(found) or len({match[1] for match in found if match}) != 1:
        return None
    code = int(found[0][1]) if found[0] else 0
    texts = [match[2] or "" for match in found if match]
    enhanced = _ENHANCED.match(texts[0].lstrip(" #"))
    numbers = (int(enhanced[1]), int(enhanced[2]), int(enhanced[3])) if enhanced else None
    if numbers and numbers[0] != code // 100:
        numbers = None
    return Reply(code, numbers, _ADDRESS.sub(" ", " ".join(texts)).lower())


def _any_of(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


_GREY = _any_of("gr[ea]y ?-?list", "postgrey", "try again (?:later|in)", "retry (?:later|in)", "tente novamente")
_BLOCKED = _any_of(
    r"block(?:ed|list)", "black ?-?list", "spam", "barracuda", "sorbs", r"\brbl\b", "dnsbl", "client host",
    "open relay", "reputation", "banned", "your (?:ip|host|server)", "poor standing", r"\btss?\d\d\b", "access denied",
)  # fmt: skip
_RDNS = _any_of("reverse", r"\bptr\b", "rdns", "cannot find your hostname", "fcrdns")
_RATE = _any_of("rate", "too (?:many|quickly|fast|much)", r"\btss?\d\d\b", "throttl", "unusual", "connections? from")
_ERRORS = _any_of("too many errors", "too many (?:bad|invalid|unknown)", "too many recipients", "error limit")
_TLS = _any_of("starttls", r"\btls\b", r"\bssl\b", "encrypt")
_AUTH = _any_of("authentic", "auth required", "log ?in", "not authenticated")
_RELAY = _any_of(
    "relay", "not (?:a )?local domain", "domain not (?:found|served|hosted)", "not in my domains", "rcpthosts"
)
_SENDER = _any_of("sender", r"mail from", r"\bspf\b", "dmarc", "return path", "remetente")
_HELO = _any_of(r"\behlo\b", r"\bhelo\b")
_QUOTA = _any_of("quota", "full", "over ?limit", "exceed", "storage", "caixa cheia", "lotada")
_LOCAL = _any_of("local (?:problem|error)", "internal error", "lookup fail")
_STORAGE = _any_of("system storage", "disk", "insufficient", "free space")
_DISABLED = _any_of("disabled", "inactive", "suspend", "deactivat", "locked", "desativad", "inativ", "bloquead")
_MOVED = _any_of("moved", "new address", "no longer", "left the company")
_NOBODY = _any_of(
    "user unknown", "unknown (?:user|recipient|address|local)", "unrouteable", "no such", "not found",
    "does ?n[o']t exist", "no user",
    "invalid (?:recipient|mailbox|address)", "mailbox unavailable", "no mailbox", "recipient unknown", "not a known",
    "not have an? .*account", "inexistente", "desconhecid", "n[aã]o existe",
)  # fmt: skip
_UTF8 = _any_of("smtputf8", "internationali[sz]ed", "non-ascii")


def read(stage: Stage, reply: Reply, mx_host: str = "") -> Reason | None:
    """What a reply means, or ``None`` for "go on" (at RCPT: accepted; whether of anybody is another question)."""
    kind = reply.code // 100
    if kind == 3:
        return Reason.PROTOCOL_ERROR
    if stage is Stage.RCPT:
        return _recipient(kind, reply, mx_host)
    if kind == 2:
        return None
    if stage is Stage.TLS:
        return Reason.TLS_FAILED
    return _before_recipient(stage, kind, reply)


def _before_recipient(stage: Stage, kind: int, reply: Reply) -> Reason:  # noqa: PLR0911  one return a rule, in order
    """Refusals before a recipient was named: about us or about them, never about the contact."""
    text = reply.text
    if _TLS.search(text):
        return Reason.TLS_REQUIRED  # "530 5.7.0 Must issue a STARTTLS command first"
    if reply.code == 530 or _AUTH.search(text):
        return Reason.AUTH_REQUIRED
    if _RDNS.search(text):
        return Reason.RDNS_REQUIRED
    if kind == 4 and _RATE.search(text):
        return Reason.RATE_LIMITED  # "421 4.7.0 [TSS04] Messages temporarily deferred due to unusual ... volume"
    if reply.enhanced and reply.enhanced[1] == 3:
        return _system(kind, reply.enhanced[2])  # before words: Postfix says "Client host rejected" to everybody
    if _BLOCKED.search(text):
        return Reason.IP_BLOCKLISTED
    if kind == 4:
        return Reason.SENDER_REJECTED if stage is Stage.MAIL and _SENDER.search(text) else Reason.SERVER_BUSY
    if reply.code in (500, 502, 503):
        return Reason.PROTOCOL_ERROR
    if stage is Stage.EHLO:
        return Reason.HELO_REJECTED
    if stage is Stage.MAIL:
        return Reason.SENDER_REJECTED
    return Reason.SERVER_ERROR if reply.code == 521 else Reason.IP_BLOCKLISTED  # RFC 7504: 521 takes no mail at all


def _system(kind: int, detail: int) -> Reason:
    """X.3.x: the mail system's own state."""
    if kind == 5:
        return Reason.SERVER_ERROR
    return Reason.SERVER_STORAGE if detail == 1 else Reason.SERVER_BUSY


def _recipient(kind: int, reply: Reply, mx_host: str) -> Reason | None:
    if kind == 2:
        return Reason.AMBIGUOUS_REPLY if reply.code == 252 else None
    if reply.code == 421:
        return _closing(reply.text)
    if _GREY.search(reply.text) and (kind == 4 or "list" in reply.text or "grey" in reply.text):
        return Reason.GREYLISTED  # before the codes: Stalwart greylists with "452 4.2.2 Greylisted"
    return _temporary(reply) if kind == 4 else _permanent(reply, mx_host)


def _closing(text: str) -> Reason:
    """421 says nothing of the current recipient, whatever it says."""
    if _ERRORS.search(text):
        return Reason.TOO_MANY_ERRORS
    if _RATE.search(text):
        return Reason.RATE_LIMITED
    return Reason.IP_BLOCKLISTED if _BLOCKED.search(text) else Reason.SERVER_BUSY


_TEMPORARY = {
    (2, 0): Reason.GREYLISTED,
    (
        2,
        1,
    ): Reason.RECIPIENT_RATE_LIMITED,  # "450 4.2.1 The user you are trying to contact is receiving mail too quickly"
    (2, 2): Reason.MAILBOX_FULL,
    (3, 1): Reason.SERVER_STORAGE,  # "452 4.3.1 Insufficient system storage"
    (5, 3): Reason.TOO_MANY_ERRORS,  # too many recipients: a new connection will do
    (1, 7): Reason.SENDER_REJECTED,
    (1, 8): Reason.SENDER_REJECTED,  # "450 4.1.8 Sender address rejected: Domain not found"
}


def _temporary(reply: Reply) -> Reason:  # noqa: PLR0911  one return a rule, in order
    text = reply.text
    _, subject, detail = reply.enhanced or (4, 0, 0)
    exact = _TEMPORARY.get((subject, detail))
    if exact:
        return exact
    if subject in (3, 4):
        return Reason.SERVER_ERROR
    if subject == 7 and detail >= 500:
        return (
            Reason.RATE_LIMITED
        )  # Microsoft: "451 4.7.500 Server busy", "451 4.7.650 ... has been temporarily rate limited"
    if _TLS.search(text):
        return Reason.TLS_REQUIRED
    if _RDNS.search(text):
        return Reason.RDNS_REQUIRED  # "450 4.7.25 Client host rejected: cannot find your hostname"
    if _BLOCKED.search(text):
        return Reason.IP_BLOCKLISTED
    if reply.code == 452 and _ERRORS.search(text):
        return Reason.TOO_MANY_ERRORS  # Exim: "452 too many recipients"
    if reply.code == 452:
        return Reason.MAILBOX_FULL if _QUOTA.search(text) and not _STORAGE.search(text) else Reason.SERVER_STORAGE
    if _RATE.search(text):
        return Reason.RATE_LIMITED
    if _LOCAL.search(text):
        return Reason.SERVER_ERROR  # Exim: "451 Temporary local problem - please try later"
    if subject == 7 or (reply.enhanced is None and reply.code in (450, 451)):
        return Reason.GREYLISTED
    return Reason.AMBIGUOUS_REPLY  # "450 4.1.1 unverified address" and the like: a 4xx is never a "no"


_PERMANENT = {
    (1, 0): None,
    (1, 1): Reason.MAILBOX_NOT_FOUND,
    (1, 2): Reason.DOMAIN_NOT_SERVED,
    (1, 3): Reason.MAILBOX_NOT_FOUND,
    (1, 6): Reason.MAILBOX_MOVED,
    (1, 7): Reason.SENDER_REJECTED,
    (1, 8): Reason.SENDER_REJECTED,
    (1, 10): Reason.MAILBOX_NOT_FOUND,  # Exchange Online: "550 5.1.10 RESOLVER.ADR.RecipientNotFound"
    (2, 1): Reason.MAILBOX_DISABLED,
    (2, 2): Reason.MAILBOX_FULL,
    (5, 3): Reason.TOO_MANY_ERRORS,
    (6, 7): Reason.SMTPUTF8_UNSUPPORTED,
}


def _permanent(reply: Reply, mx_host: str) -> Reason:  # noqa: PLR0911  one return a rule, in order
    if reply.code == 556:
        return Reason.NULL_MX  # RFC 7505: "556 5.1.10 Recipient address has null MX"
    _, subject, detail = reply.enhanced or (5, 0, 0)
    exact = _PERMANENT.get((subject, detail))
    if exact:
        return exact
    if mx_host.endswith(".mail.protection.outlook.com") and (subject, detail) == (4, 1):
        return Reason.MAILBOX_NOT_FOUND  # "550 5.4.1 Recipient address rejected: Access denied": not in the directory
    if mx_host.endswith(".olc.protection.outlook.com") and (subject, detail) == (5, 0):
        return Reason.MAILBOX_NOT_FOUND  # "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302)"
    if subject == 3:
        return Reason.SERVER_ERROR
    if subject == 7 or reply.code == 530:
        return _policy(reply.text)
    if reply.code in (551, 552):
        return Reason.MAILBOX_MOVED if reply.code == 551 else Reason.MAILBOX_FULL
    if reply.code in (500, 502, 503):
        return Reason.PROTOCOL_ERROR
    return _worded(reply.text)


def _policy(text: str) -> Reason:
    """5.7.x: about the prober, unless the text speaks of relaying or names the recipient."""
    if _RELAY.search(text):
        return Reason.DOMAIN_NOT_SERVED  # "554 5.7.1 Relay access denied"
    about_us = _about_us(text)
    if about_us is None and _NOBODY.search(text):
        return Reason.MAILBOX_NOT_FOUND
    return about_us or Reason.IP_BLOCKLISTED


def _about_us(text: str) -> Reason | None:
    for pattern, reason in (
        (_TLS, Reason.TLS_REQUIRED),
        (_RDNS, Reason.RDNS_REQUIRED),
        (_BLOCKED, Reason.IP_BLOCKLISTED),  # "550 5.7.1 Service unavailable; client host blocked using spamhaus"
        (_AUTH, Reason.AUTH_REQUIRED),
        (_HELO, Reason.HELO_REJECTED),
        (_SENDER, Reason.SENDER_REJECTED),
    ):
        if pattern.search(text):
            return reason
    return None


def _worded(text: str) -> Reason:
    """A permanent refusal without a telling code: words are all there is, and doubt favours the contact."""
    if _RELAY.search(text):
        return Reason.DOMAIN_NOT_SERVED
    about_us = _about_us(text)
    if about_us:
        return about_us
    for pattern, reason in (
        (_UTF8, Reason.SMTPUTF8_UNSUPPORTED),
        (_DISABLED, Reason.MAILBOX_DISABLED),
        (_MOVED, Reason.MAILBOX_MOVED),
        (_QUOTA, Reason.MAILBOX_FULL),
        (_NOBODY, Reason.MAILBOX_NOT_FOUND),
    ):
        if pattern.search(text):
            return reason
    return Reason.AMBIGUOUS_REPLY
