"""The schema, one numbered SQL file a change; a file that was released is never edited, only followed by another.

Imports ``errors``. Deliberately absent: going back (restore a backup instead), and statements that cannot run in
a transaction.
"""

import hashlib
import re
from importlib.resources import files
from typing import Any, NamedTuple

from bureau.errors import StoreUnavailable

LOCK = 0x62757265  # any number that only Bureau takes: "bure"
_FILE = re.compile(r"(\d{4})_(\w+)\.sql")
_LEDGER = """
CREATE TABLE migration (
    number     integer PRIMARY KEY,
    name       text NOT NULL,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class Migration(NamedTuple):
    """One file: its number, name, SHA-256 and SQL."""

    number: int
    name: str
    checksum: str
    sql: str


def migrations() -> list[Migration]:
    """All migrations in order. Numbers may have gaps (two branches, one removed) but never repeat."""
    found = []
    for file in files(__name__).iterdir():
        if named := _FILE.fullmatch(file.name):
            sql = file.read_text(encoding="utf-8")
            found.append(Migration(int(named[1]), named[2], hashlib.sha256(sql.encode()).hexdigest(), sql))
    found.sort()
    if len({migration.number for migration in found}) != len(found):
        raise ValueError("two migrations share a number")
    return found


async def migrate(connection: Any, wanted: list[Migration]) -> list[int]:
    """Apply what is missing, all or nothing; processes that come at once wait for the first. Returns what it applied.

    Raises :class:`StoreUnavailable` when the database holds a migration this program does not know, or another
    version of one that it does: running on would corrupt what the other program wrote.
    """
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
        if await connection.fetchval("SELECT to_regclass('migration')") is None:
            await connection.execute(_LEDGER)
        applied = {row["number"]: row for row in await connection.fetch("SELECT * FROM migration")}
        _refuse_strangers(applied, {migration.number: migration for migration in wanted})
        missing = [migration for migration in wanted if migration.number not in applied]
        for migration in missing:
            await connection.execute(migration.sql)
            await connection.execute(
                "INSERT INTO migration (number, name, checksum) VALUES ($1, $2, $3)", *migration[:3]
            )
    return [migration.number for migration in missing]


def _refuse_strangers(applied: dict[int, Any], known: dict[int, Migration]) -> None:
    for number, row in applied.items():
        if number not in known:
            raise StoreUnavailable(
                f"The database was migrated by a newer Bureau ({number:04}_{row['name']}); run that version."
            )
        if known[number].checksum != row["checksum"]:
            raise StoreUnavailable(
                f"Migration {number:04}_{row['name']} was edited after this database applied it; restore the file."
            )
