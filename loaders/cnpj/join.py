"""Establishments with what their company (root) says of them: an out-of-core join, because neither side fits memory."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from bureau.errors import LoadFailed
from bureau.model.tables import COMPANIES
from loaders.report import Tally

_BATCH_ROWS = 131_072
_WITHOUT_COMPANY = "SELECT count(*) FROM establishments ANTI JOIN companies USING (root)"
_WITHOUT_ESTABLISHMENT = "SELECT count(*) FROM companies ANTI JOIN establishments USING (root)"
_REPEATED = "SELECT count(*) - count(DISTINCT root) FROM companies"
_JOIN = "SELECT *, $source AS source FROM establishments LEFT JOIN companies USING (root)"
_JOIN_DISTINCT = """
    SELECT *, $source AS source
    FROM establishments LEFT JOIN (SELECT DISTINCT ON (root) * FROM companies) USING (root)
"""


def joined_companies(work: Path, source: str, memory: str, tally: Tally) -> Iterator[pa.Table]:
    """Rows of ``COMPANIES`` from ``companies.parquet`` and ``establishments.parquet`` in ``work``.

    ``memory`` is DuckDB's limit, such as ``2GB``; beyond it the join spills to ``work``. An establishment without a
    company row is kept, with its trade name only. Raises ``LoadFailed`` when the disk is full.
    """
    try:
        with duckdb.connect(config={"memory_limit": memory, "temp_directory": str(work / "spilled")}) as database:
            for table in ("companies", "establishments"):
                database.read_parquet(str(work / f"{table}.parquet")).create_view(table)
            tally.noticed["establishment_without_company"] = _count(database, _WITHOUT_COMPANY)
            tally.noticed["company_without_establishment"] = _count(database, _WITHOUT_ESTABLISHMENT)
            tally.noticed["company_repeated"] = repeated = _count(database, _REPEATED)
            rows = database.sql(_JOIN_DISTINCT if repeated else _JOIN, params={"source": source})
            for batch in rows.to_arrow_reader(_BATCH_ROWS):
                yield pa.Table.from_batches([batch]).select(COMPANIES.names).cast(COMPANIES)
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        full = "there is no space left" if "space" in str(error) else f"it needs more than {memory} of memory"
        raise LoadFailed(f"Companies and establishments could not be joined: {full}. Nothing was published.") from error


def _count(database: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(database.sql(query).fetchall()[0][0])
