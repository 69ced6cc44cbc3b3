"""The first stage: wrappers taken off, then RFC 5321/6531 syntax.

Most addresses are plain ASCII and are decided by one regular expression, about 25 times as fast as email-validator;
everything else goes to email-validator (``strict``, no quoted local parts, no domain literals). A property test holds
the shortcut equal to the library. Spelling repairs (``,com``) belong to ``bureau.normalise.emails``, not here.
"""

import re
import unicodedata
from enum import StrEnum

import msgspec
from email_validator import EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

LONGEST = 1000  # characters looked at; no address has more than 254, and the library's work grows with the input


class SyntaxDetail(StrEnum):
    """What is wrong with the address, first fault from left to right."""

    NO_AT = "no_at"
    MANY_AT = "many_at"
    LOCAL_CHARS = "local_chars"
    LOCAL_DOTS = "local_dots"
    LOCAL_TOO_LONG = "local_too_long"
    DOMAIN_CHARS = "domain_chars"
    DOMAIN_LABEL = "domain_label"
    NO_TLD = "no_tld"
    SPECIAL_USE_DOMAIN = "special_use_domain"
    TOO_LONG = "too_long"
    QUOTED_LOCAL = "quoted_local"
    DOMAIN_LITERAL = "domain_literal"


class Address(msgspec.Struct, frozen=True, gc=False):
    """A syntactically valid address. ``domain`` is in ASCII (A-labels), ``text`` the form to show and to send to."""

    text: str
    local: str
    domain: str
    needs_smtputf8: bool = False

    @property
    def on_the_wire(self) -> str:
        """The form for SMTP: the domain in ASCII, so that only an international local part needs an extension."""
        return f"{self.local}@{self.domain}"


_ATOM = r"A-Za-z0-9_!#$%&'*+\-/=?^`{|}~"
_PLAIN = re.compile(
    rf"(?=.{{1,254}}\Z)((?=[.{_ATOM}]{{1,64}}@)[{_ATOM}]+(?:\.[{_ATOM}]+)*)@"
    r"(?i:((?=.{1,253}\Z)(?:(?!..--)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?!(?:arpa|invalid|local|localhost|onion|test)\Z|..--)(?:[a-z]|[a-z0-9][a-z0-9-]{0,61}[a-z])))\Z",
    re.ASCII,
)
_FOLDED_LOCALS = frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)  # RFC 2142: read in any case
_DISPLAY_NAME = re.compile(r"[^<>]*<([^<>]*)>\s*\Z")
_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x00AD])


def clean(text: str) -> str:
    """Take off what people paste around an address: blanks, ``mailto:``, a display name, trailing punctuation."""
    text = text[:LONGEST].translate(_INVISIBLE).strip()
    named = _DISPLAY_NAME.match(text)
    if named:
        text = named[1].strip()
    if text[:7].lower() == "mailto:":
        text = text[7:].split("?", 1)[0].strip()
    return text.rstrip(".,;:>").lstrip("<")


def parse(text: str) -> Address | SyntaxDetail:
    """The address in ``text``, or what is wrong with it."""
    plain = _PLAIN.match(text)
    if plain:
        return _plain(text, plain)
    text = clean(text)
    plain = _PLAIN.match(text)
    if plain:
        return _plain(text, plain)
    try:
        found = validate_email(text, check_deliverability=False, strict=True)
    except EmailNotValidError:
        return _fault(text)
    return Address(found.normalized, found.local_part, found.ascii_domain, found.smtputf8)


def _plain(text: str, match: re.Match[str]) -> Address:
    local, domain = match.group(1, 2)
    folded = local.lower()
    if folded not in _FOLDED_LOCALS:
        folded = local
    if not domain.islower():
        domain = domain.lower()
    elif folded is local:
        return Address(text, local, domain)
    return Address(f"{folded}@{domain}", folded, domain)


def _fault(text: str) -> SyntaxDetail:  # noqa: PLR0911  one return per fault, in the order of reading
    if "@" not in text:
        return SyntaxDetail.NO_AT
    if text.startswith('"'):
        return SyntaxDetail.QUOTED_LOCAL
    local, _, domain = text.partition("@")
    if "@" in domain:
        return SyntaxDetail.MANY_AT
    if not local or re.search(r"[^\w!#$%&'*+\-/=?^`{|}~.]", local) or _unsafe(local):
        return SyntaxDetail.LOCAL_CHARS
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return SyntaxDetail.LOCAL_DOTS
    if len(local) > 64:
        return SyntaxDetail.LOCAL_TOO_LONG
    return _domain_fault(domain, len(text.encode("utf-8", "replace")))


def _domain_fault(domain: str, length: int) -> SyntaxDetail:  # noqa: PLR0911  as above
    if domain.startswith("["):
        return SyntaxDetail.DOMAIN_LITERAL
    labels = domain.lower().split(".")
    if not domain or re.search(r"[^\w.-]|_", domain) or _unsafe(domain):
        return SyntaxDetail.DOMAIN_CHARS
    if length > 254 or len(domain) > 253:
        return SyntaxDetail.TOO_LONG
    if any(not label or len(label) > 63 or label[0] == "-" or label[-1] == "-" for label in labels):
        return SyntaxDetail.DOMAIN_LABEL
    if any(label[2:4] == "--" and label[:2] != "xn" for label in labels):
        return SyntaxDetail.DOMAIN_LABEL
    if len(labels) == 1 or not labels[-1][-1].isalpha():
        return SyntaxDetail.NO_TLD
    if labels[-1] in {"arpa", "invalid", "local", "localhost", "onion", "test"}:
        return SyntaxDetail.SPECIAL_USE_DOMAIN
    return SyntaxDetail.DOMAIN_CHARS


def _unsafe(text: str) -> bool:
    return any(unicodedata.category(character)[0] in "CZM" for character in text)
