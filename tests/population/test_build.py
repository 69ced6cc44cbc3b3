"""A whole build, checked against the source rows it was made of."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from bureau.errors import BuildFailed
from bureau.matching.blocking import EMAIL, PHONE, claim_keys, record_keys
from bureau.matching.claim_keys import text_hash
from bureau.matching.layout import ENTITY, NO_TAX_ID
from bureau.model.query import Kind
from bureau.normalise.names import sound_code
from bureau.population import BuildOptions, Population, build, open_population
from bureau.population.verify import postings_of


@pytest.fixture(scope="module")
def population(built_home: Path) -> Population:
    return open_population(built_home)


def source_rows(home: Path, population: Population, table: str) -> Iterator[tuple[dict[str, Any], int]]:
    """Every source row and the entity that lineage says it became."""
    for release in population.manifest.releases:
        for path in (home / "sources" / release.source / release.release).glob(f"{table}-*.parquet"):
            lineage = population.directory / "lineage" / table / release.source
            rows, entities = np.load(f"{lineage}_rows.npy"), np.load(f"{lineage}_entities.npy")
            for row, number, entity in zip(pq.read_table(path).to_pylist(), rows, entities, strict=True):
                assert row["row"] == number
                yield row, int(entity)


def test_entities_are_the_people_of_all_sources(population: Population) -> None:
    counts = population.manifest.counts
    assert (600, 400, 400) == (counts["people_rows"], counts["people_entities"], counts["people_records"])
    assert (100, 100) == (counts["companies_rows"], counts["companies_entities"])
    assert ["later", "registry", "cnpj"] == population.manifest.sources


def test_every_value_of_every_row_is_held_by_its_entity(built_home: Path, population: Population) -> None:
    seen = 0
    for kind, table in ((Kind.PERSON, "people"), (Kind.COMPANY, "companies")):
        for row, e in source_rows(built_home, population, table):
            register = population.register(kind)
            assert row["tax_id"] in {None, int(register.tax_id[e])}
            assert set(row["phones"]) <= set(population.phones(kind, e)["value"].tolist())
            assert set(row["emails"]) <= {population.text(int(v)) for v in population.emails(kind, e)["value"]}
            assert row["postal_code"] in population.addresses(kind, e)["postal_code"].tolist()
            assert (row.get("name") or row["legal_name"]) == population.entity_name(kind, e)
            seen += 1
    assert 700 == seen


def test_the_latest_contact_comes_first_with_its_source(built_home: Path, population: Population) -> None:
    for row, e in source_rows(built_home, population, "people"):
        if row["tax_id"] is None:
            latest = population.phones(Kind.PERSON, e)[0]
            assert row["phones"] == [latest["value"]]
            assert 1 == latest["sources"]  # bit 0: "later"
            email = population.emails(Kind.PERSON, e)[0]
            assert (3, 1) == (email["sources"], email["shared_by"])


def test_a_shared_contact_says_how_many_claim_it(population: Population) -> None:
    assert 100 == population.emails(Kind.COMPANY, 0)[0]["shared_by"]
    shared = {int(c["value"]): int(c["shared_by"]) for e in range(100) for c in population.phones(Kind.COMPANY, e)}
    assert 50 == shared[1_133_334_444]


@pytest.mark.parametrize("kind", Kind)
def test_every_record_is_filed_under_all_its_keys(population: Population, kind: Kind) -> None:
    register = population.register(kind)
    keys, numbers = record_keys(
        np.ascontiguousarray(register.records),
        register.tax_id[register.records[:, ENTITY]],
        register.vocabulary,
        people=kind is Kind.PERSON,
    )
    for key, number in zip(keys.tolist(), numbers.tolist(), strict=True):
        assert number in postings_of(register.blocks, key)


@pytest.mark.parametrize("kind", Kind)
def test_claims_are_filed_under_the_entitys_first_record(population: Population, kind: Kind) -> None:
    register = population.register(kind)
    for e in range(len(register.tax_id)):
        phones = population.phones(kind, e)["value"].astype(np.uint64)
        hashes = [text_hash(population.text(int(v))) for v in population.emails(kind, e)["value"]]
        for keys in (claim_keys(phones, PHONE), claim_keys(np.array(hashes, np.uint64), EMAIL)):
            for key in keys.tolist():
                assert register.first_record[e] in postings_of(register.blocks, key)


def test_the_vocabulary_is_commonest_first(population: Population) -> None:
    vocabulary, ids = population.people.vocabulary, population.token_ids[Kind.PERSON]
    assert 1 == ids["DE"]  # in every name
    for token, row in ids.items():
        assert token.encode() == vocabulary.letters[row].tobytes().rstrip(b"\0")
        assert (len(token), sound_code(token)) == (vocabulary.length[row], vocabulary.sound[row])
    assert 400 == vocabulary.as_first.sum()
    assert (0, 0) == (vocabulary.sound[0], vocabulary.as_other[0])


def test_partners_are_found_by_root(population: Population) -> None:
    root = (10**17 + 1) // 36**4
    (row,) = population.partner_rows(root)
    assert (123456, NO_TAX_ID) == (population.partners.masked_cpf[row], population.partners.tax_id[row])
    assert "ANA LIMA" == population.partner_name(row)
    assert 0 == len(population.partner_rows(root + 1))


def test_facts_are_by_establishment(population: Population) -> None:
    facts = population.facts(3)
    assert (2062, 2, 1) == (facts["legal_nature"], facts["registration_status"], facts["head_office"])
    assert 0 < facts["opened_on"]


def test_a_build_without_sources_or_beyond_its_memory_is_refused(
    tmp_path: Path, fill_home: Callable[[Path, int], Path]
) -> None:
    with pytest.raises(BuildFailed, match="load"):
        build(tmp_path)
    with pytest.raises(BuildFailed, match="MiB"):
        build(fill_home(tmp_path, 40), BuildOptions(memory=1024))
    assert not (tmp_path / "populations").exists()


def test_people_without_companies_are_a_population_and_stages_are_announced(
    tmp_path: Path, fill_home: Callable[[Path, int], Path]
) -> None:
    home, announced = fill_home(tmp_path, 40), []
    for path in (home / "sources" / "cnpj").rglob("*.parquet"):
        path.unlink()
    report = build(home, BuildOptions(progress=lambda stage, share: announced.append((stage, share))))
    assert report.counts["people_entities"] == 40
    assert 0 == len(open_population(home).companies.tax_id)
    assert ("people", 0.0) == announced[0]
    assert "verify" == announced[-1][0]
    assert [i / len(announced) for i in range(len(announced))] == [share for _, share in announced]
