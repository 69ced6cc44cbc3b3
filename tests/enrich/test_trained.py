"""A trained model of the population's home is the one that answers."""

import shutil
from pathlib import Path

import msgspec

from bureau.enrich.single import Enricher
from bureau.matching.model import default_model
from bureau.model.query import Kind
from bureau.population import open_population
from bureau.population.models import write_model


def test_the_trained_model_answers(synthetic_home: Path, tmp_path: Path) -> None:
    shutil.copytree(synthetic_home / "populations", tmp_path / "populations")
    population = open_population(tmp_path)
    shipped = default_model("people")
    assert shipped == Enricher(population).finder(Kind.PERSON).model

    trained = msgspec.structs.replace(shipped, version="trained", coverage=0.5)
    write_model(tmp_path, Kind.PERSON, trained)
    answering = Enricher(population).finder(Kind.PERSON).model
    assert trained == msgspec.structs.replace(answering, version=trained.version)
    assert answering.version.startswith("trained ")
    assert default_model("companies") == Enricher(population).finder(Kind.COMPANY).model
    assert shipped == Enricher(population, models={}).finder(Kind.PERSON).model
