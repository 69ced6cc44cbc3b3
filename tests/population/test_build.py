from pathlib import Path

import numpy as np
import pytest

from bureau.errors import BuildFailed
from bureau.matching.blocking import EMAIL, PHONE, claim_keys, text_hash
from bureau.model.query import Kind
from bureau.population import BuildOptions, build, open_population
from bureau.population.verify import postings_of


@pytest.fixture(scope="module")
def population(built_home: Path):
    return open_population(built_home)


def test_entities_are_the_people_of_all_sources(population) -> None:
    assert 600 == population.manifest.counts["people_rows"]
    assert 400 == population.manifest.counts["people_entities"]
    assert 100 == population.manifest.counts["companies_entities"]
    assert ["later", "registry", "cnpj"] == population.manifest.sources
