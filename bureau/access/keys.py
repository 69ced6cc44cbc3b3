"""API keys: made, listed and revoked in the database; looked up in memory, without I/O, by every worker.

A secret is 256 random bits and only its SHA-256 is stored. That is right for random secrets: a slow password hash
protects what people can guess, and nobody can try 2**256 values, however fast the hash.
"""

import base64
import datetime as dt
import hashlib
import os
import time
from collections.abc import Sequence

import msgspec

from bureau.access.roles import Role
from bureau.errors import InvalidArgument, StoreUnavailable
from bureau.ids import ClientId, KeyId, sortable
from bureau.model.query import Purpose
from bureau.store import Listener, Row, Store

SECRET_PREFIX = "bur_live_"  # noqa: S105  # lets secret scanners find a leaked key
CHANNEL = "bureau_keys"


class Principal(msgspec.Struct, frozen=True):
    """Who a request acts for: the client behind a valid key, and the purpose it may leave unsaid."""

    key_id: KeyId
    client: ClientId
    default_purpose: Purpose | None
    role: Role = Role.CLIENT


class Key(msgspec.Struct, frozen=True):
    """A key as listed; its secret is known to nobody here."""

    id: KeyId
    client: ClientId
    default_purpose: Purpose | None
    role: Role
    created_at: dt.datetime
    revoked_at: dt.datetime | None


class NewKey(msgspec.Struct, frozen=True):
    """A key just made; ``secret`` exists in this value only and is to be shown once."""

    id: KeyId
    client: ClientId
    secret: str


async def create_key(
    store: Store, client: str, default_purpose: Purpose | None = None, role: Role = Role.CLIENT
) -> NewKey:
    """Make a key for ``client``; every worker knows it within a second.

    Raises :class:`InvalidArgument` for a client name that is empty or longer than 100 characters.
    """
    client = client.strip()
    if not 1 <= len(client) <= 100 or not client.isprintable():
        raise InvalidArgument("The client's name must have 1 to 100 printable characters.")
    secret = SECRET_PREFIX + base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
    key = NewKey(KeyId(sortable("key")), ClientId(client), secret)
    await store.fetch("keys.create", key.id, client, default_purpose, _digest(secret), role)
    return key


async def list_keys(store: Store) -> list[Key]:
    """All keys ever made, oldest first."""
    return [msgspec.convert(dict(row), Key) for row in await store.fetch("keys.all")]


async def revoke_key(store: Store, key_id: str) -> bool:
    """Refuse the key from now on, in every worker within a second. False if there is no such key."""
    return bool(await store.fetch("keys.revoke", key_id))


class KeyRing:
    """The valid keys in memory, kept fresh by notification.

    When the database is away, known keys go on working for ``stale_seconds`` (a revocation could not be made then
    either); after that nobody is let in until the database is back: a worker that was cut off alone must not honour
    a revoked key for ever.
    """

    def __init__(self, store: Store, stale_seconds: float) -> None:
        self._principals: dict[bytes, Principal] = {}
        self._stale_seconds = stale_seconds
        self._refreshed_at = 0.0
        self._listener = Listener(store, CHANNEL, "keys.valid", self._replace)

    @classmethod
    async def start(cls, store: Store, stale_seconds: float = 60.0) -> "KeyRing":
        """Read the keys and follow their changes until :meth:`stop`. Raises :class:`StoreUnavailable`."""
        ring = cls(store, stale_seconds)
        await ring._listener.start()
        return ring

    async def stop(self) -> None:
        await self._listener.stop()

    @property
    def fresh(self) -> bool:
        """Whether the keys were confirmed recently enough to be believed (part of readiness)."""
        return time.monotonic() - self._refreshed_at <= self._stale_seconds

    def principal(self, secret: str) -> Principal | None:
        """Who holds ``secret``, or None for an unknown or revoked key. Raises :class:`StoreUnavailable` when not fresh.

        The time taken says nothing of use about other secrets: what is compared are SHA-256 digests, whose bits a
        guesser cannot steer.
        """
        if not self.fresh:
            raise StoreUnavailable("Keys cannot be checked: the database has been away for too long.")
        return self._principals.get(_digest(secret))

    def _replace(self, rows: Sequence[Row]) -> None:
        self._principals = {
            row["digest"]: Principal(row["id"], row["client"], _purpose(row["default_purpose"]), Role(row["role"]))
            for row in rows
        }
        self._refreshed_at = time.monotonic()


def _purpose(stored: str | None) -> Purpose | None:
    return Purpose(stored) if stored else None


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
