"""What the commands that answer files go by besides the file: for whom, what for, and what is on record."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from bureau.errors import InvalidArgument
from bureau.ids import ClientId
from bureau.model.query import Purpose
from bureau.settings import Settings

if TYPE_CHECKING:
    from bureau.jobs.surroundings import Surroundings
    from bureau.store import Store

Result = TypeVar("Result")


def surroundings(settings: Settings, client: ClientId, purpose: Purpose) -> "Surroundings":
    """The present, with what was reported so far. A home that never had a database has nothing on record; one whose
    database is away is refused, for an opposition must hold."""
    from bureau.jobs.surroundings import Surroundings
    from bureau.overlay.snapshot import snapshot

    standings = None
    if has_database(settings):
        standings = in_store(settings, lambda store: snapshot(store, settings.home))
    return Surroundings(
        home=settings.home,
        at=datetime.now(UTC),
        purpose=purpose,
        client=client,
        standings=standings,
        do_not_call=settings.do_not_call,
    )


def has_database(settings: Settings) -> bool:
    """Whether one was named, or ever started in this home."""
    return settings.database_url is not None or (settings.home / "postgres").is_dir()


def in_store(settings: Settings, work: "Callable[[Store], Awaitable[Result]]") -> Result:
    """What ``work`` brings of the home's database. Raises ``StoreUnavailable``."""
    from bureau.store import Store

    async def run() -> Result:
        async with await Store.open(settings) as store:
            return await work(store)

    return asyncio.run(run())


def client_of(name: str | None) -> ClientId:
    """As ``bureau keys create`` wants it; none named is nobody in particular."""
    name = "" if name is None else name.strip()
    if len(name) > 100 or not name.isprintable():
        raise InvalidArgument("The client's name must have 1 to 100 printable characters.")
    return ClientId(name)


def purpose_of(name: str | None) -> Purpose:
    return Purpose(name) if name else Purpose.COLLECTION
