from pathlib import Path

import numpy as np
import pytest

from benchmarks.engine.measure import asked
from benchmarks.engine.multiplied import prepare
from benchmarks.engine.opened import Searched, opened
from bureau.enrich.finder import Finder
from bureau.matching.claim_keys import phone_key
from bureau.matching.layout import DATE, ENTITY, NAME, NO_TAX_ID
from bureau.matching.retrieve import block_sizes
from bureau.model.query import Kind
from bureau.normalise.documents import TaxId, parse_tax_id
from bureau.population import Population, open_population

TIMES = 3


@pytest.fixture(scope="module")
def register(chain_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("multiplied")
    prepare(chain_home, TIMES, directory)
    return directory


def test_every_copy_is_whole_and_filed(chain_home: Path, register: Path) -> None:
    built = open_population(chain_home)
    people = opened(chain_home, register)[0].register(Kind.PERSON)
    assert TIMES * len(built.people.tax_id) == len(people.tax_id)
    assert TIMES * len(built.people.records) == len(people.records)
    assert (people.tax_id[:-1] <= people.tax_id[1:]).all()
    owners = np.repeat(np.arange(len(people.tax_id)), np.diff(people.first_record))
    assert owners.tolist() == people.records[:, ENTITY].tolist()
    assert set(np.unique(built.people.records[:, NAME])) == set(np.unique(people.records[:, NAME]))
    assert set(np.unique(built.people.records[:, DATE] // 10_000)) == set(np.unique(people.records[:, DATE] // 10_000))


def test_built_people_stay_and_copies_have_no_valid_tax_id(chain_home: Path, register: Path) -> None:
    built = open_population(chain_home).people
    people = opened(chain_home, register)[0].register(Kind.PERSON)
    own = built.tax_id[built.tax_id != NO_TAX_ID]
    place = np.searchsorted(people.tax_id, own)
    assert own.tolist() == people.tax_id[place].tolist()
    was, now = built.records[built.first_record[: len(own)]], people.records[people.first_record[place]]
    assert np.delete(was, ENTITY, axis=1).tolist() == np.delete(now, ENTITY, axis=1).tolist()
    others = np.setdiff1d(people.tax_id, np.append(own, NO_TAX_ID))
    assert len(others) == (TIMES - 1) * len(own)
    assert not any(isinstance(parse_tax_id(f"{tax_id:011}"), TaxId) for tax_id in others[:500].tolist())


def test_phones_lead_to_as_many_people_as_before(chain_home: Path, register: Path) -> None:
    built = open_population(chain_home)
    phones = built.phones(Kind.PERSON, 0)["value"][:3].tolist()
    keys = np.array([phone_key(phone) for phone in phones] or [0], np.uint64)
    people = opened(chain_home, register)[0].register(Kind.PERSON)
    assert block_sizes(built.people.blocks, keys).tolist() == block_sizes(people.blocks, keys).tolist()


def test_the_same_people_are_found(chain_home: Path, register: Path) -> None:
    records = [record for record in asked(chain_home / "synthetic/queries").records if record.tax and record.tax.valid]
    searched = opened(chain_home, register)[0]
    found = [_tax_ids_found(population, records) for population in (open_population(chain_home), searched)]
    assert len(records) * 0.5 < np.count_nonzero(found[0])
    assert found[0].tolist() == found[1].tolist()


def _tax_ids_found(population: Population | Searched, records: list) -> np.ndarray:
    finder = Finder(population, Kind.PERSON)  # type: ignore[arg-type]  # as much of a population as finding takes
    finding = finder.find(records, 0.95)
    best = finding.matches.entity[:, 0]
    tax_id = population.register(Kind.PERSON).tax_id[best]
    return np.where((finding.decisions.outcome == 0) & (tax_id != NO_TAX_ID), tax_id, 0)
