import numpy as np
import pytest

from bureau.reference.places import municipalities, postal_code_ranges, states
from loaders.synthetic.places import Address
from loaders.synthetic.population import World


@pytest.fixture(scope="module")
def addresses(world: World) -> Address:
    rng = np.random.default_rng(1)
    return world.places.addresses(rng, world.places.towns(rng, 30_000))


def test_postal_codes_lie_in_their_municipality(world: World, addresses: Address) -> None:
    ranges: dict[int, list[tuple[int, int]]] = {}
    for found in postal_code_ranges():
        ranges.setdefault(found.municipality - 1, []).append((found.first, found.last))
    for town, code in zip(addresses.municipality.tolist(), world.places.postal_codes(addresses).tolist(), strict=True):
        assert town not in ranges or any(first <= code <= last for first, last in ranges[town])


def test_states_have_their_share_of_people(world: World, addresses: Address) -> None:
    codes = [state.abbreviation for state in states()]
    state = world.places.state[addresses.municipality]
    assert abs(0.219 - (state == codes.index("SP")).mean()) < 0.01
    assert abs(0.0108 - (state == codes.index("SE")).mean()) < 0.003


def test_capitals_are_large_and_small_towns_have_one_code(world: World, addresses: Address) -> None:
    names = np.array([m.name for m in municipalities()])[addresses.municipality]
    assert 0.02 < (names == "São Paulo").mean() < 0.15
    small = world.places.postal_codes(addresses) % 1_000 == 0
    assert 0.2 < small.mean() < 0.6


def test_neighbours_agree_on_street_district_and_code(world: World, addresses: Address) -> None:
    house = addresses.take(np.arange(100))
    neighbour = house._replace(number=house.number + 2)
    one, other = (world.places.texts(address, "titled") for address in (house, neighbour))
    assert one.street == other.street
    assert one.district == other.district
    assert world.places.postal_codes(house).tolist() == world.places.postal_codes(neighbour).tolist()


def test_most_who_move_stay_near(world: World) -> None:
    rng = np.random.default_rng(2)
    town = world.places.towns(rng, 20_000)
    moved = world.places.towns_near(rng, town)
    assert (moved == town).mean() > 0.75
    assert (world.places.state[moved] == world.places.state[town]).mean() > 0.9


def test_a_tenth_has_no_number_and_two_fifths_a_complement(world: World, addresses: Address) -> None:
    texts = world.places.texts(addresses, "plain")
    assert abs(0.1 - texts.number.to_pylist().count("S/N") / 30_000) < 0.01
    assert abs(0.59 - texts.complement.null_count / 30_000) < 0.01
