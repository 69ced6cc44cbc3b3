"""What ``bureau status`` says of the matching models."""

from pathlib import Path

import msgspec

from bureau.cli.status import _models
from bureau.matching.model import default_model
from bureau.model.query import Kind
from bureau.population.models import model_path, write_model
from bureau.settings import Settings


def test_the_version_in_use_is_named(tmp_path: Path) -> None:
    shipped = default_model("people")
    assert {"people": shipped.version, "companies": default_model("companies").version} == _models(
        Settings(home=tmp_path)
    )
    said = []
    for coverage in (0.5, 0.6, 0.5):
        write_model(tmp_path, Kind.PERSON, msgspec.structs.replace(shipped, version="ours", coverage=coverage))
        said.append(_models(Settings(home=tmp_path))["people"])
    assert said[0] == said[2] != said[1]  # what a model holds tells its version, not when it was written
    assert all(version.startswith("ours ") for version in said)


def test_a_model_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    path = model_path(tmp_path, Kind.PERSON)
    path.parent.mkdir()
    path.write_text("{")
    assert "people.json" in _models(Settings(home=tmp_path))["problem"]
