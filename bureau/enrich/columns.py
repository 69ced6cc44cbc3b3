"""Answers as the flat ``bureau_*`` columns of a result file (docs: the contract's "Result files")."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from bureau.model.answer import Answer, EmailAnswer, PhoneAnswer

SHOWN = 3
"""Contacts of each kind that get columns of their own; JSON Lines and Parquet carry all of them nested."""

USABLE = ("_usable_until", "_blocked_by")
"""Whether a phone might be used when the file was answered; null until ``settled`` knows when and for whom that is."""

_PLACE = ("street", "number", "complement", "district", "city", "state", "postal_code")


def _fields() -> Iterator[pa.Field]:
    yield pa.field("bureau_status", pa.string())
    yield pa.field("bureau_probability", pa.float64())
    for name in ("entity_id", "name", "repairs"):
        yield pa.field(f"bureau_{name}", pa.string())
    for rank in range(1, SHOWN + 1):
        for suffix in ("", "_status", "_reason"):
            yield pa.field(f"bureau_email_{rank}{suffix}", pa.string())
        yield pa.field(f"bureau_email_{rank}_known", pa.bool_())
    for rank in range(1, SHOWN + 1):
        for suffix in ("", "_type", "_status", "_reason"):
            yield pa.field(f"bureau_phone_{rank}{suffix}", pa.string())
        yield pa.field(f"bureau_phone_{rank}_known", pa.bool_())
        for suffix in USABLE:
            yield pa.field(f"bureau_phone_{rank}{suffix}", pa.string())
    for name in _PLACE:
        yield pa.field(f"bureau_{name}", pa.string())
    yield pa.field("bureau_charge", pa.int8())


FLAT = pa.schema(list(_fields()))


def flat_table(answers: Sequence[Answer]) -> pa.Table:
    """One row an answer, in ``FLAT``'s columns."""
    rows = [_row(answer) for answer in answers]
    columns = zip(*rows, strict=True) if rows else ([] for _ in FLAT)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, FLAT, strict=True)], schema=FLAT)


def _row(answer: Answer) -> list[Any]:
    found = answer.match
    probability = found.probability if found else None
    entity = found.entity_id if found else None
    row: list[Any] = [answer.status.value, probability, entity, answer.name, _repairs(answer)]
    for i in range(SHOWN):
        row.extend(_email(answer.emails[i]) if i < len(answer.emails) else (None,) * 4)
    for i in range(SHOWN):
        row.extend(_phone(answer.phones[i]) if i < len(answer.phones) else (None,) * 7)
    address = answer.addresses[0] if answer.addresses else None
    row.extend(getattr(address, name) if address else None for name in _PLACE)
    row.append(answer.charge.units)
    return row


def _email(email: EmailAnswer) -> tuple[Any, ...]:
    return email.address, email.status.value, email.reason, email.known_to_client


def _phone(phone: PhoneAnswer) -> tuple[Any, ...]:
    now = phone.usable_now
    until = now.until.isoformat() if now and now.until else None
    known = phone.known_to_client
    return phone.number, phone.line_type, phone.status.value, phone.reason, known, until, now and now.blocked_by


def _repairs(answer: Answer) -> str | None:
    return "; ".join(f"{repair.field}: {repair.rule}" for repair in answer.repairs) or None
