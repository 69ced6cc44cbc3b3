import numpy as np
import pytest

from loaders.synthetic.contacts import GENERATIONS, phone_texts
from loaders.synthetic.population import Block, World

NUMBERS = np.array([11987654321, 6132345678, 0])


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("digits", ["11987654321", "6132345678", None]),
        ("pretty", ["(11) 98765-4321", "(61) 3234-5678", None]),
        ("old", ["(11) 8765-4321", "(61) 3234-5678", None]),
    ],
)
def test_phones_are_written_in_three_ways(form: str, expected: list[str | None]) -> None:
    assert expected == phone_texts(NUMBERS, form).to_pylist()  # type: ignore[arg-type]


def test_numbers_are_mobiles_and_landlines(block: Block) -> None:
    mobile, landline = block.contacts.mobile[block.people, 0], block.contacts.landline[block.people]
    assert (mobile[mobile > 0] // 10**8 % 10 == 9).all()
    assert np.isin(landline[landline > 0] // 10**7 % 10, [2, 3, 4]).all()
    assert (landline[landline > 0] < 10**10).all()


def test_adults_have_contacts_and_children_their_mothers(world: World, block: Block) -> None:
    families, contacts = block.families, block.contacts
    age = (world.today - families.birth[block.people]) / 365.25
    adult, child = block.people[age > 18], block.people[age < 15]
    assert 0.6 < ((contacts.mobile[adult, 0] > 0) & (contacts.mailbox_owner[adult] >= 0)).mean() < 0.9
    given = child[contacts.mobile[child, 0] > 0]
    assert (contacts.mobile[given] == contacts.mobile[families.mother[given]]).all()
    assert len(given) > 0.8 * len(child)


def test_households_share_a_landline(block: Block) -> None:
    home, line = block.families.home[block.people], block.contacts.landline[block.people]
    lines: dict[int, set[int]] = {}
    for where, number in zip(home.tolist(), line.tolist(), strict=True):
        lines.setdefault(where, set()).add(number)
    assert all(1 == len(numbers) for numbers in lines.values())


def test_contacts_change_on_their_day(block: Block) -> None:
    rows = block.people[block.contacts.mobile[block.people, 0] > 0]
    rows = rows[(np.diff(block.contacts.mobile_since[rows], axis=1) < -1).all(axis=1)]
    for column in range(GENERATIONS - 1):
        day = block.contacts.mobile_since[rows, column]
        assert (block.contacts.mobile[rows, column] == block.contacts.mobiles_on(rows, day)).all()
        assert (block.contacts.mobile[rows, column + 1] == block.contacts.mobiles_on(rows, day - 1)).all()


def test_three_mailboxes_in_ten_last_four_years(world: World, block: Block) -> None:
    rows = block.people[block.contacts.mailbox_owner[block.people] >= 0]
    today = np.full(len(rows), world.today)
    before, now = (block.contacts.mailboxes_on(rows, day) for day in (today - 4 * 365, today))
    assert abs(0.297 - (before == now).mean()) < 0.04


def test_few_people_share_a_mailbox(block: Block) -> None:
    owner = block.contacts.mailbox_owner[block.people]
    _, times = np.unique(owner[owner >= 0], return_counts=True)
    assert 0.02 < (times > 1).mean() < 0.3


def test_most_mobiles_have_the_area_code_of_the_city(world: World, block: Block) -> None:
    rows = block.people[block.contacts.mobile[block.people, 0] > 0]
    families, towns = block.families, block.families.homes.municipality
    codes = [world.places.area_code[towns[home[rows]]] for home in (families.home, families.home_before)]
    area = block.contacts.mobile[rows, 0] // 10**9
    assert 0.85 < ((area == codes[0]) | (area == codes[1])).mean() < 0.99
