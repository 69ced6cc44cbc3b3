import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bureau.errors import PopulationUnavailable
from bureau.model.query import Kind
from bureau.population import Population, build, current_id, open_population
from bureau.population.manifest import NAME, SCHEMA


@pytest.fixture(scope="module")
def population(built_home: Path) -> Population:
    return open_population(built_home)


def test_arrays_are_read_only(population: Population) -> None:
    with pytest.raises(ValueError, match="read-only"):
        population.people.records[0, 0] = 1


def test_the_absent_text_is_empty(population: Population) -> None:
    assert "" == population.text(0)
    assert "RUA" == population.text(int(population.addresses(Kind.PERSON, 0)[0]["street"]))[:3]


def test_token_ids_leave_the_absent_token_out(population: Population) -> None:
    assert "" not in population.token_ids[Kind.PERSON]
    assert 0 not in population.token_ids[Kind.COMPANY].values()


def test_entity_ids_are_opaque_and_distinct(population: Population) -> None:
    people = {population.entity_id(Kind.PERSON, e) for e in range(400)}
    assert 400 == len(people)
    assert all(re.fullmatch(r"per_[0-9a-f]{24}", found) for found in people)
    assert population.entity_id(Kind.COMPANY, 0).startswith("com_")


def test_entity_ids_outlive_a_rebuild_but_not_the_secret(
    tmp_path: Path, fill_home: Callable[[Path, int], Path]
) -> None:
    home = fill_home(tmp_path, 40)
    build(home)
    first = open_population(home)
    shutil.rmtree(home / "sources" / "registry")  # only rows without tax id are left, on other entity numbers
    build(home)
    second, third = open_population(home), open_population(home)
    assert first.id != second.id
    assert 20 == len(second.people.tax_id)
    ids = {first.entity_id(Kind.COMPANY, e) for e in range(10)}
    assert ids == {second.entity_id(Kind.COMPANY, e) for e in range(10)}
    by_content = [second.entity_id(Kind.PERSON, e) for e in range(20)]
    assert by_content == [third.entity_id(Kind.PERSON, e) for e in range(20)]
    (home / "secret").write_bytes(b"x" * 32)
    assert not ids & {open_population(home).entity_id(Kind.COMPANY, e) for e in range(10)}


def test_a_missing_population_says_what_to_do(tmp_path: Path) -> None:
    assert current_id(tmp_path) is None
    with pytest.raises(PopulationUnavailable, match="bureau build"):
        open_population(tmp_path)
    with pytest.raises(PopulationUnavailable, match="does not exist"):
        open_population(tmp_path, "pop_unknown")


@pytest.mark.parametrize("name", ["../secret", ".building-x", "a/b"])
def test_an_id_cannot_leave_the_directory(tmp_path: Path, name: str) -> None:
    with pytest.raises(PopulationUnavailable, match="slash"):
        open_population(tmp_path, name)


@pytest.mark.parametrize("damage", ["shorter", "missing", "manifest", "schema"])
def test_damage_is_noticed_on_opening(built_home: Path, tmp_path: Path, damage: str) -> None:
    shutil.copytree(built_home, tmp_path / "home")
    home = tmp_path / "home"
    directory = home / "populations" / str(current_id(home))
    records = directory / "people" / "records.npy"
    if damage == "shorter":
        records.write_bytes(records.read_bytes()[:-1])
    elif damage == "missing":
        records.unlink()
    elif damage == "manifest":
        (directory / NAME).write_bytes(b"{")
    else:
        text = (directory / NAME).read_text()
        (directory / NAME).write_text(text.replace(f'"schema": {SCHEMA}', '"schema": 999'))
    with pytest.raises(PopulationUnavailable):
        open_population(home)


def test_a_secret_that_is_no_key_is_refused(built_home: Path, tmp_path: Path) -> None:
    shutil.copytree(built_home, tmp_path / "home")
    (tmp_path / "home" / "secret").write_bytes(b"short")
    with pytest.raises(PopulationUnavailable, match="32 bytes"):
        open_population(tmp_path / "home")


def test_the_secret_is_private(built_home: Path) -> None:
    assert 0o600 == (built_home / "secret").stat().st_mode & 0o777
    assert ["secret"] == [path.name for path in built_home.iterdir() if "secret" in path.name]
