"""The standing table as a file of the home, for the processes of bulk work: they have no connection of their own.

``<home>/standings/<database>-<change>.npz``: made of the file before it and the news since, and never changed, so that
all chunks of a job go by the same one. Safe to delete.
"""

import contextlib
import os
import time
from pathlib import Path

from bureau.durable import synced
from bureau.overlay.standing_table import StandingTable
from bureau.store import Store

KEPT_SECONDS = 7 * 86_400.0  # a job may go by an old one for days


async def snapshot(store: Store, home: Path) -> Path:
    """The file of what stands now. Raises ``StoreUnavailable``, and ``OSError`` when it cannot be written."""
    directory = home / "standings"
    directory.mkdir(parents=True, exist_ok=True)
    ((database, latest),) = [tuple(row.values()) for row in await store.fetch("events.latest_change")]
    wanted = directory / f"{database}-{latest}.npz"
    if wanted.exists():
        return wanted
    table = _newest(directory, database, latest)
    while table.last < latest and (rows := await store.fetch("events.standings", table.last)):
        table.take(rows)
    found = directory / f"{database}-{table.last}.npz"
    draft = directory / f".{found.name}.{os.getpid()}"
    try:
        table.save(draft)
        synced(draft, os.O_RDWR)
        draft.replace(found)
    finally:
        draft.unlink(missing_ok=True)
    _forget_old(directory, found)
    return found


def _newest(directory: Path, database: int, latest: int) -> StandingTable:
    """The youngest file of this database, or nothing: another database's, or a later one's, is none to go by."""
    known = [(_change(path), path) for path in directory.glob(f"{database}-*.npz")]
    usable = sorted((change, path) for change, path in known if change <= latest)
    return StandingTable.load(usable[-1][1]) if usable else StandingTable()


def _change(path: Path) -> int:
    number = path.stem.rpartition("-")[2]
    return int(number) if number.isdecimal() else 0


def _forget_old(directory: Path, but: Path) -> None:
    for path in directory.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process was quicker
            if path != but and time.time() - path.stat().st_mtime > KEPT_SECONDS:
                path.unlink()
