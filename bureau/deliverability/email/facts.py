"""The second stage: what is known of an address without asking anybody.

Tables come from ``bureau.reference`` and the two lists beside this module. A privacy relay is not a disposable
address: mail to it reaches a person who wants to stay reachable.
"""

import re
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

from bureau.deliverability.email.syntax import Address
from bureau.reference.emails import disposable_email_domains, email_domain_typos, email_providers

_REAL_DOMAINS = frozenset({
    "aol.com.br", "big.com.br", "bl.com.br", "bn.com.br", "bola.com.br", "bom.com.br", "bool.com.br", "gail.com",
    "gamail.com", "gemail.com", "gmail.co", "gomail.com", "hmail.com", "hotmail.co", "imail.com", "life.com",
    "line.com", "livre.com", "rmail.com", "terra.com.be", "terre.com.br", "ure.com.br", "uts.com.br", "vol.com.br",
    "yahoo.com.be",
})  # fmt: skip
"""Domains of the typo table that may be other people's: never called a typo before DNS shows that they have no mail."""

_TAGGED = frozenset({"gmail.com", "hotmail.com", "hotmail.com.br", "outlook.com", "outlook.com.br", "live.com",
                     "icloud.com", "me.com", "protonmail.com", "proton.me"})  # fmt: skip
"""Providers that deliver ``name+tag`` to ``name``."""

_GIBBERISH = re.compile(r"[bcdfghjklmnpqrstvwxz]{7}|^(?:[a-z]\d){4}|asdfg|qwert|^(.)\1{4,}\Z")


class DomainKind(msgspec.Struct, frozen=True):
    """What a domain is known as. ``provider`` names the house whose mailboxes behave alike, if known."""

    provider: str | None
    is_free: bool
    is_disposable: bool
    is_privacy_relay: bool
    meant: str | None
    is_typo_trap: bool


@cache
def _providers() -> dict[str, bool]:
    return {provider.domain: provider.category == "gratuito" for provider in email_providers()}


@cache
def _list(name: str) -> frozenset[str]:
    return frozenset((files("bureau.deliverability.email") / name).read_text(encoding="ascii").split())


@lru_cache(maxsize=65_536)  # package data only, and few domains serve most addresses
def domain_kind(domain: str) -> DomainKind:
    """Look ``domain`` (ASCII, lower case) up in every table; disposable domains cover their subdomains."""
    providers = _providers()
    is_relay = _within(domain, _list("privacy_relays.txt"))
    typo = None if domain in providers else email_domain_typos().get(domain)
    return DomainKind(
        provider=_house(domain) if domain in providers else None,
        is_free=providers.get(domain, False),
        is_disposable=not is_relay and domain not in providers and _within(domain, disposable_email_domains()),
        is_privacy_relay=is_relay,
        meant=typo.suggestion if typo else None,
        is_typo_trap=typo is not None and domain not in _REAL_DOMAINS,
    )


def _within(domain: str, listed: frozenset[str]) -> bool:
    while domain:
        if domain in listed:
            return True
        domain = domain.partition(".")[2]
    return False


_HOUSES = {
    "googlemail": "gmail", "hotmail": "microsoft", "outlook": "microsoft", "live": "microsoft", "msn": "microsoft",
    "ymail": "yahoo", "rocketmail": "yahoo", "bol": "uol", "me": "icloud", "mac": "icloud", "superig": "ig",
    "globomail": "globo",
}  # fmt: skip


def _house(domain: str) -> str:
    brand = domain.partition(".")[0]
    return _HOUSES.get(brand, brand)


def is_role(local: str) -> bool:
    """Whether a local part names a function (``contato``, ``rh2``, ``vendas.sp``) rather than a person."""
    name = local.lower().rstrip("0123456789")
    roles = _list("role_accounts.txt")
    if name in roles:
        return True
    first, _, rest = name.replace("-", ".").replace("_", ".").partition(".")
    return len(rest) <= 3 and first in roles  # vendas.sp, contato-rj; but not pessoal.joao


def is_gibberish(local: str) -> bool:
    """Whether a local part looks typed at random: seven consonants in a row, keyboard runs, one letter repeated."""
    return _GIBBERISH.search(local.lower()) is not None


def dedupe_key(address: Address) -> str:
    """One key for the spellings that reach the same mailbox; to compare with, never to send to."""
    local, domain = address.local.lower(), address.domain
    if domain == "googlemail.com":
        domain = "gmail.com"
    if domain in _TAGGED:
        local = local.partition("+")[0] or local
    if domain == "gmail.com":
        local = local.replace(".", "")
    return f"{local}@{domain}"
