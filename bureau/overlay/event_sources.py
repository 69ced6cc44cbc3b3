"""Addresses that mail providers post to: made, listed and revoked; each belongs to a client and knows its provider.

Providers cannot send our bearer keys, so the address itself holds a secret of 256 random bits, of which only the
SHA-256 is kept. It can report events of its client and nothing else.
"""

import base64
import datetime as dt
import hashlib
import os
from enum import StrEnum

import msgspec

from bureau.ids import ClientId, sortable
from bureau.store import Store


class Provider(StrEnum):
    SES = "ses"
    SENDGRID = "sendgrid"


class EventSource(msgspec.Struct, frozen=True):
    """``confirm_url`` is where Amazon SNS wants its subscription confirmed, until somebody opened it."""

    id: str
    client: ClientId
    provider: Provider
    confirm_url: str | None = None
    created_at: dt.datetime | None = None
    revoked_at: dt.datetime | None = None


class NewSource(msgspec.Struct, frozen=True):
    """``path`` exists in this value only: what the provider is to post to, below the server's own address."""

    id: str
    path: str


async def create_source(store: Store, client: ClientId, provider: Provider) -> NewSource:
    token = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
    source = NewSource(sortable("src"), f"/hooks/{provider.value}/{token}")
    await store.fetch("events.create_source", source.id, client, provider.value, _digest(token))
    return source


async def find_source(store: Store, provider: Provider, token: str) -> EventSource | None:
    """Whose address was posted to; ``None`` for one that is unknown, revoked, or of another provider."""
    rows = await store.fetch("events.source", _digest(token))
    found = [msgspec.convert(dict(row), EventSource) for row in rows]
    return found[0] if found and found[0].provider is provider else None


async def list_sources(store: Store) -> list[EventSource]:
    """All ever made, oldest first."""
    return [msgspec.convert(dict(row), EventSource) for row in await store.fetch("events.sources")]


async def revoke_source(store: Store, source_id: str) -> bool:
    """False if there is no such one."""
    return bool(await store.fetch("events.revoke_source", source_id))


async def keep_confirmation(store: Store, source: EventSource, url: str) -> None:
    """For the operator to open: nothing here fetches an address that a stranger named."""
    await store.fetch("events.to_confirm", source.id, url)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
