import csv
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from stdnum.br import cnpj, cpf

from bureau.reference import register as code_lists
from loaders.synthetic import SyntheticSummary

Tables = dict[str, list[list[str]]]
WIDTHS = {
    "EMPRECSV": 7, "ESTABELE": 30, "SOCIOCSV": 11, "SIMPLES": 7,
    "CNAECSV": 2, "MOTICSV": 2, "MUNICCSV": 2, "NATJUCSV": 2, "PAISCSV": 2, "QUALSCSV": 2,
}  # fmt: skip


@pytest.fixture(scope="module")
def members(folder: Path) -> dict[str, str]:
    """Text of each member by table."""
    found = {}
    for path in sorted((folder / "cnpj").iterdir()):
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None
            (name,) = archive.namelist()
            assert f"{name}.zip" == path.name
            found[next(kind for kind in WIDTHS if kind in name)] = archive.read(name).decode("latin-1")
    return found


@pytest.fixture(scope="module")
def tables(members: dict[str, str]) -> Tables:
    return {
        kind: list(csv.reader(text.replace("\x00", "").splitlines(), delimiter=";")) for kind, text in members.items()
    }


def test_all_ten_tables_have_the_official_width(tables: Tables, summary: SyntheticSummary) -> None:
    assert set(WIDTHS) == set(tables)
    for kind, rows in tables.items():
        assert {WIDTHS[kind]} == {len(row) for row in rows}
    sizes = [len(tables[kind]) for kind in ("EMPRECSV", "ESTABELE", "SOCIOCSV")]
    assert [summary.companies, summary.establishments, summary.partners] == sizes
    assert 1_800 == summary.companies


def test_every_field_is_quoted(members: dict[str, str]) -> None:
    for text in members.values():
        line = text.splitlines()[0]
        assert line.startswith('"')
        assert line.count('"') == 2 * (line.count('";"') + 1)


def test_roots_join_across_the_tables(tables: Tables) -> None:
    roots = [row[0] for row in tables["EMPRECSV"]]
    assert len(roots) == len(set(roots))
    assert set(roots) == {row[0] for row in tables["ESTABELE"]}
    assert {row[0] for row in tables["SOCIOCSV"]} == {row[0] for row in tables["EMPRECSV"] if row[2] != "2135"}
    assert {row[0] for row in tables["SIMPLES"]} < set(roots)


def test_numbers_are_valid_and_the_newest_have_letters(tables: Tables) -> None:
    for row in tables["ESTABELE"]:
        assert cnpj.is_valid("".join(row[:3]))
        assert row[0][0].isalpha() == (row[10] >= "20260731")
    assert any(row[0][0].isalpha() for row in tables["ESTABELE"])
    branches = [row for row in tables["ESTABELE"] if row[1] != "0001"]
    assert 0.02 < len(branches) / len(tables["ESTABELE"]) < 0.06
    assert {"2"} == {row[3] for row in branches}


def test_codes_are_in_their_lists(tables: Tables) -> None:
    assert {row[2] for row in tables["EMPRECSV"]} <= set(code_lists.legal_natures())
    assert {row[3] for row in tables["EMPRECSV"]} <= set(code_lists.qualifications())
    assert {row[11] for row in tables["ESTABELE"]} <= set(code_lists.activities())
    assert {row[20] for row in tables["ESTABELE"]} <= set(code_lists.register_municipalities())
    assert dict(tables["CNAECSV"]) == dict(code_lists.activities())


def test_names_of_entrepreneurs_give_cpf_or_root_away(tables: Tables, truth: list[dict[str, object]]) -> None:
    people = {f"{person['tax_id']:011}" for person in truth}
    names = [row[1] for row in tables["EMPRECSV"]]
    numbers = [name[-11:] for name in names if name[-11:].isdigit()]
    assert abs(0.159 - len(numbers) / len(names)) < 0.03
    assert set(numbers) <= people
    assert all(cpf.is_valid(number) for number in numbers)
    rooted = [row for row in tables["EMPRECSV"] if row[1].startswith(f"{row[0][:2]}.{row[0][2:5]}.{row[0][5:]} ")]
    assert abs(0.43 - len(rooted) / len(names)) < 0.04
    assert abs(0.69 - sum(row[2] == "2135" for row in tables["EMPRECSV"]) / len(names)) < 0.03


def test_partners_are_people_of_the_population(tables: Tables, truth: list[dict[str, object]]) -> None:
    masked = {"***" + f"{person['tax_id']:011}"[3:9] + "**" for person in truth}
    partners = [row for row in tables["SOCIOCSV"] if row[1] == "2"]
    assert {row[3] for row in partners} <= masked
    assert 0.95 < len(partners) / len(tables["SOCIOCSV"]) < 1
    assert {"49", "22"} == {row[4] for row in tables["SOCIOCSV"]}
    assert {"0"} < {row[10] for row in tables["SOCIOCSV"]} <= set("023456789")


def test_contacts_are_the_owners_or_an_accountants(
    tables: Tables, records: dict[tuple[str, int], dict[str, str]]
) -> None:
    emails = [row[27].lower() for row in tables["ESTABELE"] if row[27]]
    assert 0.5 < len(emails) / len(tables["ESTABELE"]) < 0.8
    (address, clients), *_ = Counter(emails).most_common(1)
    assert clients > 50
    assert address.startswith(("contab", "contador", "escritorio", "fiscal", "assessoria"))
    personal = {email.lower() for record in records.values() for email in record["emails"].split("|")}
    assert 0.25 < sum(email in personal for email in emails) / len(emails) < 0.9
    assert abs(0.77 - sum(row[27].isupper() for row in tables["ESTABELE"]) / len(emails)) < 0.05


def test_phones_have_eight_digits_and_the_registers_dirt(tables: Tables) -> None:
    pairs = [(row[21], row[22]) for row in tables["ESTABELE"]]
    given = [pair for pair in pairs if pair[1]]
    assert abs(0.85 - len(given) / len(pairs)) < 0.07
    share = Counter("placeholder" if pair == ("0", "0") else len(pair[1]) for pair in given)
    assert abs(0.05 - share["placeholder"] / len(given)) < 0.03
    assert {8, 7, "placeholder"} == set(share)
    assert any(area.startswith("0") and len(area) == 3 for area, _ in given)
    assert any(number[:1] in "6789" for _, number in given), "mobiles without the ninth digit"


def test_dates_are_possible(tables: Tables) -> None:
    assert all("19400101" <= row[10] <= row[6] <= "20261101" for row in tables["ESTABELE"])
    assert all(row[2] <= "20261101" and row[3] <= "20261101" for row in tables["SIMPLES"])
