"""The schema is what the migrations say, however and by how many they are applied."""

import asyncio
from typing import Any

import asyncpg
import pytest

from bureau.errors import StoreUnavailable
from bureau.settings import Settings
from bureau.store import Store
from bureau.store.migrations import migrate, migrations

CATALOGUE = """
SELECT 'column', table_name || '.' || column_name, data_type || is_nullable || coalesce(column_default, '')
  FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'trigger', tgrelid::regclass || '.' || tgname, pg_get_triggerdef(oid) FROM pg_trigger
  WHERE NOT tgisinternal  -- those of foreign keys are named by chance
UNION ALL SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace
UNION ALL SELECT 'function', proname, pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
ORDER BY 1, 2
"""


async def _schema(url: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(CATALOGUE)]
    finally:
        await connection.close()


async def test_applied_one_by_one_they_give_the_schema_of_all_at_once(
    database_url: str, empty_database_url: str
) -> None:
    wanted = migrations()
    for length in range(1, len(wanted) + 1):
        connection = await asyncpg.connect(empty_database_url)
        assert [wanted[length - 1].number] == await migrate(connection, wanted[:length])
        await connection.close()
    assert await _schema(database_url) == await _schema(empty_database_url)


async def test_many_at_once_apply_each_migration_once(empty_database_url: str) -> None:
    stores = await asyncio.gather(*(Store.open(Settings(database_url=empty_database_url)) for _ in range(5)))
    async with stores[0].session() as connection:
        applied = await connection.fetch("SELECT number, name, checksum FROM migration ORDER BY number")
    assert [migration[:3] for migration in migrations()] == [tuple(row) for row in applied]
    for store in stores:
        await store.close()


async def test_a_second_run_changes_nothing(store: Store) -> None:
    async with store.session() as connection:
        assert [] == await migrate(connection, migrations())


async def test_a_newer_database_is_refused(store: Store) -> None:
    async with store.session() as connection:
        await connection.execute("INSERT INTO migration (number, name, checksum) VALUES (9999, 'future', '')")
        with pytest.raises(StoreUnavailable, match="newer Bureau"):
            await migrate(connection, migrations())


async def test_an_edited_migration_is_refused(store: Store) -> None:
    first, *others = migrations()
    async with store.session() as connection:
        with pytest.raises(StoreUnavailable, match=f"{first.name} was edited"):
            await migrate(connection, [first._replace(checksum="other"), *others])


async def test_a_failing_migration_leaves_nothing_behind(empty_database_url: str) -> None:
    first, *_ = migrations()
    broken = first._replace(number=2, sql="CREATE TABLE half (); SELECT 1 / 0")
    connection = await asyncpg.connect(empty_database_url)
    try:
        with pytest.raises(asyncpg.DivisionByZeroError):
            await migrate(connection, [first, broken])
        assert 0 == await connection.fetchval("SELECT count(*) FROM pg_class WHERE relname IN ('half', 'api_key')")
    finally:
        await connection.close()
