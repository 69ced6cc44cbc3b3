"""The whole register into a published release: layout, dirt, join, counts."""

import csv
import shutil
import zipfile
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from bureau.errors import LoadFailed, UnreadableInput
from bureau.model.tables import COMPANIES, PARTNERS
from loaders.cnpj import CnpjOptions, load_cnpj
from loaders.cnpj.files import find_files
from loaders.cnpj.load import release_date

TODAY = date(2026, 11, 22)
SAMPLE = Path(__file__).parents[2] / "data" / "rfb_sample"
OPTIONS = CnpjOptions(today=TODAY)


def table(home: Path, name: str) -> list[dict[str, Any]]:
    files = sorted(home.glob(f"sources/cnpj/*/{name}-*.parquet"))
    schema = {"companies": COMPANIES, "partners": PARTNERS}[name]
    assert all(schema.equals(pq.read_schema(file)) for file in files)
    found = [row for file in files for row in pq.read_table(file).to_pylist()]
    return sorted(found, key=lambda row: row["row"])


def test_an_establishment_carries_its_company_s_facts(register: Path, tmp_path: Path) -> None:
    load_cnpj(register, tmp_path, OPTIONS)
    assert {
        "row": 1,
        "source": "cnpj",
        "tax_id": int("112223330001", 36),
        "head_office": True,
        "legal_name": "PADARIA SAO JOAO LTDA",
        "trade_name": "PAO E CIA",
        "owner_tax_id": None,
        "legal_nature": 2062,
        "size": 1,
        "registration_status": 2,
        "opened_on": date(2010, 2, 3),
        "activity": 1091102,
        "street": "RUA AUGUSTA",
        "number": None,
        "complement": "LOTE 01 QUADRA 73",
        "district": "CENTRO",
        "postal_code": 1310100,
        "phones": [11987654321],
        "emails": ["padaria@shop.example"],
        "seen_at": date(2026, 11, 14),
    } == {name: value for name, value in table(tmp_path, "companies")[0].items() if name != "municipality"}


def test_branches_entrepreneurs_foreigners_and_orphans_are_all_kept(register: Path, tmp_path: Path) -> None:
    load_cnpj(register, tmp_path, OPTIONS)
    _, branch, owner, root_named, abroad, orphan = table(tmp_path, "companies")
    assert (False, 8, [1133334444], "PADARIA SAO JOAO LTDA") == (
        branch["head_office"], branch["registration_status"], branch["phones"], branch["legal_name"],
    )  # fmt: skip
    assert ("ANA LIMA", 52998224725, None) == (owner["legal_name"], owner["owner_tax_id"], owner["opened_on"])
    assert ("RUI DIAS", None, 77) == (
        root_named["legal_name"], root_named["owner_tax_id"], root_named["registration_status"],
    )  # fmt: skip
    assert (int("12ABC34501DE", 36), "A E B SA", 9999, None, None) == (
        abroad["tax_id"], abroad["legal_name"], abroad["legal_nature"], abroad["municipality"], abroad["postal_code"],
    )  # fmt: skip
    assert (None, "ORPHAN", None, None) == (
        orphan["legal_name"], orphan["trade_name"], orphan["legal_nature"], orphan["street"],
    )  # fmt: skip


def test_contacts_of_a_closed_establishment_are_as_old_as_its_closing(register: Path, tmp_path: Path) -> None:
    load_cnpj(register, tmp_path, OPTIONS)
    active, closed, closed_at_nonsense = table(tmp_path, "companies")[:3]
    assert [date(2026, 11, 14), date(2015, 5, 6), date(2026, 11, 14)] == [
        active["seen_at"], closed["seen_at"], closed_at_nonsense["seen_at"],
    ]  # fmt: skip


def test_partners_keep_repeated_triples_and_masked_digits(register: Path, tmp_path: Path) -> None:
    load_cnpj(register, tmp_path, OPTIONS)
    first, again, company, foreigner, rita = table(tmp_path, "partners")
    assert (int("11222333", 36), 2, "JOAO DA SILVA", 982247, 49, date(2010, 2, 3), 5) == (
        first["company_root"], first["kind"], first["name"], first["masked_cpf"], first["qualification"],
        first["entered_on"], first["age_band"],
    )  # fmt: skip
    assert (982247, 22) == (again["masked_cpf"], again["qualification"])
    assert ("3M E FILHOS LTDA", int("112223330001", 36), None, None, None) == (
        company["name"], company["tax_id"], company["masked_cpf"], company["entered_on"], company["age_band"],
    )  # fmt: skip
    assert ("JOHN DOE", 3, None, None) == (
        foreigner["name"], foreigner["kind"], foreigner["masked_cpf"], foreigner["tax_id"],
    )  # fmt: skip
    assert (None, None) == (rita["masked_cpf"], rita["entered_on"])


def test_everything_odd_is_counted(register: Path, tmp_path: Path) -> None:
    report = load_cnpj(register, tmp_path, OPTIONS)
    assert {"companies": 5, "establishments": 7, "partners": 5} == report.read
    assert {"companies": 5, "establishments": 6, "partners": 5} == report.kept
    assert {"cnpj_unreadable": 1} == report.refused
    assert {"entered_on.unreadable": 1, "status_on.future": 1} == report.unusable
    assert {
        "abroad": 1,
        "activity.unknown_code": 1,
        "company_without_establishment": 1,
        "country.unknown_code": 2,
        "establishment_without_company": 1,
        "legal_nature.unknown_code": 1,
        "qualification.unknown_code": 1,
    } == report.noticed  # reason 32 is in the release's own list


def test_partners_that_were_not_downloaded_are_missed_aloud(register: Path, tmp_path: Path) -> None:
    (register / "K3241.K03200Y0.D61114.SOCIOCSV").unlink()
    assert 1 == load_cnpj(register, tmp_path, OPTIONS).noticed["no_partners_file"]


def test_rows_are_numbered_through_the_files_of_a_table(register: Path, tmp_path: Path) -> None:
    report = load_cnpj(register, tmp_path, OPTIONS)
    assert [1, 2, 3, 4, 5, 6] == [row["row"] for row in table(tmp_path, "companies")]
    assert [("Estabelecimentos0.zip/K3241.K03200Y0.D61114.ESTABELE", 0, 4),
            ("Estabelecimentos1.zip/K3241.K03200Y1.D61114.ESTABELE", 4, 3)] == [
        (file.name, file.first_row, file.lines) for file in report.releases[0].files if "ESTABELE" in file.name
    ]  # fmt: skip


def test_nul_bytes_and_broken_rows(register: Path, tmp_path: Path) -> None:
    (register / "Estabelecimentos0.zip").unlink()
    with zipfile.ZipFile(register / "Estabelecimentos1.zip") as archive:
        data = archive.read(archive.namelist()[0])
    first, *rest = data.splitlines(keepends=True)
    broken = first.replace(b"AUGUSTA", b"AU\0GUS\x02TA") + b'"half";"a row"\n' + b"".join(rest)
    (register / "Estabelecimentos1.zip").unlink()
    (register / "new.estabele.csv").write_bytes(broken)
    report = load_cnpj(register, tmp_path, OPTIONS)
    assert "RUA AUGUSTA" == table(tmp_path, "companies")[0]["street"]
    assert {"cnpj_unreadable": 1, "too_few_fields": 1} == report.refused
    with next(tmp_path.glob("sources/cnpj/*/refusals.csv")).open(newline="") as file:
        half, unreadable = list(csv.reader(file))[1:]
    assert ["new.estabele.csv", "2", "", "too_few_fields", '"half";"a row"'] == half
    assert ["new.estabele.csv", "4", "cnpj_basico", "cnpj_unreadable"] == unreadable[:4]
    assert unreadable[4].startswith('"1234$678";"0001"')


def test_a_root_that_the_register_repeats_does_not_double_its_establishments(register: Path, tmp_path: Path) -> None:
    shutil.copy(register / "Empresas0.zip", register / "Empresas9.zip")
    report = load_cnpj(register, tmp_path, OPTIONS)
    assert 3 == report.noticed["company_repeated"]
    assert [1, 2, 3, 4, 5, 6] == [row["row"] for row in table(tmp_path, "companies")]


def test_unpacked_files_are_not_loaded_twice(register: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(register / "Estabelecimentos0.zip") as archive:
        archive.extractall(register)
    assert 7 == load_cnpj(register, tmp_path, OPTIONS).read["establishments"]


def test_the_anonymised_real_sample_loads_whole(tmp_path: Path) -> None:
    report = load_cnpj(SAMPLE, tmp_path, OPTIONS)
    companies = table(tmp_path, "companies")
    assert {"companies": 2006, "establishments": 2006, "partners": 2000} == report.kept
    assert 2006 == len(companies)
    assert {} == report.refused
    # Facts measured on the sample (facts §2.5): 85 % have a phone (5 % of them zeros, 1.6 % too old), 70 % an e-mail.
    assert 1550 < sum(bool(row["phones"]) for row in companies) < 1650
    assert 1300 < sum(bool(row["emails"]) for row in companies) < 1500
    assert 0 == sum(row["municipality"] is None for row in companies if row["postal_code"] is not None)
    assert not [number for row in companies for number in row["phones"] if not 10**9 < number < 10**11]


def test_the_release_is_dated_by_its_members_its_directory_or_today(register: Path, tmp_path: Path) -> None:
    files = find_files(register)
    assert date(2026, 11, 14) == release_date(register, files, TODAY)
    assert date(2016, 11, 14) == release_date(register, files, date(2019, 1, 1))
    undated = tmp_path / "2026-05"
    shutil.copytree(SAMPLE, undated)
    assert date(2026, 5, 1) == release_date(undated, find_files(undated), TODAY)
    assert TODAY == release_date(SAMPLE, find_files(SAMPLE), TODAY)


def test_the_join_says_when_it_has_too_little_memory(register: Path, tmp_path: Path) -> None:
    with pytest.raises(LoadFailed, match="needs more than 1KB of memory"):
        load_cnpj(register, tmp_path, CnpjOptions(today=TODAY, memory="1KB"))
    assert [] == list(tmp_path.glob("sources/cnpj/[!.]*"))


@pytest.mark.parametrize(
    "damage", ["truncated", "empty", "wrong_member", "not_zip", "wrong_layout", "flipped", "encrypted"]
)
def test_a_damaged_archive_is_one_sentence_and_publishes_nothing(register: Path, tmp_path: Path, damage: str) -> None:
    path = register / "Estabelecimentos0.zip"
    data = bytearray(path.read_bytes())
    match damage:
        case "truncated":
            path.write_bytes(data[: len(data) // 2])
        case "empty":
            zipfile.ZipFile(path, "w").close()
        case "wrong_member":
            shutil.copy(register / "Empresas0.zip", path)
        case "not_zip":
            path.write_bytes(b"<html>503 Service Unavailable</html>")
        case "wrong_layout":
            path.unlink()
            (register / "x.ESTABELE").write_bytes(b'"1";"2"\n')
        case "encrypted":
            data[data.index(b"PK\x01\x02") + 8] |= 1
            path.write_bytes(data)
        case "flipped":
            data[120] ^= 0xFF
            path.write_bytes(data)
    with pytest.raises(UnreadableInput, match=r"Estabelecimentos0\.zip|x\.ESTABELE"):
        load_cnpj(register, tmp_path, OPTIONS)
    assert [] == list(tmp_path.glob("sources/cnpj/[!.]*"))


def test_a_directory_without_the_register_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no Estabelecimentos file"):
        load_cnpj(tmp_path, tmp_path / "home", OPTIONS)
    shutil.copy(SAMPLE / "ESTABELE.csv", tmp_path)
    with pytest.raises(UnreadableInput, match="no Empresas file"):
        load_cnpj(tmp_path, tmp_path / "home", OPTIONS)
    with pytest.raises(UnreadableInput, match="cannot be read: No such file"):
        load_cnpj(tmp_path / "missing", tmp_path / "home", OPTIONS)
