"""The way to PostgreSQL: one pool a process, SQL by name, and two errors instead of asyncpg's hundred."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Self

import asyncpg

from bureau.errors import BureauError, StoreUnavailable
from bureau.settings import Settings
from bureau.store.embedded import DATABASE, EmbeddedCluster
from bureau.store.migrations import migrate, migrations
from bureau.store.queries import named_queries
from bureau.store.revival import Revival

OLDEST_VERSION = 16  # the oldest that the tests run on
CONNECT_SECONDS = 10.0
STATEMENT_SECONDS = 30.0
RECOVERY_SECONDS = 60.0

# The server, or the way to it, is at fault: the same statement may work later.
_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby after a fail-over
    asyncpg.InternalClientError,
)
_SESSION = {
    "application_name": "bureau",
    "timezone": "UTC",
    "synchronous_commit": "on",  # a usage row counts once it is on disk, whatever the server's default says
    "enable_seqscan": "off",  # ours are look-ups by key; a plan made while a table was small must not outlive that
}

Row = Mapping[str, Any]


class StoreRefused(BureauError):
    """A statement or a value that PostgreSQL, or the driver before it, refused; ``sqlstate`` says why."""

    code = "store_refused"

    def __init__(self, sqlstate: str) -> None:
        super().__init__(f"PostgreSQL refused a statement (SQLSTATE {sqlstate}).")
        self.sqlstate = sqlstate


@contextmanager
def translated() -> Iterator[None]:
    """asyncpg's errors as ours. Server messages may quote values, hence personal data: only the code is kept."""
    try:
        yield
    except _AWAY as problem:
        raise StoreUnavailable(f"PostgreSQL cannot be used ({type(problem).__name__}).") from None
    except asyncpg.PostgresError as problem:
        raise StoreRefused(problem.sqlstate or "none") from None
    except asyncpg.InterfaceError as problem:  # the connection was closed under us
        raise StoreUnavailable(f"PostgreSQL cannot be used ({type(problem).__name__}).") from None


class Transaction:
    """Statements on one connection; everything is named as in ``store/queries``."""

    def __init__(self, connection: Any, queries: Mapping[str, str]) -> None:
        self._connection = connection
        self._queries = queries

    async def fetch(self, name: str, *arguments: Any) -> Sequence[Row]:
        """The rows of the named statement."""
        with translated():
            rows: Sequence[Row] = await self._connection.fetch(self._queries[name], *arguments)
            return rows

    async def copy(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Append ``rows`` by COPY, all or nothing; the fastest way in for thousands of rows."""
        with translated():
            await self._connection.copy_records_to_table(table, columns=columns, records=rows)


class Lane:
    """A connection of the pool kept from statement to statement, for one caller whose statements never overlap.
    Taking a connection and giving it back costs this process as much as sending the statement."""

    def __init__(self, pool: Any, queries: Mapping[str, str]) -> None:
        self._pool = pool
        self._queries = queries
        self._connection: Any = None

    async def fetch(self, name: str, *arguments: Any) -> Sequence[Row]:
        """As :meth:`Store.fetch`. After a statement that was cut short the next one gets another connection."""
        if not self._is_open():
            await self.leave()
            with translated():
                self._connection = await self._pool.acquire(timeout=CONNECT_SECONDS)
        try:
            return await Transaction(self._connection, self._queries).fetch(name, *arguments)
        except (asyncio.CancelledError, StoreUnavailable):
            with suppress(asyncpg.InterfaceError):  # it may be gone already
                self._connection.terminate()
            await self.leave()
            raise

    def _is_open(self) -> bool:
        try:
            return self._connection is not None and not self._connection.is_closed()
        except asyncpg.InterfaceError:  # it was cut, and the pool has taken it back
            return False

    async def leave(self) -> None:
        """Give the connection back; the next statement takes one again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._pool.release(connection)


class Store:
    """An open way to the database; :meth:`close` it, or use it as an asynchronous context."""

    def __init__(self, pool: Any, url: str, cluster: EmbeddedCluster | None) -> None:
        self._pool = pool
        self._url = url
        self._cluster = cluster
        self._revival = Revival(cluster) if cluster else None
        self._queries = named_queries()
        self._lanes: list[Lane] = []

    @classmethod
    async def open(cls, settings: Settings) -> "Store":
        """Connect to ``settings.database_url`` or the embedded cluster, check its version, bring the schema up to date.

        Raises :class:`StoreUnavailable`.
        """
        cluster = None
        if settings.database_url is None:
            cluster = await asyncio.to_thread(EmbeddedCluster.join, settings.home)
        url = settings.database_url or (cluster.url_of(DATABASE) if cluster else "")
        try:
            if cluster:
                await _create_database(cluster)
            await _prepare_schema(url)
            with translated():
                pool = await asyncpg.create_pool(
                    url,
                    min_size=0,  # opened when needed: asyncpg would log a traceback a second while the server is away
                    max_size=settings.pool_connections + 1,  # one is the ledger's own, see ``Lane``
                    timeout=CONNECT_SECONDS,
                    command_timeout=STATEMENT_SECONDS,
                    server_settings=_SESSION,
                    reset=_nothing_to_reset,
                )
        except BaseException:
            if cluster:
                await asyncio.to_thread(cluster.leave)
            raise
        return cls(pool, url, cluster)

    async def close(self) -> None:
        """Wait for running statements (at most 10 s), then leave; the embedded cluster stops with its last user."""
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await asyncio.gather(*(lane.leave() for lane in self._lanes))
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()
        finally:
            if self._cluster:
                await asyncio.to_thread(self._cluster.leave)

    async def revive(self) -> None:
        """Start the embedded cluster again if it died; of a given server that is somebody else's affair.

        May be asked for as often as a connection fails (see ``revival``). Raises :class:`StoreUnavailable`.
        """
        if self._revival:
            await self._revival.attempt()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def fetch(self, name: str, *arguments: Any) -> Sequence[Row]:
        """The rows of one named statement, in a transaction of its own."""
        async with self._acquired() as connection:
            return await Transaction(connection, self._queries).fetch(name, *arguments)

    def lane(self) -> Lane:
        """A way of one's own for statements that follow each other closely; it ends with the store."""
        self._lanes.append(Lane(self._pool, self._queries))
        return self._lanes[-1]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Several statements, committed when the block ends without an error; its own errors pass as they are."""
        async with self._acquired() as connection:
            transaction = connection.transaction()
            with translated():
                await transaction.start()
            try:
                yield Transaction(connection, self._queries)
            except (asyncio.CancelledError, StoreUnavailable):
                raise  # the connection is dropped, which rolls back too
            except BaseException:
                with translated():
                    await transaction.rollback()
                raise
            with translated():
                await transaction.commit()

    @asynccontextmanager
    async def _acquired(self) -> AsyncIterator[Any]:
        """A connection of the pool. One whose statement was cut short is dropped rather than asked to cancel it: over
        a dead network that would take longer than the statement was given.
        """
        with translated():
            connection = await self._pool.acquire(timeout=CONNECT_SECONDS)
        try:
            yield connection
        except (asyncio.CancelledError, StoreUnavailable):
            with suppress(asyncpg.InterfaceError):  # it may be gone already
                connection.terminate()
            raise
        finally:
            await self._pool.release(connection)

    def query(self, name: str) -> str:
        """The SQL behind a name."""
        return self._queries[name]

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Any]:
        """A connection outside the pool, for what belongs to a session: ``LISTEN`` (see ``listener``)."""
        with translated():
            connection = await _connect(self._url)
        try:
            yield connection
        finally:
            connection.terminate()


async def _nothing_to_reset(_: object) -> None:
    """Pool connections carry no session state (no SET, LISTEN or session lock), so a round trip is saved a use."""


async def _connect(url: str) -> Any:
    """One connection; waits while the server says that it is starting or recovering."""
    until = time.monotonic() + RECOVERY_SECONDS
    while True:
        try:
            return await asyncpg.connect(
                url, timeout=CONNECT_SECONDS, command_timeout=STATEMENT_SECONDS, server_settings=_SESSION
            )
        except asyncpg.CannotConnectNowError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.1)
        except (ValueError, asyncpg.InterfaceError):
            raise StoreUnavailable("BUREAU_DATABASE_URL is not a PostgreSQL address.") from None
        except asyncpg.InvalidCatalogNameError:
            raise StoreUnavailable("The database that BUREAU_DATABASE_URL names does not exist.") from None
        except asyncpg.InvalidAuthorizationSpecificationError:
            raise StoreUnavailable("PostgreSQL refused the user or the password of BUREAU_DATABASE_URL.") from None


async def _create_database(cluster: EmbeddedCluster) -> None:
    with translated():
        connection = await _connect(cluster.url_of("postgres"))
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f"CREATE DATABASE {DATABASE}")
        except (asyncpg.DuplicateDatabaseError, asyncpg.UniqueViolationError):
            pass  # another process of this home was quicker
        finally:
            await connection.close()


async def _prepare_schema(url: str) -> None:
    with translated():
        connection = await _connect(url)
        try:
            version = connection.get_server_version()
            if version.major < OLDEST_VERSION:
                raise StoreUnavailable(f"PostgreSQL {version.major} is too old: {OLDEST_VERSION} or later is needed.")
            await migrate(connection, migrations())
        except asyncpg.InsufficientPrivilegeError:
            raise StoreUnavailable("The user of BUREAU_DATABASE_URL may not bring the schema up to date.") from None
        finally:
            await connection.close()
