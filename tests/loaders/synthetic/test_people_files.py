import csv
import re
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from loaders.synthetic.people_files import open_people_file
from loaders.synthetic.population import Block, World
from loaders.synthetic.sources import FIELDS, PLANS, PORTUGUESE, render


@pytest.fixture(scope="module")
def columns(world: World, block: Block) -> dict[str, object]:
    return render(np.random.default_rng(1), world, block, block.people[:300], PLANS[0])


def test_a_portuguese_system_writes_as_excel_does(tmp_path: Path, columns: dict[str, object]) -> None:
    with open_people_file(tmp_path, PLANS[0], "csv") as file:
        assert list(range(2, 302)) == file.write(columns).tolist()
        assert list(range(302, 602)) == file.write(columns).tolist()
        assert 600 == file.rows
    with (tmp_path / "synthetic_utility.csv").open(encoding="cp1252", newline="") as text:
        rows = list(csv.reader(text, delimiter=";"))
    assert list(PORTUGUESE) == rows[0]
    assert 601 == len(rows)
    births = [row[PORTUGUESE.index("data_nascimento")] for row in rows[1:]]
    assert all(re.fullmatch(r"(\d\d/\d\d/\d{4})?", birth) for birth in births)
    assert any("Ã" in row[PORTUGUESE.index("nome")] for row in rows[1:])


def test_the_others_write_utf_8_and_commas(tmp_path: Path, columns: dict[str, object]) -> None:
    with open_people_file(tmp_path, PLANS[1], "csv") as file:
        file.write(columns)
    with (tmp_path / "synthetic_retail.csv").open(encoding="utf-8", newline="") as text:
        rows = list(csv.reader(text))
    assert list(FIELDS) == rows[0]
    assert columns["name"].to_pylist() == [row[FIELDS.index("name")] for row in rows[1:]]  # type: ignore[attr-defined]


def test_parquet_counts_rows_from_one(tmp_path: Path, columns: dict[str, object]) -> None:
    with open_people_file(tmp_path, PLANS[1], "parquet") as file:
        file.write(columns)
        assert list(range(301, 601)) == file.write(columns).tolist()
    table = pq.read_table(tmp_path / "synthetic_retail.parquet")
    assert (600, list(FIELDS)) == (len(table), table.column_names)
