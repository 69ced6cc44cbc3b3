"""Bodies of ``/v1/emails/verify`` and ``/v1/phones/verify``."""

from typing import Annotated

import msgspec
from msgspec import Meta

from bureau.deliverability.email.verdict import EmailVerdict
from bureau.deliverability.phone.verdict import PhoneVerdict
from bureau.model.answer import UsableNow
from bureau.model.query import Depth, Purpose

AreaCode = Annotated[int, Meta(ge=11, le=99)] | Annotated[str, Meta(pattern="^[1-9][1-9]$")]
State = Annotated[str, Meta(pattern="^[A-Z]{2}$")]


class EmailsToVerify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Addresses to judge, at most 1,000. ``wait_ms`` bounds what needs the network; what is late comes back pending."""

    emails: Annotated[list[Annotated[str, Meta(max_length=320)]], Meta(min_length=1, max_length=1000)]
    depth: Depth = Depth.SYNTAX
    wait_ms: Annotated[int, Meta(ge=0, le=30_000)] = 500
    purpose: Purpose | None = None


class PhonesToVerify(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers to judge, at most 1,000; ``default_ddd`` is the area code of those written without one. ``state`` is
    where their holders live, if that is known: calling hours go by it, otherwise by the area code."""

    phones: Annotated[list[Annotated[str, Meta(max_length=40)]], Meta(min_length=1, max_length=1000)]
    default_ddd: AreaCode | None = None
    state: State | None = None
    purpose: Purpose | None = None


class EmailVerdicts(msgspec.Struct, frozen=True, omit_defaults=True):
    """One verdict an address, in the order they came. If some are pending, ``GET /v1/verifications/{verification}``
    tells what became of them."""

    results: list[EmailVerdict]
    verification: str | None = None


class VerifiedPhone(PhoneVerdict, frozen=True, omit_defaults=True):
    """A verdict and whether the number may be used now."""

    usable_now: UsableNow | None = None


class PhoneVerdicts(msgspec.Struct, frozen=True):
    """One verdict a number, in the order they came."""

    results: list[VerifiedPhone]
