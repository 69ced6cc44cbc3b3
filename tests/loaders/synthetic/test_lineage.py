import numpy as np

from loaders.synthetic.lettering import PARTICLES
from loaders.synthetic.names import FEMALE, MALE, SUFFIXES
from loaders.synthetic.population import Block, World


def _content(world: World, block: Block) -> list[list[str]]:
    units = block.families.names(block.people, np.full(len(block.people), world.today))
    return [[t for t in name.split() if t not in PARTICLES] for name in world.stock.written(units).to_pylist()]


def test_names_have_the_measured_shape(world: World, block: Block) -> None:
    lengths = np.array([len([t for t in tokens if t not in SUFFIXES]) for tokens in _content(world, block)])
    for tokens, share in {2: 0.06, 3: 0.57, 4: 0.33, 5: 0.04}.items():
        assert abs(share - (lengths == tokens).mean()) < 0.03
    suffixed = np.mean([tokens[-1] in SUFFIXES for tokens in _content(world, block)])
    assert abs(0.053 - suffixed) < 0.015
    units = block.families.names(block.people, np.full(len(block.people), world.today))
    with_particle = [bool(PARTICLES & set(name.split())) for name in world.stock.written(units).to_pylist()]
    assert abs(0.51 - np.mean(with_particle)) < 0.04


def test_the_commonest_surnames_are_as_common_as_in_the_census(world: World, block: Block) -> None:
    names = _content(world, block)
    for token, share in {"SILVA": 0.168, "SANTOS": 0.105, "OLIVEIRA": 0.058}.items():
        assert abs(share - np.mean([token in tokens[1:] for tokens in names])) < 0.025


def test_nobody_bears_a_surname_twice(world: World, block: Block) -> None:
    families = block.families
    for surnames in (families.born_as[block.people], families.married_as[block.people]):
        token = world.stock.token_of(surnames)
        for column in range(3):
            present = surnames[:, column] > 0
            assert not (token[present, column : column + 1] == token[present, column + 1 :]).any()


def test_children_bear_the_last_surname_of_their_father(block: Block) -> None:
    families = block.families
    rows = block.people[families.father[block.people] >= 0]
    assert (families.born_as[rows, 3] == families.born_as[families.father[rows], 3]).all()


def test_children_of_one_mother_alone_bear_her_surname(block: Block) -> None:
    families = block.families
    inside = np.isin(families.mother[block.people], np.flatnonzero(families.father >= 0))
    rows = block.people[inside & (families.father[block.people] < 0)]
    assert len(rows) > 50
    assert (families.born_as[rows, 3] == families.born_as[families.mother[rows], 3]).all()


def test_only_women_take_a_surname_and_it_is_the_husbands(block: Block) -> None:
    families, rows = block.families, block.people
    changed = (families.born_as[rows] != families.married_as[rows]).any(axis=1)
    assert (families.sex[rows[changed]] == FEMALE).all()
    mothers = families.mother[rows]
    fathers = families.father[rows]
    wives = (fathers >= 0) & (families.born_as[mothers] != families.married_as[mothers]).any(axis=1)
    assert (families.married_as[mothers[wives], 3] == families.born_as[fathers[wives], 3]).all()
    assert 0.4 < wives[fathers >= 0].mean() < 0.8


def test_juniors_are_their_fathers_but_for_the_suffix(block: Block) -> None:
    families = block.families
    junior = block.people[(families.suffix[block.people] > 0) & (families.father[block.people] >= 0)]
    father = families.father[junior]
    same = (families.given[junior] == families.given[father]).all(axis=1)
    same &= (families.born_as[junior] == families.born_as[father]).all(axis=1)
    assert len(junior) > 100
    assert (families.sex[junior] == MALE).all()
    assert same.mean() > 0.6  # the others are called after a grandfather
    assert (families.suffix[father[same]] != families.suffix[junior[same]]).all()


def test_twins_exist_and_differ_by_name(block: Block) -> None:
    families, rows = block.families, block.people
    key = families.mother[rows] * 100_000 + families.birth[rows]
    _, which, times = np.unique(key, return_inverse=True, return_counts=True)
    twins = rows[times[which] == 2]
    assert 0.005 < len(twins) / len(rows) < 0.03
    pairs: dict[int, list[tuple[int, ...]]] = {}
    for row in twins.tolist():
        pairs.setdefault(families.mother[row], []).append(tuple(families.given[row]))
    assert np.mean([len(set(names)) == 2 for names in pairs.values()]) > 0.85
