"""E-mail verdicts of depth ``syntax`` on whole columns, as small codes; a test holds them equal to ``check_email``."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bureau.deliverability.email.facts import domain_kind, is_role
from bureau.deliverability.email.reasons import JUDGEMENTS, Reason
from bureau.deliverability.email.syntax import SyntaxDetail, parse
from bureau.deliverability.email.verdict import STALE_AFTER, risk_of
from bureau.model.answer import VerdictStatus

REASONS: tuple[Reason, ...] = tuple(Reason)
"""Reason of each code."""

STATUSES: tuple[VerdictStatus, ...] = tuple(JUDGEMENTS[reason].status for reason in REASONS)
"""Status of each reason code."""

NO_ADDRESS = 255  # code of a null

_CODE = {reason: code for code, reason in enumerate(REASONS)}


def check_column(
    addresses: pa.Array, age_days: NDArray[np.int64] | None = None, expects_role: bool = False
) -> NDArray[np.uint8]:
    """Reason codes of a column of strings, :data:`NO_ADDRESS` for nulls.
    ``age_days`` are days since last seen, -1 if unknown."""
    texts = addresses.to_pylist()
    codes = np.fromiter((_code(text, expects_role) for text in texts), np.uint8, len(texts))
    if age_days is not None:
        codes[(codes == _CODE[Reason.NOT_CHECKED]) & (age_days > STALE_AFTER)] = _CODE[Reason.STALE]
    return codes


def _code(text: str | None, expects_role: bool) -> int:
    if text is None:
        return NO_ADDRESS
    address = parse(text)
    if isinstance(address, SyntaxDetail):
        return _CODE[Reason.SYNTAX_INVALID]
    role = not expects_role and is_role(address.local)
    return _CODE[risk_of(address, domain_kind(address.domain), role) or Reason.NOT_CHECKED]
