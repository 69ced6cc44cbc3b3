"""What is held of somebody: all of it, each part with its sources, and nothing of others."""

import datetime as dt

import msgspec
import pytest

from bureau.model.query import Kind
from bureau.normalise.documents import cnpj_text, cpf_digits
from bureau.population import Population
from bureau.privacy.holdings import Identity, LinkedCompany, Origin, held

ANA, OWNER_ONLY, NOBODY = 52998224725, 11144477735, 39053344705
SHOP, STALL = 10**17 + 1, 10**17 + 36**4 + 1


def test_every_part_names_its_sources_and_its_days(population: Population) -> None:
    (ana,) = held(population, Kind.PERSON, ANA).entities
    assert [Origin("crm", "2026-11", 2), Origin("registry", "2026-11", 1)] == ana.origins
    (email,), (phone,), (address,) = ana.emails, ana.phones, ana.addresses
    assert ("ana@exemplo.com.br", ["crm", "registry"]) == (email.address, email.sources)
    assert (dt.date(2020, 1, 1), dt.date(2026, 3, 1)) == (email.first_seen, email.last_seen)
    assert ("+5511987654321", ["registry"], 2) == (phone.number, phone.sources, phone.shared_by)
    assert ("RUA DAS FLORES", "7", "01310100", ["registry"]) == (
        address.street, address.number, address.postal_code, address.sources,
    )  # fmt: skip


def test_every_name_they_were_seen_under_is_told(population: Population) -> None:
    (ana,) = held(population, Kind.PERSON, ANA).entities
    born = dt.date(1980, 2, 28)
    identities = {Identity(name, born, sex="F", mother_name="RITA LIMA") for name in ("ANA LIMA", "ANA LIMA PRADO")}
    assert identities == set(ana.identities)


def test_a_company_tells_its_registration(population: Population) -> None:
    found = held(population, Kind.COMPANY, SHOP)
    (shop,) = found.entities
    assert shop.registration is not None
    assert (2135, 2, dt.date(2015, 1, 2)) == (
        shop.registration.legal_nature, shop.registration.status, shop.registration.opened_on,
    )  # fmt: skip
    assert [] == found.companies
    assert {dt.date(2015, 1, 2)} == {identity.opened_on for identity in shop.identities}


@pytest.mark.parametrize(("owner", "company"), [(ANA, SHOP), (OWNER_ONLY, STALL)])
def test_companies_that_bear_the_cpf_are_the_owners(population: Population, owner: int, company: int) -> None:
    name = population.entity_name(Kind.COMPANY, population.with_tax_id(Kind.COMPANY, company)[0])
    assert [LinkedCompany(cnpj_text(company), name, "owner", 1.0)] == held(population, Kind.PERSON, owner).companies


def test_of_somebody_unknown_nothing_is_held(population: Population) -> None:
    found = held(population, Kind.PERSON, NOBODY)
    assert ([], []) == (found.entities, found.companies)
    assert found.entity_id.startswith("per_")


def test_the_id_is_the_one_that_answers_bear(population: Population) -> None:
    (entity,) = population.with_tax_id(Kind.PERSON, ANA)
    assert population.entity_id(Kind.PERSON, entity) == held(population, Kind.PERSON, ANA).entity_id


def test_no_cpf_is_in_what_is_told_and_nobody_elses_data(population: Population) -> None:
    told = [msgspec.json.encode(held(population, kind, one)).decode() for kind, one in (
        (Kind.PERSON, ANA), (Kind.COMPANY, SHOP), (Kind.COMPANY, STALL),
    )]  # fmt: skip
    for secret in (cpf_digits(ANA), cpf_digits(OWNER_ONLY), "JOSE NUNES"):
        assert not any(secret in one for one in told)
