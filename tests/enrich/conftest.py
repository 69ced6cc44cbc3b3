"""A small synthetic population, made as any other is."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def synthetic_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with 3,000 invented people and their companies, and ``synthetic/queries``; tests must not change it."""
    from bureau.population import build
    from loaders.cnpj import load_cnpj
    from loaders.people import load_people
    from loaders.synthetic import SyntheticOptions, generate

    home = tmp_path_factory.mktemp("synthetic_home")
    files = home / "synthetic"
    generate(files, SyntheticOptions(people=3_000, queries=600, seed=7))
    load_people(sorted((files / "people").glob("*.csv")), home)
    load_cnpj(files / "cnpj", home)
    build(home)
    return home
