"""Where a client wants to be told: registered, listed, rotated and removed by that client alone."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from bureau.errors import InvalidArgument
from bureau.ids import ClientId, sortable
from bureau.store import Store
from bureau.webhooks.messages import Event
from bureau.webhooks.network import checked_url
from bureau.webhooks.signature import new_secret

MOST_ENDPOINTS = 20
ROTATION_SECONDS = 86_400.0
"""How long the secret before the last still signs beside it."""


class Webhook(msgspec.Struct, frozen=True, omit_defaults=True):
    """``secret`` is only there when it was just made. ``disabled_at`` is set when the receiver answered 410 Gone."""

    id: str
    url: str
    events: tuple[Event, ...]
    created_at: dt.datetime
    disabled_at: dt.datetime | None = None
    disabled_reason: str | None = None
    secret: str | None = None


class Attempt(msgspec.Struct, frozen=True, omit_defaults=True):
    """``status`` is the answer's, ``problem`` why there was none."""

    at: dt.datetime
    milliseconds: int
    status: int | None = None
    problem: str | None = None


class Delivery(msgspec.Struct, frozen=True, omit_defaults=True):
    """One message (``id`` is its ``webhook-id``) and how it fared; ``next_at`` is set while it is pending."""

    id: str
    event: str
    state: str
    created_at: dt.datetime
    tries: list[Attempt]
    next_at: dt.datetime | None = None


async def create_webhook(store: Store, client: ClientId, url: str, events: Sequence[Event], loopback: bool) -> Webhook:
    """Register an address. Raises :class:`InvalidArgument` for one that may not be called, or one too many."""
    if len(await store.fetch("webhooks.of_client", client)) >= MOST_ENDPOINTS:
        raise InvalidArgument(f"A client may have {MOST_ENDPOINTS} webhooks.")
    checked = checked_url(url, loopback)
    wanted = [event.value for event in dict.fromkeys(events)]
    (row,) = await store.fetch("webhooks.create", sortable("whk"), client, checked, wanted, new_secret())
    return _webhook(row, show_secret=True)


async def list_webhooks(store: Store, client: ClientId) -> list[Webhook]:
    return [_webhook(row) for row in await store.fetch("webhooks.of_client", client)]


async def remove_webhook(store: Store, client: ClientId, webhook: str) -> bool:
    """Forget it, its messages and their log. False if the client has no such one."""
    return bool(await store.fetch("webhooks.remove", client, webhook))


async def rotate_secret(store: Store, client: ClientId, webhook: str) -> Webhook | None:
    """A new secret; the one before signs too for a day. A disabled webhook is enabled again. None if there is none."""
    rows = await store.fetch("webhooks.rotate", client, webhook, new_secret(), ROTATION_SECONDS)
    return _webhook(rows[0], show_secret=True) if rows else None


async def deliveries(store: Store, client: ClientId, webhook: str, most: int = 100) -> list[Delivery]:
    """The latest messages to one webhook, newest first, with every attempt."""
    rows = await store.fetch("webhooks.deliveries", client, webhook, most)
    return [
        Delivery(
            id=row["id"],
            event=row["event"],
            state=row["state"],
            created_at=row["created_at"],
            tries=msgspec.json.decode(row["tries"], type=list[Attempt]),
            next_at=row["next_at"] if row["state"] == "pending" else None,
        )
        for row in rows
    ]


async def replay(store: Store, client: ClientId, webhook: str, delivery: str) -> bool:
    """Send a message again, with its old id, from the ladder's first step. False if there is no such message."""
    return bool(await store.fetch("webhooks.replay", client, webhook, delivery))


def _webhook(row: Mapping[str, Any], show_secret: bool = False) -> Webhook:
    return Webhook(
        id=row["id"],
        url=row["url"],
        events=tuple(Event(event) for event in row["events"]),
        created_at=row["created_at"],
        disabled_at=row["disabled_at"],
        disabled_reason=row["disabled_reason"],
        secret=row["secret"] if show_secret else None,
    )
