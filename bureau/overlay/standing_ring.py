"""The standing table of a running process: read at its start, and followed, so that news hold within a second."""

from bureau.overlay.standing_table import StandingTable
from bureau.store import Listener, Store

CHANNEL = "bureau_standings"


class StandingRing:
    """:meth:`start` it, :meth:`stop` it; in between ``table`` follows the database by itself."""

    def __init__(self, store: Store) -> None:
        self.table = StandingTable()
        self._store = store
        self._listener = Listener(
            store, CHANNEL, "events.standings", self.table.take, arguments=lambda: (self.table.last,)
        )

    async def start(self) -> None:
        """Read all there is, then follow. Raises ``StoreUnavailable``."""
        while rows := await self._store.fetch("events.standings", self.table.last):
            self.table.take(rows)
        await self._listener.start()

    async def stop(self) -> None:
        await self._listener.stop()
