import numpy as np

from loaders.synthetic.lineage import NEVER
from loaders.synthetic.names import FEMALE, MALE
from loaders.synthetic.population import Block, World

DAYS = 365.25


def test_parents_are_of_age_and_of_their_sex(block: Block) -> None:
    families, rows = block.families, block.people
    with_mother = rows[families.mother[rows] >= 0]
    with_father = rows[families.father[rows] >= 0]
    assert (families.sex[families.mother[with_mother]] == FEMALE).all()
    assert (families.sex[families.father[with_father]] == MALE).all()
    assert ((families.birth[with_mother] - families.birth[families.mother[with_mother]]) / DAYS > 13).all()
    assert ((families.birth[with_father] - families.birth[families.father[with_father]]) / DAYS > 12).all()
    assert len(with_mother) == len(rows), "every record can name a mother"


def test_ages_make_the_pyramid_of_the_census(world: World, block: Block) -> None:
    age = (world.today - block.families.birth[block.people]) / DAYS
    assert 0 <= age.min() <= age.max() <= 97
    found = np.histogram(age, [0, 20, 40, 60, 80, 100])[0] / len(age)
    expected = np.array([0.26, 0.32, 0.265, 0.13, 0.025])  # census of 2022
    assert (np.abs(expected - found) < 0.04).all()


def test_nobody_marries_as_a_child(block: Block) -> None:
    families = block.families
    married = block.people[families.married_on[block.people] < NEVER]
    assert ((families.married_on[married] - families.birth[married]) / DAYS > 15.9).all()
    assert 0.3 < len(married) / len(block.people) < 0.6


def test_couples_share_a_home_and_children_live_with_them(world: World, block: Block) -> None:
    families, rows = block.families, block.people
    child = rows[(world.today - families.birth[rows] < 15 * DAYS) & (families.father[rows] >= 0)]
    assert len(child) > 1_000
    assert (families.home[child] == families.home[families.mother[child]]).mean() > 0.95
    assert (families.home[families.father[child]] == families.home[families.mother[child]]).mean() > 0.95


def test_who_never_moved_or_left_has_one_address_of_a_household(block: Block) -> None:
    families = block.families
    assert (families.home % 2 == 0).all(), "the present home is a household's present address"
    assert (families.home != families.home_before).all()


def test_blocks_hold_exactly_the_people_asked_for(world: World, block: Block) -> None:
    assert world.options.people == len(block.people)
    assert world.options.absent == len(block.withheld)
    assert not np.isin(block.withheld, block.people).any()
    numbers = block.person_id[np.union1d(block.people, block.withheld)]
    assert list(range(1, len(numbers) + 1)) == numbers.tolist()
