"""E-mail domains: big providers, typos of them that people really make, disposable ones."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import msgspec

from bureau.reference.files import rows, text


class EmailProvider(msgspec.Struct, frozen=True):
    """``category`` is ``gratuito`` (free mail) or ``provedor`` (the mailbox of an access provider)."""

    domain: str
    category: str
    occurrences: int


class DomainTypo(msgspec.Struct, frozen=True):
    """A mistyped domain seen in real files. A few are real domains as well: a candidate, never an automatic repair."""

    typo: str
    suggestion: str
    distance: int
    occurrences: int


@cache
def email_providers() -> tuple[EmailProvider, ...]:
    return tuple(EmailProvider(r[0], r[1], int(r[2])) for r in rows("email_providers.csv"))


@cache
def email_domain_typos() -> Mapping[str, DomainTypo]:
    """Mistyped domain → what it most probably meant."""
    found = (DomainTypo(r[0], r[1], int(r[2]), int(r[3])) for r in rows("email_domain_typos.csv"))
    return MappingProxyType({typo.typo: typo for typo in found})


@cache
def disposable_email_domains() -> frozenset[str]:
    return frozenset(text("disposable_email_domains.txt").split())
