"""A population of a handful of invented people and companies, built as any other is."""

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bureau.model.tables import COMPANIES, PEOPLE
from bureau.population import Population, build, open_population

ANA, OWNER_ONLY = 52998224725, 11144477735
"""CPFs: of a person two sources know, and of one who is only the owner of a company."""
SHOP, STALL = 10**17 + 1, 10**17 + 36**4 + 1
"""Base-36 numbers of two companies: Ana's, and the other owner's."""

ANAS = {"row": 1, "tax_id": ANA, "birth_date": dt.date(1980, 2, 28), "sex": 2, "mother_name": "RITA LIMA"}
PEOPLE_OF = {
    "registry": [
        {
            **ANAS, "name": "ANA LIMA", "phones": [11987654321], "emails": ["ana@exemplo.com.br"],
            "seen_at": dt.date(2020, 1, 1), "street": "RUA DAS FLORES", "number": "7", "postal_code": 1310100,
        },
        {"row": 2, "name": "JOSE NUNES", "birth_date": dt.date(1970, 5, 5), "phones": [11987654321],
         "seen_at": dt.date(2021, 1, 1)},
    ],
    "crm": [
        {**ANAS, "name": "ANA LIMA PRADO", "emails": ["ana@exemplo.com.br"], "seen_at": dt.date(2026, 3, 1)},
        {**ANAS, "row": 2, "name": "ANA LIMA PRADO", "seen_at": dt.date(2026, 4, 1)},
    ],
}  # fmt: skip
OF_COMPANIES = {"head_office": True, "legal_nature": 2135, "registration_status": 2, "opened_on": dt.date(2015, 1, 2)}
COMPANIES_OF = [
    {**OF_COMPANIES, "row": 1, "tax_id": SHOP, "legal_name": "ANA LIMA", "trade_name": "LOJA DA ANA",
     "owner_tax_id": ANA, "emails": ["loja@exemplo.com.br"], "seen_at": dt.date(2026, 1, 1)},
    {**OF_COMPANIES, "row": 2, "tax_id": STALL, "legal_name": "JOAO MELO", "owner_tax_id": OWNER_ONLY,
     "seen_at": dt.date(2026, 1, 1)},
]  # fmt: skip


def _write(home: Path, source: str, table: str, rows: list[dict[str, Any]], schema: pa.Schema) -> None:
    directory = home / "sources" / source / "2026-11"
    directory.mkdir(parents=True)
    rows = [{"source": source, **row} for row in rows]
    pq.write_table(pa.Table.from_pylist(rows, schema), directory / f"{table}-001.parquet")


@pytest.fixture(scope="session")
def population(tmp_path_factory: pytest.TempPathFactory) -> Population:
    """Tests must not change it."""
    home = tmp_path_factory.mktemp("home")
    for source, rows in PEOPLE_OF.items():
        _write(home, source, "people", rows, PEOPLE)
    _write(home, "cnpj", "companies", COMPANIES_OF, COMPANIES)
    build(home)
    return open_population(home)
