"""A small seeded population of source tables: namesakes, moved contacts, rows without tax id, shared phones."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import settings

from bureau.model.tables import COMPANIES, PARTNERS, PEOPLE

settings.register_profile("compiled", deadline=None)  # the first example compiles
settings.load_profile("compiled")

GIVEN = ["MARIA", "JOSE", "ANA", "JOAO", "LUIZ", "CARLA", "THIAGO", "RITA", "PEDRO", "LIA"]
FAMILY = ["SILVA", "SANTOS", "SOUZA", "LIMA", "ROCHA", "PRADO", "NUNES", "COSTA", "MELO", "DIAS", "FARIA", "BRITO"]
Rows = list[dict[str, Any]]


def write_table(home: Path, source: str, release: str, table: str, rows: Rows) -> None:
    schema = {"people": PEOPLE, "companies": COMPANIES, "partners": PARTNERS}[table]
    directory = home / "sources" / source / release
    directory.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema), directory / f"{table}-001.parquet")


def person(number: int, draw: np.random.Generator) -> dict[str, Any]:
    given, mother = draw.choice(GIVEN, 2)
    one, two, three = draw.choice(FAMILY, 3, replace=False)
    return {
        "tax_id": 10_000_000_000 + number * 7,
        "name": f"{given} {one} DE {two}" + (" FILHO" if number % 17 == 0 else ""),
        "birth_date": date(1940, 1, 1) + timedelta(days=int(draw.integers(0, 25_000))),
        "sex": int(draw.integers(1, 3)),
        "mother_name": f"{mother} {three} {one}",
        "street": f"RUA {three}",
        "number": str(draw.integers(1, 3000)),
        "municipality": int(draw.integers(1, 5570)),
        "postal_code": int(draw.integers(1_000_000, 99_999_999)),
        "phones": [11_900_000_000 + int(draw.integers(0, 50_000_000))],
        "emails": [f"{given}.{number}@exemplo.com.br".lower()],
    }


def people_rows(count: int, seed: int) -> Rows:
    draw = np.random.default_rng(seed)
    return [{"row": i + 1, "seen_at": date(2024, 5, 1), **person(i, draw)} for i in range(count)]


def later_rows(rows: Rows) -> Rows:
    """A later register that knows no tax ids: new phone and place for all, the e-mail kept by some."""
    draw = np.random.default_rng(99)
    found = []
    for row in rows[::2]:
        new = {**row, "row": len(found) + 1, "tax_id": None, "seen_at": date(2026, 1, 15)}
        new["phones"] = [21_900_000_000 + int(draw.integers(0, 50_000_000))]
        new["postal_code"] = int(draw.integers(1_000_000, 99_999_999))
        found.append(new)
    return found


def company_rows(count: int) -> Rows:
    draw = np.random.default_rng(5)
    return [
        {
            "row": i + 1,
            "tax_id": 10**17 + i * 36**4 + 1,
            "head_office": True,
            "legal_name": f"{' '.join(draw.choice(FAMILY, 2))} COMERCIO DE ROUPAS {i} LTDA",
            "trade_name": f"LOJA {draw.choice(FAMILY)}" if i % 3 == 0 else None,
            "legal_nature": 2062,
            "registration_status": 2,
            "opened_on": date(2001, 1, 1) + timedelta(days=i),
            "municipality": int(draw.integers(1, 5570)),
            "postal_code": 1_310_100 + i,
            "phones": [1_133_334_444] if i % 2 else [1_100_000_000 + i],  # half share the accountant's
            "emails": ["contador@exemplo.com.br"],
            "seen_at": date(2026, 3, 1),
        }
        for i in range(count)
    ]


@pytest.fixture(scope="session")
def fill_home() -> Callable[[Path, int], Path]:
    """Write two sources of people and one of companies into a home."""

    def fill(home: Path, count: int) -> Path:
        rows = people_rows(count, seed=3)
        write_table(home, "registry", "2024", "people", rows)
        write_table(home, "later", "2026", "people", later_rows(rows))
        write_table(home, "cnpj", "2026-03", "companies", company_rows(count // 4))
        partner = {"row": 1, "company_root": (10**17 + 1) // 36**4, "kind": 2, "name": "ANA LIMA", "masked_cpf": 123456}
        write_table(home, "cnpj", "2026-03", "partners", [partner, {**partner, "row": 2, "company_root": 5}])
        return home

    return fill


@pytest.fixture(scope="session")
def built_home(tmp_path_factory: pytest.TempPathFactory, fill_home: Callable[[Path, int], Path]) -> Path:
    """A home with one published population; shared, so tests must not change it."""
    from bureau.population import build

    home = fill_home(tmp_path_factory.mktemp("home"), 400)
    build(home)
    return home
