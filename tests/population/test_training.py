"""Training on source tables: what it finds, that order does not matter, and what becomes of the file."""

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bureau.errors import BuildFailed, UnreadableInput
from bureau.matching.model import Model, default_model, load_model
from bureau.model.query import Kind
from bureau.model.tables import PEOPLE
from bureau.population.expectation import likely, look_ups
from bureau.population.models import model_path, trained_models
from bureau.population.pairs import oldest_first, random_pairs
from bureau.population.training import TrainingOptions, TrainingReport, read_compared, train

GIVEN = ["MARIA", "JOSE", "ANTONIO", "FRANCISCA", "CARLOS", "ADRIANA", "PEDRO", "BEATRIZ", "THIAGO", "RITA", "OLGA"]
FAMILY = [
    "SILVA", "SANTOS", "SOUZA", "LIMA", "ROCHA", "PRADO", "NUNES", "COSTA", "MELO", "DIAS", "FARIA", "BRITO", "TELES",
    "MOURA", "PINHO", "QUEIROZ", "XAVIER", "ZANINI", "GUEDES", "BARROS", "FREITAS", "CAMPOS", "TAVARES", "VIANA",
]  # fmt: skip
PEOPLE_COUNT = 6_000
OTHER_DAY, OTHER_PHONE, DROPPED, MOVED = 0.06, 0.4, 0.05, 0.3
OPTIONS = TrainingOptions(pairs=60_000, rows=12_000, seed=3)
Rows = list[dict[str, Any]]


def two_sources() -> tuple[Rows, Rows]:
    """A register, and a later one of the same people in which a known share of everything changed."""
    draw = random.Random(11)
    first = [person(draw, number) for number in range(PEOPLE_COUNT)]
    return first, [later(draw, row) for row in first]


def person(draw: random.Random, number: int) -> dict[str, Any]:
    return {
        "row": number + 1,
        "tax_id": 10_000_000_000 + number * 7 if number % 2 else None,
        "name": " ".join([draw.choice(GIVEN), *draw.sample(FAMILY, 4)]),
        "birth_date": date(1950, 1, 1) + timedelta(days=draw.randrange(18_000)),
        "sex": draw.randint(1, 2),
        "mother_name": " ".join([draw.choice(GIVEN), *draw.sample(FAMILY, 2)]),
        **place(draw),
        "phones": [11_900_000_000 + draw.randrange(50_000_000)],
        "seen_at": date(2020, 1, 1),
    }


def place(draw: random.Random) -> dict[str, Any]:
    return {"municipality": draw.randint(1, 5570), "postal_code": draw.randint(1_000_000, 99_999_999), "number": "7"}


def later(draw: random.Random, row: dict[str, Any]) -> dict[str, Any]:
    new = {**row, "seen_at": date(2026, 1, 1)}
    if draw.random() < OTHER_DAY:
        day = row["birth_date"].day
        new["birth_date"] = row["birth_date"].replace(day=day % 28 + 1)
    if draw.random() < OTHER_PHONE:
        new["phones"] = [21_900_000_000 + draw.randrange(50_000_000)]
    if draw.random() < DROPPED:
        given, one, _, three, four = row["name"].split()
        new["name"] = f"{given} {one} {three} {four}"
    if draw.random() < MOVED:
        new |= place(draw)
    return new


def home_of(home: Path, **sources: Rows) -> Path:
    for name, rows in sources.items():
        source, _, release = name.partition("_")
        directory = home / "sources" / source / (release or "2026")
        directory.mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist(rows, PEOPLE), directory / "people-001.parquet")
    return home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    first, second = two_sources()
    return home_of(tmp_path_factory.mktemp("home"), registry=first, later=second)


@pytest.fixture(scope="module")
def report(home: Path) -> TrainingReport:
    return train(home, OPTIONS)


def model_of(home: Path) -> Model:
    return load_model(model_path(home, Kind.PERSON))


def test_damage_is_learnt(report: TrainingReport) -> None:
    learnt = {level.level: level for level in report.levels}
    assert OTHER_DAY == pytest.approx(learnt["date_day"].m, abs=0.01)
    assert 1 - OTHER_PHONE == pytest.approx(learnt["phone_same"].m, abs=0.03)
    assert 1 - MOVED == pytest.approx(learnt["place_house"].m, abs=0.04)
    assert DROPPED / 4 == pytest.approx(learnt["surname_added"].m, abs=0.006)  # one of four, by the older row
    assert default_model("people").levels["date_day"].m == learnt["date_day"].m_before


def test_equal_tax_ids_check_what_was_learnt(report: TrainingReport) -> None:
    for level in report.levels:
        if level.matches > 1000 and not level.level.startswith("suffix"):
            assert level.m_equal_tax_ids == pytest.approx(level.m, abs=0.03), level.level


def test_everybody_is_found_in_the_other_source(report: TrainingReport) -> None:
    assert 2 * PEOPLE_COUNT == report.asked
    assert PEOPLE_COUNT == pytest.approx(report.matches, rel=0.01)  # each pair once, though both were looked up
    assert 1 == pytest.approx(report.coverage, abs=0.01)
    assert 1 < report.rounds < 20


@pytest.mark.usefixtures("report")
def test_the_model_is_found_by_who_opens_a_population(home: Path) -> None:
    assert {Kind.PERSON} == trained_models(home).keys()
    model = trained_models(home)[Kind.PERSON]
    assert "people" == model.kind
    assert ", trained " in model.version
    assert [] == [path.name for path in (home / "models").iterdir() if path.name != "people.json"]
    assert model == msgspec.json.decode(msgspec.json.encode(model), type=Model)


@pytest.mark.usefixtures("report")
def test_another_order_of_the_input_gives_the_same_model(home: Path, tmp_path: Path) -> None:
    first, second = two_sources()
    draw = random.Random(5)
    draw.shuffle(first)
    draw.shuffle(second)
    for rows in (first, second):
        for number, row in enumerate(rows, start=1):
            row["row"] = number
    train(home_of(tmp_path, later=second, registry=first), OPTIONS)
    assert model_of(home) == model_of(tmp_path)


def test_one_source_is_compared_with_its_other_releases(tmp_path: Path) -> None:
    first, second = two_sources()
    report = train(home_of(tmp_path, clients_2020=first, clients_2026=second), OPTIONS)
    assert report.matches > 0.9 * PEOPLE_COUNT


def test_a_lone_table_teaches_nothing(tmp_path: Path) -> None:
    report = train(home_of(tmp_path, clients=two_sources()[0]), OPTIONS)
    assert (0, 0.0) == (report.asked, report.matches)
    kept, shipped = model_of(tmp_path), default_model("people")
    for name, level in shipped.levels.items():
        assert level.m == kept.levels[name].m
    assert shipped.weights().tolist() == kept.weights().tolist()


def test_without_people_there_is_nothing_to_train_on(tmp_path: Path) -> None:
    with pytest.raises(BuildFailed, match="load people"):
        train(tmp_path)


def test_a_damaged_model_is_named(tmp_path: Path) -> None:
    path = model_path(tmp_path, Kind.PERSON)
    path.parent.mkdir()
    path.write_text("{}")
    with pytest.raises(UnreadableInput, match=r"people\.json"):
        trained_models(tmp_path)


def test_rows_are_looked_up_where_they_are_not_from(home: Path, tmp_path: Path) -> None:
    rows, traced = read_compared(home)
    asked = look_ups(rows, traced, 500, 1, tmp_path)
    assert 500 == sum(len(look_up.asked) for look_up in asked)
    for look_up in asked:
        assert len(np.unique(traced.source[look_up.held])) == 1
        assert traced.source[look_up.held[0]] not in traced.source[look_up.asked]
        found = likely(rows, look_up, 0.5, default_model("people"))
        assert (found.covered <= 1 + 1e-9).all()
        assert set(found.asked) <= set(look_up.asked)
        assert set(found.found) <= set(look_up.held)


def test_the_older_row_is_the_one_submitted(home: Path) -> None:
    _, traced = read_compared(home)
    draw = np.random.default_rng(4)
    one, two = draw.integers(0, len(traced.seen), (2, 1000))
    pairs = oldest_first(traced, one, two)
    assert (traced.seen[pairs.submitted] <= traced.seen[pairs.found]).all()
    again = oldest_first(traced, two, one)
    np.testing.assert_array_equal(pairs.submitted, again.submitted)


def test_random_pairs_are_of_two_rows(home: Path) -> None:
    _, traced = read_compared(home)
    one, two = random_pairs(traced, 5_000, seed=1)
    assert 5_000 == len(one)
    assert (one != two).all()
    again, _ = random_pairs(traced, 5_000, seed=1)
    np.testing.assert_array_equal(one, again)
    other, _ = random_pairs(traced, 5_000, seed=2)
    assert (one != other).any()


def families(draw: random.Random, count: int) -> Rows:
    """Two siblings to a home; one pair in twenty are twins."""
    rows = []
    for number in range(0, 2 * count, 2):
        one = person(draw, number)
        other = draw.choice([name for name in GIVEN if not one["name"].startswith(name)])
        two = {**one, "row": number + 2, "tax_id": None, "name": f"{other} {one['name'].split(' ', 1)[1]}"}
        if number % 40:
            two["birth_date"] = one["birth_date"] + timedelta(days=draw.randrange(400, 4000))
        rows += [one, two]
    return rows


def test_relatives_are_counted(tmp_path: Path) -> None:
    alone, together = two_sources()[0], families(random.Random(2), PEOPLE_COUNT // 2)
    shipped = default_model("people").relatives
    without = train(home_of(tmp_path / "alone", one=alone, two=alone), OPTIONS)
    within = train(home_of(tmp_path / "families", one=together, two=together), OPTIONS)
    assert without.relatives["twin"] < shipped["twin"] / 10
    assert without.relatives["sibling"] < shipped["sibling"] / 10
    assert all(10 * without.relatives[kin] < within.relatives[kin] <= shipped[kin] for kin in shipped)
    different = {level.level: level.m for level in within.levels}["given_different"]
    assert different < 0.01  # other people are not damage
