"""Whole files of people, with the damage real ones carry, into a published release."""

import csv
import logging
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bureau.errors import InvalidArgument, UnreadableInput
from bureau.model.tables import PEOPLE
from loaders.people import load_people
from loaders.report import LoadReport
from loaders.tables import TableOptions

TODAY = date(2026, 11, 22)
HEADER = "cpf;nome;data_nascimento;sexo;nome_mae;logradouro;numero;bairro;cidade;uf;cep;telefone;email"
ANA = (
    "529.982.247-25;Ana Conceição;01/02/1990;F;Rosa Lima;R. Augusta;10;Centro;São Paulo;SP;01310-100;11987654321;"
    "ANA@SHOP.EXAMPLE"
)


def load(tmp_path: Path, data: str | bytes, name: str = "shop.csv", **options: Any) -> LoadReport:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return load_people([path], tmp_path / "home", TableOptions(today=TODAY, release="r1", **options))


def rows(tmp_path: Path, source: str = "shop") -> list[dict[str, Any]]:
    files = sorted((tmp_path / "home" / "sources" / source / "r1").glob("people-*.parquet"))
    assert all(PEOPLE.equals(pq.read_schema(file)) for file in files)
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def refusals(tmp_path: Path, source: str = "shop") -> list[list[str]]:
    with (tmp_path / "home" / "sources" / source / "r1" / "refusals.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))[1:]


def test_a_row_becomes_canonical(tmp_path: Path) -> None:
    report = load(tmp_path, f"{HEADER}\n{ANA}\n")
    assert {
        "row": 2,
        "source": "shop",
        "tax_id": 52998224725,
        "broken_tax_id": None,
        "name": "ANA CONCEICAO",
        "birth_date": date(1990, 2, 1),
        "sex": 2,
        "mother_name": "ROSA LIMA",
        "street": "RUA AUGUSTA",
        "number": "10",
        "complement": None,
        "district": "CENTRO",
        "postal_code": 1310100,
        "phones": [11987654321],
        "emails": ["ana@shop.example"],
        "seen_at": None,
    } == {name: value for name, value in rows(tmp_path)[0].items() if name != "municipality"}
    assert ({"people": 1}, {"people": 1}, {}) == (report.read, report.kept, report.refused)
    assert "shop" == report.releases[0].source


@pytest.mark.parametrize(
    "data",
    [
        f"{HEADER}\n{ANA}\n".encode(),
        f"{HEADER}\n{ANA}\n".encode("utf-8-sig"),
        f"{HEADER}\r\n{ANA}\r\n".encode("cp1252"),
        f"{HEADER}\n{ANA}".encode("utf-16"),
        f"sep=;\r\n{HEADER}\r\n{ANA}\r\n\r\n;;;\r\n".encode("latin-1"),
        f"{HEADER};;\n{ANA};;\n;;;;;;;;;;;;;;\n".encode(),
        f"{HEADER}\n{ANA};;\n".encode(),
        f"{HEADER}\n{HEADER}\n{ANA}\n{HEADER}\n".encode(),
        (f"{HEADER}\n{ANA}\n".replace("Ana ", "A\0na ")).encode(),
        "\n".join('"' + line.replace(";", '";"') + '"' for line in (HEADER, ANA)).encode(),
        f"{HEADER}\n{ANA}\n".replace(";", ",").encode(),
        f"{HEADER}\n{ANA}\n".replace(";", "\t").encode("cp1252"),
        f"{HEADER}\n{ANA}\n".replace(";", "|").encode(),
    ],
)
def test_every_way_to_write_a_table_gives_the_same_row(tmp_path: Path, data: bytes) -> None:
    report = load(tmp_path, data)
    found = rows(tmp_path)
    assert [("ANA CONCEICAO", 52998224725, [11987654321], ["ana@shop.example"])] == [
        (row["name"], row["tax_id"], row["phones"], row["emails"]) for row in found
    ]
    assert {} == report.refused


def test_parquet_gives_the_same_rows_as_csv(tmp_path: Path) -> None:
    table = pa.table(
        {
            "tax_id": pa.array([52998224725, None], pa.int64()),
            "name": pa.array(["Ana Conceição", "João"]).dictionary_encode(),
            "birth_date": pa.array([date(1990, 2, 1), None]),
            "phones": pa.array([["11987654321", None, "1133334444"], None]),
            "emails": pa.array(["ana@shop.example|ana@work.example", None], pa.large_string()),
            "cep": pa.array([1310100.0, None]),
            "celular": pa.array([21987654321.0, None]),
            "ignored": pa.array([{"a": 1}, None]),
        }
    )
    pq.write_table(table, tmp_path / "in.parquet")
    load(tmp_path, (tmp_path / "in.parquet").read_bytes(), "shop.parquet")
    ana, joao = rows(tmp_path)
    assert (1, 52998224725, "ANA CONCEICAO", date(1990, 2, 1), 1310100) == (
        ana["row"], ana["tax_id"], ana["name"], ana["birth_date"], ana["postal_code"],
    )  # fmt: skip
    assert [11987654321, 1133334444, 21987654321] == ana["phones"]
    assert ["ana@shop.example", "ana@work.example"] == ana["emails"]
    assert (2, None, "JOAO", [], []) == (joao["row"], joao["tax_id"], joao["name"], joao["phones"], joao["emails"])


def test_phones_and_emails_of_many_columns_become_lists(tmp_path: Path) -> None:
    load(
        tmp_path,
        "nome;ddd 1;fone 1;ddd 2;fone 2;celular;email 1;email 2\n"
        "Ana Lima;011;87654321;0;0;(21) 3333-4444 / (21) 2222-3333;a1@shop.example;b2@shop.example; C3@shop.example\n"
        "Rui Lima;;;21;98888-7777;;nao tem;\n".replace("; C3", ", C3"),
    )
    ana, rui = rows(tmp_path)
    assert [11987654321, 2133334444, 2122223333] == ana["phones"]
    assert ["a1@shop.example", "b2@shop.example", "c3@shop.example"] == ana["emails"]
    assert ([21988887777], []) == (rui["phones"], rui["emails"])


def test_a_field_in_several_columns_is_joined(tmp_path: Path) -> None:
    load(tmp_path, "nome;sobrenome;tipo logradouro;logradouro\nAna;Lima;R.;Augusta\nRui;;;\n;Dias;;Augusta\n")
    assert [("ANA LIMA", "RUA AUGUSTA"), ("RUI", None), ("DIAS", "AUGUSTA")] == [
        (row["name"], row["street"]) for row in rows(tmp_path)
    ]


def test_a_column_that_is_no_text_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"name": [{"first": "Ana"}]}), tmp_path / "in.parquet")
    with pytest.raises(UnreadableInput, match="Column name of shop"):
        load(tmp_path, (tmp_path / "in.parquet").read_bytes(), "shop.parquet")


def test_values_that_cannot_be_used_are_null_and_counted(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        f"{HEADER}\n"
        "52998224726;Ana Lima;31/02/1990;Q;;;;;Atlantida;SP;12;1234567;nobody\n"
        "1,23457E+10;Rui Lima;01/01/2190;0;NAO INFORMADA;;S/N;;;;;;NAO TEM\n",
    )
    assert {
        "birth_date.future": 1,
        "birth_date.impossible": 1,
        "city.unknown": 1,
        "emails.no_at": 1,
        "phones.too_short": 1,
        "postal_code.unusable": 1,
        "sex.unknown_code": 1,
        "tax_id.check_digits": 1,
        "tax_id.precision_lost": 1,
    } == report.unusable
    assert [("ANA LIMA", None, None, None)] == [
        (row["name"], row["tax_id"], row["birth_date"], row["sex"]) for row in rows(tmp_path)[:1]
    ]
    assert ["52998224726", None] == [row["broken_tax_id"] for row in rows(tmp_path)]
    assert {"people": 2} == report.kept


def test_the_digits_of_a_broken_tax_id_are_kept_for_linking(tmp_path: Path) -> None:
    cells = ["529.982.247-26", "5299822472", "012.345.678-9012", "1234567", "111.111.111-11", "52998224725", ""]
    load(tmp_path, "cpf;nome\n" + "".join(f"{cell};Ana Lima\n" for cell in cells))
    expected = ["52998224726", "5299822472", "012345678901", None, None, None, None]
    found = [row["broken_tax_id"] for row in rows(tmp_path)]
    assert expected[:2] + expected[3:] == found[:2] + found[3:]


def test_refused_rows_keep_their_line_and_reason(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        f"{HEADER}\n{ANA}\nonly;three;cells\n;;01/01/1980;;;;;;;;;;x@shop.example\n"
        "11.222.333/0001-81;Loja Ltda;;;;;;;;;;;\n;TOTAL GERAL;;;;;;;;;;2;\n",
    )
    assert [
        ["shop.csv", "3", "", "too_few_fields", "only;three;cells"],
        ["shop.csv", "4", "nome", "no_name_and_no_tax_id", ";;01/01/1980;;;;;;;;;;x@shop.example"],
        ["shop.csv", "5", "cpf", "company_tax_id", "11.222.333/0001-81;Loja Ltda;;;;;;;;;;;"],
        ["shop.csv", "6", "nome", "total_row", ";TOTAL GERAL;;;;;;;;;;2;"],
    ] == sorted(refusals(tmp_path))
    assert {"company_tax_id": 1, "no_name_and_no_tax_id": 1, "too_few_fields": 1, "total_row": 1} == report.refused
    assert ({"people": 5}, {"people": 1}) == (report.read, report.kept)


@pytest.mark.parametrize("batch_rows", [1, 7, 1000])
def test_batches_of_any_size_give_the_same_rows_and_lines(tmp_path: Path, batch_rows: int) -> None:
    body = "\n".join(ANA.replace("987654321", f"98765{line:04d}") for line in range(50))
    load(tmp_path, f"{HEADER}\n{body}\nbroken\n{ANA}\n", batch_rows=batch_rows)
    assert [(line + 2, [11987650000 + line]) for line in range(50)] == [
        (row["row"], row["phones"]) for row in rows(tmp_path)[:50]
    ]
    assert 53 == rows(tmp_path)[50]["row"]
    assert [["shop.csv", "52", "", "too_few_fields", "broken"]] == refusals(tmp_path)


def test_the_source_is_the_column_the_option_or_the_file_name(tmp_path: Path) -> None:
    single = "nome;fonte\nAna Lima;Loja Um\nRui Lima;\n"
    assert "Loja_Um" == load(tmp_path, single).releases[0].source
    assert ["Loja_Um", "Loja_Um"] == [row["source"] for row in rows(tmp_path, "Loja_Um")]
    assert "other" == load(tmp_path, single, source="other").releases[0].source
    assert "shop" == load(tmp_path, single + "Eva Lima;Loja Dois\n").releases[0].source
    assert ["Loja_Um", "shop", "Loja_Dois"] == [row["source"] for row in rows(tmp_path)]


def test_several_files_of_one_source_are_one_release_numbered_through(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"nome\nPerson {name[0]}\n")
    files = [tmp_path / "a.csv", tmp_path / "b.csv"]
    report = load_people(files, tmp_path / "home", TableOptions(source="shop", release="r1", today=TODAY))
    assert [(2, "PERSON A"), (4, "PERSON B")] == [(row["row"], row["name"]) for row in rows(tmp_path)]
    assert [("a.csv", 0, 2), ("b.csv", 2, 2)] == [(f.name, f.first_row, f.lines) for f in report.releases[0].files]


def test_files_without_a_common_source_are_releases_of_their_own(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"nome\nPerson {name[0]}\n")
    report = load_people([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "home", TableOptions(release="r1"))
    assert ["a", "b"] == [release.source for release in report.releases]
    assert ([2], [2]) == ([row["row"] for row in rows(tmp_path, "a")], [row["row"] for row in rows(tmp_path, "b")])
    assert {"people": 2} == report.kept


def test_a_mapping_file_names_what_the_header_does_not(tmp_path: Path) -> None:
    mapping = tmp_path / "map.toml"
    mapping.write_text('name = "COL1"\ntax_id = "COL2"\nphones = [["COL3", "COL4"]]\n')
    load(tmp_path, "COL1;COL2;COL3;COL4\nAna Lima;52998224725;11;987654321\n", mapping=mapping)
    assert [("ANA LIMA", 52998224725, [11987654321])] == [
        (row["name"], row["tax_id"], row["phones"]) for row in rows(tmp_path)
    ]


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"PK\x03\x04 workbook", "spreadsheet or a zip archive"),
        ("a.csv", b"x1;x2\n1;2\n", "None of the 2 columns"),
        ("a.csv", b"cnpj;razao social\n1;2\n", "a table of companies"),
        ("a.csv", b"cpf;nome\n;\n", "No row of a.csv could be used"),
        ("a.csv", b"cpf;nome\n;;;x\n", r"No row of a.csv could be used \(too_many_fields: 1\)"),
        ("a.parquet", b"PAR1 cut off", "damaged or not a whole Parquet file"),
        ("a.jsonl", b'{"name": "Ana"}\n', "is of the form jsonl"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence_and_no_release(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    with pytest.raises(UnreadableInput, match=message):
        load(tmp_path, data, name)
    assert [] == list((tmp_path / "home").glob("sources/*/[!.]*"))


def test_a_missing_file_stops_the_load_before_anything_is_published(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("nome\nAna Lima\n")
    with pytest.raises(UnreadableInput, match="does not exist"):
        load_people([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "home")
    with pytest.raises(InvalidArgument):
        load_people([], tmp_path / "home")
    with pytest.raises(InvalidArgument, match="twice"):
        load_people([tmp_path / "a.csv", tmp_path / "." / "a.csv"], tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_a_damaged_parquet_body_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"name": ["Ana Lima"] * 1000, "cpf": [str(i) for i in range(1000)]}), path)
    data = bytearray(path.read_bytes())
    data[50:2000] = bytes(1950)
    with pytest.raises(UnreadableInput, match="cannot be read to the end"):
        load(tmp_path, bytes(data), "b.parquet")


def test_neither_report_nor_summary_nor_log_carries_a_value(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        report = load(tmp_path, f"{HEADER}\n{ANA.replace('529.982.247-25', '529.982.247-99')}\nAna;x\n")
    said = msgspec.json.encode(report) + (tmp_path / "home/sources/shop/r1/summary.json").read_bytes()
    for secret in (b"Ana", b"ANA", b"529", b"98765", b"Augusta"):
        assert secret not in said + caplog.text.encode()


def test_progress_ends_at_the_file_s_size(tmp_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    load(tmp_path, f"{HEADER}\n{ANA}\n", progress=lambda *call: calls.append(call))
    size = (tmp_path / "shop.csv").stat().st_size
    assert ("shop.csv", size, size) == calls[-1]
