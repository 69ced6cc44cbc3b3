"""E-mail addresses as typed → one cheap canonical form. The verdict on syntax and delivery is ``deliverability``'s."""

import re
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.normalise.columns import Column, as_strings
from bureau.normalise.problems import Problem
from bureau.normalise.text import fold, is_missing

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])"
# What most addresses look like; the same pattern serves Arrow (RE2), so keep to what both understand.
_PLAIN = rf"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@{_DOMAIN}"
# Words that stand for "no e-mail": alone before the @ at any domain, or on both sides (teste@teste.com).
_NOTHING = "nao[._]?(?:tem|possui|consta|informad[oa]|informou)|sem?[._]?e?mail|x+|0+"
_FILLER = f"(?:{_NOTHING}|a+|1|123|testes?|e-?mail|mail|nome|fulano|exemplo|nt|na|nulo|null|nenhum|nao|sem|tem)"
_PLACEHOLDER = (
    rf"(?:{_NOTHING})@.*|{_FILLER}@{_FILLER}\..*|.*@(?:x+|a+|testes?|exemplo|example|naotem)\.(?:com|net)(?:\.br)?"
)
_BRACKETED = re.compile("<([^<>@]*@[^<>@]*)>")
_NOISE = re.compile("[\u200b-\u200f\ufeff\u00ad\\x00-\\x1f\\x7f]")
_CELL = re.compile(r"[|;,/\s]+")
_NOT_IN_LOCAL = re.compile(r"[\s,;:<>()\"\[\]\\]|\.\.|^\.|\.$|^$")
_LONGEST = 400  # characters: an address has 254 at most (RFC 5321), the rest is a display name

_is_domain = re.compile(_DOMAIN).fullmatch
_is_plain = re.compile(_PLAIN).fullmatch
_is_placeholder = re.compile(_PLACEHOLDER).fullmatch


class EmailProblem(Problem):
    MISSING = "missing"
    PLACEHOLDER = "placeholder"
    NO_AT = "no_at"
    SEVERAL_AT = "several_at"
    BAD_LOCAL = "bad_local"
    BAD_DOMAIN = "bad_domain"
    TOO_LONG = "too_long"


class Email(msgspec.Struct, frozen=True):
    """A lower-case address with an ASCII domain; ``repairs`` name what was changed beyond letter case."""

    address: str
    repairs: tuple[str, ...] = ()


def parse_email(text: str | None) -> Email | EmailProblem:
    """Read one address. Letter case of the local part is given up: no provider of note tells it apart."""
    raw = (text or "").strip().lower()
    if len(raw) > _LONGEST:
        return EmailProblem.TOO_LONG
    bare, repairs = (raw, ()) if _is_plain(raw) else _unwrapped(_NOISE.sub("", raw).strip())
    if bare.count("@") != 1:
        return _without_address(bare)
    local, _, typed = bare.partition("@")
    domain, more = _domain(typed)
    if _NOT_IN_LOCAL.search(local):
        return EmailProblem.BAD_LOCAL
    if not _is_domain(domain):
        return EmailProblem.BAD_DOMAIN
    address = f"{local}@{domain}"
    return EmailProblem.PLACEHOLDER if _is_placeholder(address) else Email(address, repairs + more)


def _without_address(text: str) -> EmailProblem:
    if "@" in text:
        return EmailProblem.SEVERAL_AT
    return EmailProblem.MISSING if is_missing(fold(text)) else EmailProblem.NO_AT


def _unwrapped(raw: str) -> tuple[str, tuple[str, ...]]:
    """The address without the decoration of mail programs: display name, mailto:, quotes, trailing punctuation."""
    repairs: list[str] = []
    if bracketed := _BRACKETED.search(raw):
        raw, repairs = bracketed[1].strip(), [*repairs, "display_name_removed"]
    if raw.startswith("mailto:"):
        raw, repairs = raw.removeprefix("mailto:").split("?")[0], [*repairs, "mailto_removed"]
    trimmed = raw.strip(" '\"<>()[].,;:\u00a0")
    if trimmed != raw:
        repairs.append("punctuation_trimmed")
    joined = re.sub(r"\s*@\s*", "@", trimmed)
    if joined != trimmed:
        repairs.append("blanks_removed")
    return joined, tuple(repairs)


def _domain(domain: str) -> tuple[str, tuple[str, ...]]:
    repairs: list[str] = []
    if "," in domain:
        domain, repairs = domain.replace(",", "."), ["comma_replaced"]
    if " " in domain:
        domain, repairs = domain.replace(" ", ""), [*repairs, "blanks_removed"]
    if not domain.isascii():
        try:
            return domain.encode("idna").decode("ascii"), (*repairs, "domain_to_ascii")
        except UnicodeError:
            return domain, tuple(repairs)
    return domain, tuple(repairs)


def split_emails(cell: str | None) -> list[str]:
    """The addresses of a cell that holds several, separated by ``| ; , /`` or blanks."""
    text = cell or ""
    if text.count("@") <= 1:
        return [text.strip()] if text.strip() else []
    bracketed = _BRACKETED.findall(text)
    return bracketed or [part for part in _CELL.split(text) if part]


class EmailColumn(NamedTuple):
    """``addresses`` are null where there is a problem; ``problems`` are codes of :class:`EmailProblem`, 0 for none."""

    addresses: pa.Array
    problems: NDArray[np.uint8]


def emails(column: Column) -> EmailColumn:
    """The columnar form of :func:`parse_email`."""
    lower = pc.ascii_lower(as_strings(column).fill_null(""))
    plain = pc.and_(pc.match_substring_regex(lower, f"^{_PLAIN}$"), pc.less_equal(pc.binary_length(lower), _LONGEST))
    placeholder = pc.and_(plain, pc.match_substring_regex(lower, f"^(?:{_PLACEHOLDER})$"))
    empty = pc.equal(lower, "")
    codes = pc.if_else(empty, EmailProblem.MISSING.code, pc.if_else(placeholder, EmailProblem.PLACEHOLDER.code, 0))
    problems = codes.to_numpy(zero_copy_only=False).astype(np.uint8)
    odd = pc.invert(pc.or_(plain, empty)).to_numpy(zero_copy_only=False)
    parsed = [parse_email(text) for text in lower.filter(pa.array(odd)).to_pylist()]
    problems[odd] = [0 if isinstance(item, Email) else item.code for item in parsed]
    read = pa.array([item.address if isinstance(item, Email) else None for item in parsed], pa.string())
    addresses = pc.replace_with_mask(lower, pa.array(odd), read)
    return EmailColumn(pc.if_else(pa.array(problems == 0), addresses, None), problems)
