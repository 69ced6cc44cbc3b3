"""What DNS says about a domain's mail: a value, complete enough for the verdict and for a mailbox check."""

from datetime import datetime, timedelta
from enum import StrEnum

import msgspec


class Route(StrEnum):
    """Where mail for a domain goes. The last three say nothing about the domain: the resolver could not tell."""

    MAIL = "mail"
    NULL_MX = "null_mx"
    NOT_FOUND = "not_found"
    NO_MAIL = "no_mail"
    MX_UNRESOLVABLE = "mx_unresolvable"
    MX_UNROUTABLE = "mx_unroutable"
    TIMEOUT = "timeout"
    SERVFAIL = "servfail"
    REFUSED = "refused"

    @property
    def is_known(self) -> bool:
        return self not in {Route.TIMEOUT, Route.SERVFAIL, Route.REFUSED}


class DomainFacts(msgspec.Struct, frozen=True):
    """``mx_hosts`` are in the order to try, each with at least one public address unless not looked up.

    ``implicit_mx``: no MX record, so mail goes to the domain's own address (RFC 5321 section 5.1). ``valid_for`` is
    the smallest TTL seen. ``provider`` is the house behind the first MX, if known. ``None`` is "not looked up".
    """

    domain: str
    route: Route
    mx_hosts: tuple[str, ...] = ()
    implicit_mx: bool = False
    provider: str | None = None
    has_spf: bool | None = None
    dmarc_policy: str | None = None
    mta_sts: bool | None = None
    valid_for: timedelta | None = None
    looked_up_at: datetime | None = None
