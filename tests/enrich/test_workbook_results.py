import resource
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import python_calamine as calamine
import xlsxwriter

from bureau.enrich import workbook_results
from bureau.enrich.files import FileOptions, enrich_file
from bureau.enrich.results import Answers
from bureau.errors import OutputFailed


def echo(records: pa.Table, _nested: bool) -> Answers:
    names = records["name"].to_pylist()
    rows = [
        {
            "bureau_status": "matched",
            "bureau_probability": 0.5,
            "bureau_repairs": None,
            "bureau_email_1": "=1+1",
            "bureau_email_1_known": True,
            "bureau_phone_1": "+5511987654321",
            "bureau_charge": 1,
        }
        for _ in names
    ]
    return Answers(pa.Table.from_pylist(rows) if rows else pa.table({}), [])


def cells(path: Path, sheet: int = 0) -> list[list[Any]]:
    return calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(sheet).to_python()


def test_the_clients_cells_keep_their_types_and_ours_are_no_formulas(tmp_path: Path) -> None:
    source, output = tmp_path / "in.xlsx", tmp_path / "out.xlsx"
    book = xlsxwriter.Workbook(str(source), {"default_date_format": "dd/mm/yyyy"})
    sheet = book.add_worksheet()
    for column, cell in enumerate(["Nome", "CPF", "Desde", "Obs"]):
        sheet.write(0, column, cell)
    sheet.write_string(1, 0, "=ANA")
    sheet.write_number(1, 1, 123.0)
    sheet.write_datetime(1, 2, date(2020, 1, 2))
    sheet.write_boolean(1, 3, True)
    book.close()
    enrich_file(source, output, echo, FileOptions())
    header, row = cells(output)
    assert ["Nome", "CPF", "Desde", "Obs", "bureau_status"] == header[:5]
    assert ["=ANA", 123.0, date(2020, 1, 2), True, "matched", 0.5, "", "=1+1", True, "+5511987654321", 1.0] == row
    assert b"<f>" not in output.read_bytes()


def test_text_of_a_csv_stays_text(tmp_path: Path) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "out.xlsx"
    source.write_text("nome;cpf\n@SUM(A1);00012\n")
    enrich_file(source, output, echo, FileOptions())
    assert ["@SUM(A1)", "00012"] == cells(output)[1][:2]


def test_a_full_sheet_is_followed_by_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_results, "MOST_ROWS", 3)
    source, output = tmp_path / "in.csv", tmp_path / "out.xlsx"
    source.write_text("nome\nA\nB\nC\n")
    enrich_file(source, output, echo, FileOptions(processes=1))
    assert ["nome", "A", "B"] == [row[0] for row in cells(output)]
    assert ["nome", "C"] == [row[0] for row in cells(output, 1)]


@pytest.mark.parametrize("bytes_free", [2_000, 200_000])
def test_a_full_disk_leaves_nothing_of_the_client_behind(tmp_path: Path, bytes_free: int) -> None:
    source, output = tmp_path / "in.csv", tmp_path / "results" / "out.xlsx"
    output.parent.mkdir()
    source.write_text("nome\n" + "".join(f"ANA INVENTADA {number}\n" for number in range(20_000)))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_free, before[1]))
    try:
        with pytest.raises(OutputFailed, match="File too large"):
            enrich_file(source, output, echo, FileOptions(processes=1))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [] == list(output.parent.iterdir())
