"""A firm's own table of companies into a published release."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from bureau.errors import UnreadableInput
from bureau.model.tables import COMPANIES
from bureau.normalise.documents import parse_tax_id
from loaders.companies import load_companies
from loaders.report import LoadReport
from loaders.tables import TableOptions

HEADER = "CNPJ;Razão Social;Nome Fantasia;Data Abertura;Endereço;Número;Cidade;UF;CEP;Telefone;E-mail"
SHOP = (
    "11.222.333/0001-81;Padaria Três Irmãos Ltda;Pão & Cia;03/04/2011;R. Augusta;10;São Paulo;SP;01310-100;"
    "1132145678;contato@padaria.example"
)


def load(tmp_path: Path, *rows: str, header: str = HEADER) -> LoadReport:
    path = tmp_path / "clients.csv"
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return load_companies([path], tmp_path / "home", TableOptions(today=date(2026, 11, 22), release="r1"))


def loaded(tmp_path: Path) -> list[dict[str, Any]]:
    (file,) = (tmp_path / "home" / "sources" / "clients" / "r1").glob("companies-*.parquet")
    table = pq.read_table(file)
    assert COMPANIES.equals(table.schema)
    return table.to_pylist()


def refused(tmp_path: Path) -> list[tuple[str, str, str]]:
    with (tmp_path / "home" / "sources" / "clients" / "r1" / "refusals.csv").open(encoding="utf-8", newline="") as file:
        return [(row["line"], row["column"], row["reason"]) for row in csv.DictReader(file)]


def number(text: str) -> int:
    found = parse_tax_id(text, "company")
    return found.number  # type: ignore[union-attr]


def test_a_row_is_an_establishment(tmp_path: Path) -> None:
    load(tmp_path, SHOP)
    (row,) = loaded(tmp_path)
    assert {
        "row": 2,
        "source": "clients",
        "tax_id": number("11222333000181"),
        "head_office": True,
        "legal_name": "PADARIA TRES IRMAOS LTDA",
        "trade_name": "PAO E CIA",
        "owner_tax_id": None,
        "opened_on": date(2011, 4, 3),
        "street": "RUA AUGUSTA",
        "postal_code": 1310100,
        "phones": [1132145678],
        "emails": ["contato@padaria.example"],
    } == {name: row[name] for name in row if name in LOOKED_AT}


LOOKED_AT = {
    *("row", "source", "tax_id", "head_office", "legal_name", "trade_name", "owner_tax_id", "opened_on"),
    *("street", "postal_code", "phones", "emails"),
}


def test_letters_branches_and_owners(tmp_path: Path) -> None:
    load(
        tmp_path,
        "12ABC34501DE35;Nova Letra SA",
        "11222333000262;Padaria Três Irmãos Ltda",
        "11222333000181;Maria da Silva 52998224725",
        header="cnpj;razao social",
    )
    letters, branch, own = loaded(tmp_path)
    assert number("12ABC34501DE35") == letters["tax_id"]
    assert (False, True) == (branch["head_office"], own["head_office"])
    assert ("MARIA DA SILVA", 52998224725) == (own["legal_name"], own["owner_tax_id"])


def test_rows_that_name_no_company_are_refused(tmp_path: Path) -> None:
    report = load(
        tmp_path,
        "11222333000181;Padaria Três Irmãos Ltda",
        "529.982.247-25;Ana Conceição",
        "11222333000182;Check Digits Wrong Ltda",
        ";Without Number Ltda",
        "Total;Total Geral",
        header="CNPJ;Razão Social",
    )
    assert 1 == len(loaded(tmp_path))
    found = {
        ("3", "CNPJ", "person_tax_id"),
        ("4", "CNPJ", "tax_id.check_digits"),
        ("5", "CNPJ", "tax_id.missing"),
        ("6", "Razão Social", "total_row"),
    }
    assert found == set(refused(tmp_path))
    assert ({"companies": 5}, {"companies": 1}) == (report.read, report.kept)


def test_a_table_without_tax_ids_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"clients\.csv has no column of CNPJs"):
        load(tmp_path, "Padaria Ltda", header="Razão Social")
