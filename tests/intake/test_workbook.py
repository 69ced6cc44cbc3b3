import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from bureau.errors import UnreadableInput
from bureau.intake.chunks import Refusal, chunk_of
from bureau.intake.sniff import Form, form_of
from bureau.intake.tables import Reading, open_table

Sheets = dict[str, list[list[Any]]]


def workbook(
    path: Path, sheets: Sheets, hidden: str = "", merged: tuple[int, int, int, int, str] | None = None
) -> Path:
    book = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell is not None:
                    sheet.write(number, column, cell)
        if name == hidden:
            sheet.hide()
        else:
            sheet.activate()
        if merged:
            sheet.merge_range(*merged)
    book.close()
    return path


def records_of(path: Path, reading: Reading | None = None) -> tuple[list[int], list[dict[str, Any]], list[Refusal]]:
    table = open_table(path, reading)
    (rows,) = table.rows()
    chunk = chunk_of(table.what, rows)
    return chunk.own.rows.tolist(), chunk.records.to_pylist(), chunk.refusals


def test_cells_are_read_as_they_are_shown(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Nome", "CPF", "Nascimento", "Telefone", "Número", "Complemento"],
        ["ANA", 52998224725.0, date(1980, 2, 28), 11987654321, 10, 1.5],
        [],
        ["RUI", "529.982.247-25", datetime.fromisoformat("1981-01-02T03:04"), "(11) 3333-4444", "10 A", True],
    ]
    path = workbook(tmp_path / "a.bin", {"Plan1": rows})
    assert Form.XLSX == form_of(path)
    numbers, records, refusals = records_of(path)
    assert ([2, 4], []) == (numbers, refusals)
    shown = [[row[field] for field in ("tax_id", "birth_date", "phones", "number", "complement")] for row in records]
    assert ["52998224725", "1980-02-28", "11987654321", "10", "1.5"] == shown[0]
    assert ["529.982.247-25", "1981-01-02 03:04:00", "(11) 3333-4444", "10 A", "TRUE"] == shown[1]


def test_titles_and_a_merged_header_above_the_names_are_passed_over(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        [],
        [],
        [None, "Cliente", None, "UF"],
        [None, "Nome", "CPF", None],
        [None, "ANA", "1", "SP"],
    ]
    path = workbook(tmp_path / "a.xlsx", {"Plan1": rows}, merged=(0, 1, 0, 3, "Relatório de inadimplentes"))
    assert ("Nome", "CPF", "UF") == open_table(path).what.header
    numbers, records, _ = records_of(path)
    assert [5] == numbers
    assert ("ANA", "1", "SP") == (records[0]["name"], records[0]["tax_id"], records[0]["state"])


def test_hidden_and_empty_sheets_are_passed_over_unless_named(tmp_path: Path) -> None:
    hidden, shown = [["nome"], ["HIDDEN"]], [["nome"], ["SHOWN"]]
    path = workbook(tmp_path / "a.xlsx", {"h": hidden, "leer": [], "ok": shown}, hidden="h")
    assert "SHOWN" == records_of(path)[1][0]["name"]
    assert "HIDDEN" == records_of(path, Reading(sheet="h"))[1][0]["name"]
    with pytest.raises(UnreadableInput, match="no sheet"):
        open_table(path, Reading(sheet="x"))


def test_a_workbook_without_cells_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no visible sheet"):
        open_table(workbook(tmp_path / "a.xlsx", {"a": []}))


def test_a_damaged_workbook_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<nothing/>")
    with pytest.raises(UnreadableInput, match="damaged"):
        open_table(path)


def test_two_far_cells_do_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    sheet.write(0, 0, "nome")
    sheet.write(1_048_575, 16_383, "x")
    book.close()
    with pytest.raises(UnreadableInput, match="too far apart"):
        open_table(path)
