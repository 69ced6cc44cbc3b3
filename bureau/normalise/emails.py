"""E-mail addresses as typed → one cheap canonical form. The verdict on syntax and delivery is ``deliverability``'s."""

import re
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bureau.normalise.columns import Column, as_strings
from bureau.normalise.problems import Problem
from bureau.normalise.text import fold, is_missing

_BRACKETED = re.compile(r"<([^<>]*@[^<>]*)>")
_PLAIN = re.compile(r"[^\s@,;:<>()\"\[\]\\]+@[^\s@,;:<>()\"\[\]\\]+")
_NOISE = re.compile("[\u200b-\u200f\ufeff\u00ad\\x00-\\x1f\\x7f]")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_CELL = re.compile(r"[|;,/\s]+")
_PLACEHOLDER_LOCALS = frozenset(
    "x xx xxx xxxx a aa aaa 0 00 1 123 teste test email e-mail mail nome fulano naotem nao_tem nao.tem naopossui semail"
    " sememail semail sem_email sem.email nt naoinformado nao.informado naoinformou nulo null na n.a nenhum exemplo".split()
)
_PLACEHOLDER_DOMAINS = frozenset(
    "x.com xx.com xxx.com a.com x.com.br teste.com test.com teste.com.br exemplo.com".split()
)


class EmailProblem(Problem):
    MISSING = "missing"
    PLACEHOLDER = "placeholder"
    NO_AT = "no_at"
    SEVERAL_AT = "several_at"
    BAD_LOCAL = "bad_local"
    BAD_DOMAIN = "bad_domain"


class Email(msgspec.Struct, frozen=True):
    """A lower-case address with an ASCII domain; ``repairs`` name what was changed beyond letter case."""

    address: str
    repairs: tuple[str, ...] = ()


def parse_email(text: str | None) -> Email | EmailProblem:
    """Read one address. Letter case of the local part is given up: no provider of note tells it apart."""
    raw = _NOISE.sub("", text or "").strip()
    if is_missing(fold(raw)):
        return EmailProblem.MISSING
    bare, repairs = _unwrapped(raw.lower())
    if bare.count("@") != 1:
        return EmailProblem.SEVERAL_AT if "@" in bare else EmailProblem.NO_AT
    local, _, domain = bare.partition("@")
    domain, domain_repairs = _domain(domain)
    if not local or local.startswith(".") or local.endswith(".") or ".." in local or re.search(r"[\s,;:<>()\"]", local):
        return EmailProblem.BAD_LOCAL
    if not _DOMAIN.fullmatch(domain):
        return EmailProblem.BAD_DOMAIN
    if local in _PLACEHOLDER_LOCALS or domain in _PLACEHOLDER_DOMAINS:
        return EmailProblem.PLACEHOLDER
    return Email(f"{local}@{domain}", repairs + domain_repairs)


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
    encoded = as_strings(column).fill_null("").dictionary_encode()
    parsed = [parse_email(value) for value in encoded.dictionary.to_pylist()]
    found = pa.array([item.address if isinstance(item, Email) else None for item in parsed], pa.string())
    codes = np.array([0 if isinstance(item, Email) else item.code for item in parsed], np.uint8)
    return EmailColumn(found.take(encoded.indices), codes[encoded.indices.to_numpy()])
