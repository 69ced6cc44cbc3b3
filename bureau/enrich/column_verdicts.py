"""What is shown of chosen contacts: their text, line, verdict of depth ``syntax`` and whether the client knows them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.contacts.ranking import FIRST_MOBILE
from bureau.deliverability.email import columnar as email_codes
from bureau.deliverability.phone import columnar as phone_codes
from bureau.deliverability.phone.verdict import check_phone
from bureau.enrich.column_contacts import Claims, Shown
from bureau.enrich.column_texts import ShownTexts
from bureau.enrich.columns import USABLE
from bureau.enrich.contacts import NOT_CHECKED
from bureau.model.answer import VerdictStatus
from bureau.model.query import Kind
from bureau.normalise.record_columns import Emails, Phones

_LINES = pa.array(["unknown", "landline", "mobile"])
_FIRST_LANDLINE = 10**9

Columns = dict[str, pa.Array]
"""By the end of the flat column's name: ``""`` is the contact itself, then ``_status``, ``_reason`` …"""


def email_columns(shown: Shown, emails: Emails, claims: Claims, texts: ShownTexts) -> Columns:
    """The address and ``_known``."""
    held = texts.texts(claims.rows["value"][shown.claims])
    own = pc.coalesce(emails.addresses.take(shown.pieces), emails.texts.take(shown.pieces))
    return {"": pa.concat_arrays([held, own]), "_known": pa.array(shown.known)}


def email_verdicts(addresses: pa.Array, shown: Shown, claims: Claims, today: int, kind: Kind) -> Columns:
    """``_status`` and ``_reason``, as ``check_email`` judges the address by itself and by its last sighting."""
    rows = claims.rows[shown.claims]
    seen = (rows["last_seen"] != 0) & (rows["sources"] != 0)
    ages = np.full(len(addresses), -1, np.int64)
    ages[: len(rows)] = np.where(seen, np.maximum(today - rows["last_seen"], 0), -1)
    codes = email_codes.check_column(addresses, ages, kind is Kind.COMPANY)
    linked = np.flatnonzero(np.searchsorted(claims.offsets, shown.claims, side="right") % 2 == 0)
    if kind is Kind.PERSON and len(linked):  # a company's address may well be a role's
        codes[linked] = email_codes.check_column(addresses.take(linked), ages[linked], True)
    return _judged(codes, email_codes.STATUSES, email_codes.REASONS)


def phone_columns(shown: Shown, phones: Phones, claims: Claims) -> tuple[Columns, NDArray[np.int64]]:
    """The number, ``_type`` and ``_known``; and the national numbers, 0 for what is none."""
    numbers = np.concatenate([claims.rows["value"][shown.claims], phones.numbers[shown.pieces]])
    dialled = pc.binary_join_element_wise("+55", pa.array(numbers).cast(pa.string()), "")
    sent = pa.concat_arrays([pa.nulls(len(shown.claims), pa.string()), phones.texts.take(shown.pieces)])
    lines = (numbers >= _FIRST_LANDLINE).astype(np.int8) + (numbers >= FIRST_MOBILE)
    texts = pc.if_else(pa.array(numbers > 0), dialled, sent)
    return {"": texts, "_type": _LINES.take(pa.array(lines)), "_known": pa.array(shown.known)}, numbers


def phone_verdicts(texts: pa.Array, numbers: NDArray[np.int64]) -> Columns:
    """``_status`` and ``_reason``, as ``check_phone`` judges the number, or the text that is none."""
    codes = phone_codes.check_numbers(numbers).reasons
    unread = np.flatnonzero(numbers == 0)
    codes[unread] = [phone_codes.REASONS.index(check_phone(text).reason) for text in texts.take(unread).to_pylist()]
    return _judged(codes, phone_codes.STATUSES, phone_codes.REASONS)


def unjudged(count: int) -> Columns:
    """``_status`` and ``_reason`` where nobody asked for verdicts."""
    return {"_status": pa.repeat(VerdictStatus.UNKNOWN.value, count), "_reason": pa.repeat(NOT_CHECKED, count)}


def not_settled(count: int) -> Columns:
    """The columns of ``columns.USABLE``, which ``settled`` fills."""
    return dict.fromkeys(USABLE, pa.nulls(count, pa.string()))


def _judged(codes: NDArray[np.uint8], statuses: tuple[VerdictStatus, ...], reasons: tuple[str, ...]) -> Columns:
    status = pa.array([status.value for status in statuses])
    reason = pa.array([str(reason) for reason in reasons])
    return {"_status": status.take(pa.array(codes)), "_reason": reason.take(pa.array(codes))}
