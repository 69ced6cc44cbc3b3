import numpy as np
import pytest

from bureau.reference.places import states
from loaders.synthetic.names import FEMALE, MALE
from loaders.synthetic.population import Block, World

STATES = [state.abbreviation for state in states()]


def _given(world: World, sex: int, year: int, count: int = 20_000) -> list[str]:
    units = world.stock.given(np.random.default_rng(1), np.full(count, sex), np.full(count, year))
    return [name.split(" ")[0] for name in world.stock.written(units).to_pylist()]


def _share(world: World, token: str, state: str) -> float:
    rows = np.full(40_000, STATES.index(state))
    names = world.stock.written(world.stock.surnames(np.random.default_rng(2), rows)[:, None]).to_pylist()
    return sum(name.split(" ")[-1] == token for name in names) / len(names)


def test_given_names_belong_to_their_sex_and_time(world: World) -> None:
    old_women, young_men = _given(world, FEMALE, 1950), _given(world, MALE, 2008)
    assert 0.15 < old_women.count("MARIA") / len(old_women) < 0.30
    assert 0.02 < young_men.count("GABRIEL") / len(young_men) < 0.06
    assert 0 == young_men.count("MARIA")
    assert old_women.count("TEREZINHA") > 10 > _given(world, FEMALE, 2008).count("TEREZINHA")


def test_a_third_has_two_given_names(world: World) -> None:
    sex = np.arange(40_000) % 2 + 1
    units = world.stock.given(np.random.default_rng(1), sex, np.full(40_000, 1980))
    assert 0.3 < (units[:, 1] > 0).mean() < 0.42
    assert not (units[:, 0] == units[:, 1]).any()


@pytest.mark.parametrize(
    ("token", "common", "rare"), [("SANTOS", "SE", "RS"), ("SILVA", "AL", "SC"), ("SOUSA", "CE", "RS")]
)
def test_surnames_have_their_regions(world: World, token: str, common: str, rare: str) -> None:
    assert _share(world, token, common) > 2 * _share(world, token, rare)


def test_families_write_particles_or_do_not(world: World) -> None:
    units = world.stock.surnames(np.random.default_rng(3), np.zeros(40_000, dtype=np.int64))
    written = world.stock.written(units[:, None]).to_pylist()
    silva = [name for name in written if name.endswith("SILVA")]
    assert {"SILVA", "DA SILVA"} == set(silva)
    bare = world.stock.written(world.stock.bare(units)[:, None]).to_pylist()
    assert [name.split(" ")[-1] for name in written] == bare


def test_respelling_leads_to_another_spelling_and_sometimes_back(world: World) -> None:
    texts = world.stock.units.plain.to_pylist()
    other = {texts[unit]: texts[to] for unit, to in enumerate(world.stock.respelt.tolist()) if unit != to}
    assert {"LUIS": "LUIZ", "LUIZ": "LUIS"}.items() <= other.items()
    assert {"DE SOUSA": "DE SOUZA", "DE SOUZA": "DE SOUSA"}.items() <= other.items()


def test_initials_are_those_of_the_content_token(world: World) -> None:
    texts = world.stock.units.plain.to_pylist()
    assert "S" == texts[world.stock.initial_of[texts.index("DA SILVA")]]


def test_homonyms_have_one_key(world: World, block: Block) -> None:
    units = block.families.names(block.people, np.full(len(block.people), world.today))
    names, keys = world.stock.written(units).to_pylist(), world.stock.keys(units).tolist()
    pairs = set(zip(names, keys, strict=True))
    assert len(set(names)) == len(pairs) == len(set(keys))
    assert len(pairs) < len(names)
