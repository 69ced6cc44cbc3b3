"""The files that jobs are measured with: every row a record of its own, and rows counted right."""

import csv
from pathlib import Path

import pytest

from benchmarks.jobs.portfolio import rows_in, write_portfolio


@pytest.mark.parametrize("rows", [0, 1, 3, 10, 25])
def test_a_portfolio_repeats_people_and_never_a_record(tmp_path: Path, rows: int) -> None:
    queries, portfolio = tmp_path / "queries.csv", tmp_path / "portfolio.csv"
    queries.write_text("name,number\nANA,1\nBIA,11\nCEU,\n")
    write_portfolio(queries, portfolio, rows)
    with portfolio.open(newline="") as file:
        found = list(csv.DictReader(file))
    assert rows == len(found) == len({tuple(row.items()) for row in found}) == rows_in(portfolio)
    assert ["ANA", "BIA", "CEU"][:rows] == [row["name"] for row in found][:3]


def test_a_file_that_is_not_there_has_no_rows(tmp_path: Path) -> None:
    assert 0 == rows_in(tmp_path / "none")
