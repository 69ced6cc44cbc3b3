import numpy as np

from loaders.synthetic import SyntheticOptions, population
from loaders.synthetic.population import Block, World


def test_quotas_of_all_blocks_make_the_total(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(population, "BLOCK", 30)
    small = World(SyntheticOptions(people=100, queries=50))
    for total in (0, 1, 3, 100, 101):
        assert total == sum(small.quota(total, block) for block in range(4))
    blocks = list(small.generate())
    assert 100 == sum(len(block.people) for block in blocks)
    numbers = np.concatenate([block.person_id[block.person_id > 0] for block in blocks])
    assert list(range(1, 100 + 12 + 1)) == numbers.tolist(), "12 of 50 queries are absent people"
    taxes = np.concatenate([block.tax_id[block.tax_id > 0] for block in blocks])
    assert len(taxes) == len(set(taxes.tolist()))


def test_purposes_draw_apart(world: World) -> None:
    one, other = world.rng(0, 1).integers(0, 2**62, 4), world.rng(0, 2).integers(0, 2**62, 4)
    assert one.tolist() != other.tolist()
    assert one.tolist() == world.rng(0, 1).integers(0, 2**62, 4).tolist()


def test_the_withheld_are_adults_with_relatives_left_behind(world: World, block: Block) -> None:
    assert (world.today - block.families.birth[block.withheld] > population.ADULT).all()
    assert len(block.withheld) == len(set((block.withheld // 16).tolist())), "one of each clan"
    assert np.isin(block.withheld // 16, block.people // 16).mean() > 0.9
