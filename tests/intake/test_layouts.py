from pathlib import Path

import pytest

from bureau.errors import InvalidArgument, UnreadableInput
from bureau.intake.chunks import Refusal, chunk_of
from bureau.intake.layouts import read_layout, recognised_layout, shipped_layouts
from bureau.intake.sniff import Form
from bureau.intake.tables import Reading, open_table


def line(width: int, texts: dict[int, str]) -> str:
    """A line with texts at positions from 1."""
    cells = [" "] * width
    for at, text in texts.items():
        cells[at - 1 : at - 1 + len(text)] = text
    return "".join(cells)


def cnab240(*rows: dict[int, str]) -> str:
    header = line(240, {1: "001", 4: "0000", 8: "0", 73: "EMPRESA INVENTADA"})
    q = [line(240, {1: "001", 4: "0001", 8: "3", 14: "Q", **row}) for row in rows]
    p = [line(240, {1: "001", 4: "0001", 8: "3", 14: "P", 19: "999999999999999"})] * len(q)
    pairs = [text for both in zip(p, q, strict=True) for text in both]
    return "\r\n".join([header, *pairs, line(240, {1: "001", 4: "9999", 8: "9"})]) + "\r\n"


def test_segment_q_of_cnab_240_is_found_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "remessa.txt"
    row = {18: "1", 19: "000052998224725", 34: "JOSE DA SILVA", 74: "RUA A 10", 114: "CENTRO", 129: "01310", 134: "100"}
    path.write_text(cnab240({**row, 137: "SAO PAULO", 152: "SP"}, {18: "2", 34: "ÁGUA LTDA"}), encoding="cp1252")
    table = open_table(path)
    assert Form.FIXED_WIDTH == table.what.form
    (rows,) = table.rows()
    chunk = chunk_of(table.what, rows, True)
    assert [3, 5] == chunk.own.rows.tolist()
    records = chunk.records.to_pylist()
    expected = {"name": "JOSE DA SILVA", "tax_id": "000052998224725", "postal_code": "01310 100", "state": "SP"}
    assert expected.items() <= records[0].items()
    assert ["1", "2"] == [record["kind"] for record in records]
    assert "ÁGUA LTDA" == records[1]["name"]


def test_an_own_layout_says_where_columns_stand(tmp_path: Path) -> None:
    layout = tmp_path / "core.toml"
    layout.write_text('name = "core"\nlength = 20\n[columns]\nnome = [1, 10]\ncpf = [11, 20]\n')
    path = tmp_path / "core.txt"
    path.write_text("ANA       1234\n\nRUI       5678      \nTOO LONG BY FAR      x\n")
    table = open_table(path, Reading(layout=read_layout(str(layout))))
    (rows,) = table.rows()
    chunk = chunk_of(table.what, rows)
    assert [("ANA", "1234"), ("RUI", "5678")] == [(row["name"], row["tax_id"]) for row in chunk.records.to_pylist()]
    assert ([1, 3], [Refusal(4, "", "line_too_long")]) == (chunk.own.rows.tolist(), chunk.refusals)


def test_shipped_layouts_are_whole_and_only_their_own_files_are_taken_for_them() -> None:
    assert {"cnab240", "cnab400"} == shipped_layouts().keys()
    assert recognised_layout(["nome;cpf", "ANA;1"]) is None
    assert recognised_layout([line(240, {4: "0000", 8: "0"}) + "x"]) is None
    assert recognised_layout([]) is None
    found = recognised_layout([line(400, {1: "01REMESSA"})])
    assert found is not None
    assert "CNAB 400, detail" == found.name


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name = 'x'\nlength = 9\n", "missing required field `columns`"),
        ("name = 'x'\nlength = 9\n[columns]\nnome = [3, 10]\n", "outside of its 9"),
        ("name = 'x'\nlength = 9\ncolumns = {}\n", "no columns"),
        ("name = 'x'\nlength = 9\nfoo = 1\n[columns]\nnome = [1, 2]\n", "unknown field `foo`"),
        ("{", "not usable"),
    ],
)
def test_a_layout_that_is_none_is_one_sentence(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "layout.toml"
    path.write_text(text)
    with pytest.raises(UnreadableInput, match=reason):
        read_layout(str(path))


def test_an_unknown_layout_is_one_sentence() -> None:
    with pytest.raises(InvalidArgument, match="cnab240"):
        read_layout("cnab999")
