"""The verifier's memory in PostgreSQL: both seams of ``deliverability.email.memory`` filled."""

from bureau.deliverability.email.memory import Lookup, Probing
from bureau.overlay.domains import SharedDomains
from bureau.overlay.fingerprints import Fingerprints
from bureau.overlay.mailboxes import SharedMailboxes
from bureau.store import Store


class SharedMemory:
    """Hand it to an ``EmailVerifier``; :meth:`drain` before closing the store."""

    def __init__(self, store: Store, fingerprints: Fingerprints) -> None:
        self._store = store
        self._fingerprints = fingerprints
        self._parts: list[SharedDomains | SharedMailboxes] = []

    def of_domains(self, ask: Lookup) -> Lookup:
        shared = SharedDomains(self._store, ask)
        self._parts.append(shared)
        return shared

    def of_mailboxes(self, ask: Probing) -> Probing:
        shared = SharedMailboxes(self._store, self._fingerprints, ask)
        self._parts.append(shared)
        return shared

    async def drain(self) -> None:
        """Return when what was found out is stored or given up."""
        for part in self._parts:
            await part.drain()
