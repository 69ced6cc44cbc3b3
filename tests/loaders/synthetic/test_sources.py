import numpy as np
from msgspec.structs import replace

from loaders.synthetic.noise import Wear
from loaders.synthetic.population import Block, World
from loaders.synthetic.sources import FIELDS, PLANS, PORTUGUESE, memberships, render


def test_everybody_is_in_some_source_and_none_before_birth(world: World, block: Block) -> None:
    plans = PLANS[:3]
    member = memberships(np.random.default_rng(1), block, plans, world.today)
    assert member.any(axis=1).all()
    birth = block.families.birth[block.people]
    for held, plan in zip(member.T, plans, strict=True):
        assert (birth[held] < plan.days[1]).all()
        assert abs(plan.coverage - held[birth < plan.days[0]].mean()) < 0.06


def test_a_record_has_every_field_and_is_marked(world: World, block: Block) -> None:
    assert len(FIELDS) == len(PORTUGUESE)
    for plan in PLANS:
        columns = render(np.random.default_rng(1), world, block, block.people[:500], plan)
        assert set(FIELDS) == set(columns)
        assert {500} == {len(column) for column in columns.values()}
        assert {plan.name} == set(columns["source"].to_pylist())
        assert plan.name.startswith("synthetic_")


def test_the_older_source_knows_more_women_by_their_maiden_names(world: World, block: Block) -> None:
    families = block.families
    changed = (families.born_as[block.people] != families.married_as[block.people]).any(axis=1)
    wives = block.people[changed & (families.married_on[block.people] < world.today)]
    maiden = world.stock.written(families.names(wives, families.birth[wives]), "plain").to_pylist()
    shares = []
    for plan in PLANS[:2]:
        quiet = replace(plan, style="plain", typos=0.0, wear=Wear(0, 0, 0, 0, 0))
        columns = render(np.random.default_rng(1), world, block, wives, quiet)
        shares.append(np.mean([a == b for a, b in zip(maiden, columns["name"].to_pylist(), strict=True)]))
    assert shares[0] > shares[1] + 0.05


def test_contacts_of_different_years_differ(world: World, block: Block) -> None:
    rows = block.people
    old, new = (
        render(np.random.default_rng(1), world, block, rows, replace(plan, style="plain", missing={}))
        for plan in PLANS[:2]
    )
    pairs = [(a, b) for a, b in zip(old["emails"].to_pylist(), new["emails"].to_pylist(), strict=True) if a and b]
    assert 0.02 < np.mean([a == b for a, b in pairs]) < 0.3
