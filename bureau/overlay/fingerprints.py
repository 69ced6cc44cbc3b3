"""Contacts as keyed hashes: rows can be found by them, but nobody without the key can tell or try out whose they are.

Phone numbers and addresses are few enough to hash them all, so an unkeyed hash would hide nothing. The key is made of
the home's secret: machines that share a database must share that file too.
"""

import hashlib
from typing import NewType

from bureau.deliverability.email.facts import dedupe_key
from bureau.deliverability.email.syntax import Address
from bureau.ids import ClientId, EntityId

SIZE = 16  # bytes: two of a billion contacts are alike with a probability of 1e-21

Fingerprint = NewType("Fingerprint", bytes)


class Fingerprints:
    """``secret`` is the home's; its key here is derived from it, so that no other keyed hash of ours is the same."""

    def __init__(self, secret: bytes) -> None:
        self._key = hashlib.blake2b(secret, digest_size=32, person=b"bureau overlay").digest()

    def email(self, address: Address) -> Fingerprint:
        """One for all spellings that reach the same mailbox."""
        return self._of(b"email " + dedupe_key(address).encode())

    def phone(self, number: int) -> Fingerprint:
        """Of a national number."""
        return self._of(b"phone %d" % number)

    def for_client(self, contact: Fingerprint, client: ClientId) -> Fingerprint:
        """Of a contact as one client's: what only that client was told, or asked for."""
        return self._of(b"client " + contact + client.encode())

    def for_entity(self, contact: Fingerprint, entity: EntityId) -> Fingerprint:
        """Of a contact as that entity's."""
        return self._of(b"entity " + contact + entity.encode())

    def _of(self, text: bytes) -> Fingerprint:
        return Fingerprint(hashlib.blake2b(text, key=self._key, digest_size=SIZE).digest())
