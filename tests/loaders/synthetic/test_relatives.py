import numpy as np

from loaders.synthetic.population import Block, World
from loaders.synthetic.relatives import easily_confused, relative_kind


def _known(block: Block) -> np.ndarray:
    known = np.zeros(len(block.families.sex), dtype=np.bool_)
    known[block.people] = True
    return known


def test_the_kinds_are_what_the_family_says(block: Block) -> None:
    families, known = block.families, _known(block)
    kinds = {int(row): relative_kind(families, known, int(row)) for row in block.withheld}
    assert {"father", "son", "sibling", "child"} <= set(kinds.values())
    for row, kind in kinds.items():
        if kind == "father":
            assert (families.born_as[row] == families.born_as[families.father[row]]).all()
            assert families.suffix[row] != families.suffix[families.father[row]]
        if kind == "twin":
            same = (families.mother == families.mother[row]) & (families.birth == families.birth[row]) & known
            assert same.any()
        if kind == "":
            assert not known[families.mother[row]]


def test_withheld_people_are_hard_to_tell_from_those_who_are_in(world: World, block: Block) -> None:
    rows = np.union1d(block.people, block.withheld)
    confused = rows[easily_confused(block.families, rows, world.name_keys(block.families, rows))]
    assert np.isin(block.withheld, confused).mean() > 0.3
    assert len(confused) / len(rows) < 0.25
