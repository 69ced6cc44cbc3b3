"""Contacts of linked companies in answers, by hand and over a synthetic population."""

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bureau.contacts.survivorship import Holding
from bureau.enrich.batch import answer_records, flat_answers, records_of
from bureau.enrich.column_answers import ColumnAnswers
from bureau.enrich.columns import flat_table
from bureau.enrich.linked import (
    ANYBODYS,
    MOST,
    PROBABLE,
    have_linked,
    held_emails,
    held_phones,
    holder,
    linked_companies,
)
from bureau.enrich.single import Enricher
from bureau.intake.canonical import CANONICAL
from bureau.matching.model import default_model
from bureau.matching.posterior import ORDERS
from bureau.model.query import EnrichRequest, Kind, Options, Record
from bureau.model.snapshot import PARTNER
from bureau.model.tables import COMPANIES, PARTNERS, PEOPLE
from bureau.normalise.documents import cpf_digits
from bureau.normalise.names import normal_name
from bureau.population import Population, build, open_population
from bureau.population.lists import Lists

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEEN = date(2026, 3, 1)
GETULIO, RAIMUNDA, CLIENT = 11144477735, 52998224725, 12345678909  # invented, with right check digits
ACCOUNTANT = {"phones": [1_133_334_444], "emails": ["contador@exemplo.com.br"]}


def company(root: int, order: int = 1, **more: Any) -> dict[str, Any]:
    held = {"phones": [11_970_000_000 + root], "emails": [f"loja{root}@exemplo.com.br"]}
    row = {"row": root * 9 + order, "tax_id": root * ORDERS + order, "head_office": order == 1, "seen_at": SEEN}
    return row | {"legal_name": f"LOJA {root} LTDA", "registration_status": 2} | held | more


def partner(root: int, name: str, tax_id: int) -> dict[str, Any]:
    return {"row": root, "company_root": root, "kind": 2, "name": name, "masked_cpf": tax_id // 100 % 10**6}


def crowd(count: int) -> list[dict[str, Any]]:
    """People that make the names under test rare."""
    draw = np.random.default_rng(1)
    given, family = ("ANA", "JOSE", "RITA", "PEDRO", "LIA"), ("SILVA", "LIMA", "ROCHA", "MELO", "DIAS", "BRITO")
    return [
        {"name": f"{draw.choice(given)} {draw.choice(family)} {draw.choice(family)}", "birth_date": date(1980, 1, 1)}
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def population(tmp_path_factory: pytest.TempPathFactory) -> Population:
    home = tmp_path_factory.mktemp("linked_home")
    getulio = {"name": "GETULIO QUIRINO XAVANTE", "birth_date": date(1980, 2, 28), "phones": [11_970_000_021]}
    people = [
        {**getulio, "tax_id": GETULIO, "emails": ["getulio@exemplo.com.br"], "seen_at": SEEN},
        {"tax_id": RAIMUNDA, "name": "RAIMUNDA PRADO TUPINAMBA", "birth_date": date(1970, 5, 1), "seen_at": SEEN},
        {"tax_id": CLIENT, "name": "BENEDITA SOARES CAIAPO", "birth_date": date(1990, 7, 9), "seen_at": SEEN},
        *crowd(400),
    ]
    companies = [
        company(21),  # of Getulio, with his own phone
        company(22, legal_name="GETULIO QUIRINO XAVANTE", owner_tax_id=GETULIO, registration_status=8),
        *(company(root, registration_status=8) for root in (31, 32)),  # of Raimunda
        *(company(root) for root in (33, 34)),
        company(35, emails=["contato@exemplo.com.br"]),
        company(41, **ACCOUNTANT),  # of Benedita
        *(company(root, **ACCOUNTANT) for root in range(50, 50 + ANYBODYS)),
        company(61, legal_name="PADARIA TUPI LTDA"),
        company(61, 2, legal_name="PADARIA TUPI LTDA", phones=[11_970_000_062]),
    ]
    partners = [
        partner(21, "GETULIO QUIRINO XAVANTE", GETULIO),
        *(partner(root, "RAIMUNDA PRADO TUPINAMBA", RAIMUNDA) for root in (31, 32, 33, 34, 35)),
        partner(41, "BENEDITA SOARES CAIAPO", CLIENT),
    ]
    release = home / "sources" / "test" / "2026"
    release.mkdir(parents=True)
    for table, rows, schema in (
        ("people", people, PEOPLE),
        ("companies", companies, COMPANIES),
        ("partners", partners, PARTNERS),
    ):
        numbered = [{"row": i, **row} for i, row in enumerate(rows, start=1)]
        pq.write_table(pa.Table.from_pylist(numbered, schema), release / f"{table}-001.parquet")
    build(home)
    return open_population(home)


def person(population: Population, tax_id: int) -> int:
    return int(np.searchsorted(population.people.tax_id, tax_id))


def establishment(population: Population, root: int, order: int = 1) -> int:
    return int(np.searchsorted(population.companies.tax_id, root * ORDERS + order))


def shown(holdings: list[Holding]) -> list[tuple[list[int | str], str | None]]:
    return [(list(holding.values), holding.via) for holding in holdings]


def test_an_answer_shows_the_companys_contacts_last_and_says_whose_they_are(population: Population) -> None:
    record = Record(name="Getulio Quirino Xavante", tax_id=cpf_digits(GETULIO), birth_date="1980-02-28")
    answer = Enricher(population, clock=lambda: NOW).enrich(EnrichRequest(record, options=Options(explain=True)))
    assert [
        ("getulio@exemplo.com.br", None),
        ("loja21@exemplo.com.br", "LOJA 21 LTDA"),
        ("loja22@exemplo.com.br", "GETULIO QUIRINO XAVANTE"),
    ] == [(email.address, email.via) for email in answer.emails]
    assert [1, 2, 3] == [email.rank for email in answer.emails]
    assert "held by a linked company" in {row.what for row in answer.emails[1].evidence}
    assert answer.match
    assert default_model("people").version == answer.match.model
    assert [("+5511970000021", None), ("+5511970000022", "GETULIO QUIRINO XAVANTE")] == [
        (phone.number, phone.via) for phone in answer.phones
    ]
    assert 1 == answer.phones[0].shared_by  # his company is nobody else


def test_a_required_contact_may_be_a_linked_companys(population: Population) -> None:
    record = Record(name="Raimunda Prado Tupinamba", tax_id=cpf_digits(RAIMUNDA), birth_date="1970-05-01")
    enricher = Enricher(population, clock=lambda: NOW)
    answer = enricher.enrich(EnrichRequest(record, options=Options(require=["phone", "email"])))
    assert ("matched", 1) == (answer.status, answer.charge.units)
    assert all(phone.via for phone in answer.phones)
    alone = Record(name="Benedita Soares Caiapo", tax_id=cpf_digits(CLIENT), birth_date="1990-07-09")
    refused = enricher.enrich(EnrichRequest(alone, options=Options(require=["phone"])))
    assert ("not_found", 0) == (refused.status, refused.charge.units)


def test_evidence_is_shown_when_asked_for(population: Population) -> None:
    record = Record(name="Getulio Quirino Xavante", tax_id=cpf_digits(GETULIO), birth_date="1980-02-28")
    enricher = Enricher(population, clock=lambda: NOW)
    plain, explained = (
        enricher.enrich(EnrichRequest(record, options=Options(explain=asked))) for asked in (False, True)
    )
    for shown, reasoned in zip(plain.emails + plain.phones, explained.emails + explained.phones, strict=True):
        assert [] == shown.evidence
        assert reasoned.evidence
        assert shown == msgspec.structs.replace(reasoned, evidence=[])


def test_active_companies_come_first_and_no_more_than_three(population: Population) -> None:
    found = linked_companies(population, Kind.PERSON, person(population, RAIMUNDA))
    assert MOST == len(found)
    assert ["LOJA 33 LTDA", "LOJA 34 LTDA", "LOJA 35 LTDA"] == sorted(linked.via for linked in found)


def test_an_accountants_contacts_are_not_a_clients(population: Population) -> None:
    client = person(population, CLIENT)
    assert ["LOJA 41 LTDA"] == [linked.via for linked in linked_companies(population, Kind.PERSON, client)]
    assert [([], None), ([], "LOJA 41 LTDA")] == shown(held_emails(population, holder(population, Kind.PERSON, client)))
    assert [([], None), ([], "LOJA 41 LTDA")] == shown(held_phones(population, holder(population, Kind.PERSON, client)))


def test_a_branch_shows_its_head_offices_contacts(population: Population) -> None:
    branch, head = (establishment(population, 61, order) for order in (2, 1))
    expected = [([11_970_000_062], None), ([11_970_000_061], "PADARIA TUPI LTDA (head office)")]
    assert expected == shown(held_phones(population, holder(population, Kind.COMPANY, branch)))
    assert [([11_970_000_061], None)] == shown(held_phones(population, holder(population, Kind.COMPANY, head)))


def test_a_link_that_is_not_almost_certain_shows_nothing(population: Population) -> None:
    getulio = person(population, GETULIO)
    links, rows = population.affiliated, population.affiliation_rows.copy()
    rows["probability"] = PROBABLE - 0.01
    population.affiliated = Lists(rows, population.affiliation_offsets)
    try:
        assert [] == linked_companies(population, Kind.PERSON, getulio)
    finally:
        population.affiliated = links


def test_columns_show_linked_contacts_as_single_answers_do(population: Population) -> None:
    names, numbers = ("GETULIO QUIRINO XAVANTE", "RAIMUNDA PRADO TUPINAMBA"), (GETULIO, RAIMUNDA)
    rows = [
        {"name": name, "tax_id": cpf_digits(tax_id), "emails": sent}
        for name, tax_id in zip(names, numbers, strict=True)
        for sent in (None, "loja33@exemplo.com.br|other@exemplo.com.br", "loja22@exemplo.com.br")
    ]
    table = pa.Table.from_pylist([dict.fromkeys(CANONICAL.names) | row for row in rows], CANONICAL)
    enricher = Enricher(population)
    found = flat_answers(ColumnAnswers(enricher), table, Options(), NOW)
    expected = flat_table(answer_records(enricher, records_of(table), Options(), NOW))
    assert expected.to_pylist() == found.to_pylist()
    assert "loja21@exemplo.com.br" == found["bureau_email_2"][0].as_py()
    assert "contato@exemplo.com.br" in {found[f"bureau_email_{rank}"][3].as_py() for rank in (1, 2, 3)}


@pytest.mark.parametrize("kind", Kind)
def test_whoever_has_linked_companies_is_known_in_columns(population: Population, kind: Kind) -> None:
    entities = np.arange(-1, len(population.register(kind).tax_id))
    found = have_linked(population, kind, entities)
    assert not found[0]
    linked = [bool(linked_companies(population, kind, entity)) for entity in entities[1:].tolist()]
    assert linked == found[1:].tolist()
    assert 0 < sum(linked) < 10


class Truth:
    """Who really stands behind which company of a synthetic register: the generator gives no list, but among a few
    thousand people the six digits and the first name leave one possibility."""

    def __init__(self, files: Path) -> None:
        self.links: set[tuple[int, int]] = set()
        people: dict[tuple[str, str], list[int]] = {}
        for row in pq.read_table(files / "truth" / "people.parquet", columns=["tax_id", "name"]).to_pylist():
            people.setdefault((f"{row['tax_id']:011}"[3:9], _first(row["name"])), []).append(row["tax_id"])
        for row in self._rows(files / "cnpj", "SOCIO"):
            if row[1] == "2":
                fits = people.get((row[3][3:9], _first(row[2])), [])
                assert len(fits) < 2
                self.links.update((tax_id, int(row[0], 36)) for tax_id in fits)
        for row in self._rows(files / "cnpj", "EMPRE"):
            if row[1][-11:].isdigit() and " " in row[1]:
                self.links.add((int(row[1][-11:]), int(row[0], 36)))

    @staticmethod
    def _rows(folder: Path, table: str) -> Iterator[list[str]]:
        for path in sorted(folder.glob(f"*{table}*.zip")):
            with zipfile.ZipFile(path) as archive:
                text = archive.read(archive.namelist()[0]).decode("latin-1")
            yield from csv.reader(io.StringIO(text), delimiter=";")


def _first(name: str) -> str:
    return (normal_name(name) or "").split(" ")[0]


def test_links_of_a_synthetic_population_are_true_and_few_are_missing(synthetic_home: Path) -> None:
    population, truth = open_population(synthetic_home), Truth(synthetic_home / "synthetic")
    tax_id, roots = population.people.tax_id, population.companies.tax_id // ORDERS
    found = {
        (int(tax_id[e]), int(roots[link["company"]]))
        for e in range(len(tax_id))
        for link in population.affiliations(e)
        if link["probability"] >= PROBABLE
    }
    assert {PARTNER} < set(population.affiliation_rows["kind"].tolist())
    assert set() == found - truth.links
    possible = {link for link in truth.links if link[0] in set(tax_id.tolist())}
    assert len(found) > 0.9 * len(possible)
