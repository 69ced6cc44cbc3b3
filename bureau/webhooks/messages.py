"""What clients are told, written where it became true."""

import datetime as dt
from enum import StrEnum
from typing import Any

import msgspec

from bureau.ids import ClientId, sortable
from bureau.store import Transaction


class Event(StrEnum):
    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"
    JOB_CANCELLED = "job.cancelled"
    VERIFICATION_FINAL = "verification.final"


class Message(msgspec.Struct, frozen=True):
    """Thin on purpose: whoever wants the data fetches it with a key, which leaves a trace."""

    type: Event
    timestamp: dt.datetime
    data: dict[str, Any]


async def tell(transaction: Transaction, client: ClientId, event: Event, data: dict[str, Any]) -> None:
    """Queue a message to every webhook of the client that wants it; sent if and only if the transaction commits.

    ``data`` holds ids, states and counts, never anything of a person.
    """
    body = msgspec.json.encode(Message(event, dt.datetime.now(dt.UTC), data))
    await transaction.fetch("webhooks.tell", sortable("msg"), client, event.value, body)
