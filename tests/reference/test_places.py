from itertools import pairwise

from bureau.reference.places import (
    area_codes,
    municipalities,
    municipality_of_ibge,
    municipality_of_siafi,
    postal_code_ranges,
    postal_code_state_ranges,
    states,
)


def test_a_municipality_index_is_its_row() -> None:
    assert list(range(1, 5572)) == [place.index for place in municipalities()]
    sao_paulo = municipalities()[municipality_of_ibge()[3550308] - 1]
    assert ("São Paulo", "SP", 7107, 11, True) == (
        sao_paulo.name,
        sao_paulo.state,
        sao_paulo.siafi_code,
        sao_paulo.area_code,
        sao_paulo.capital,
    )


def test_the_newest_municipality_has_its_register_code() -> None:
    place = municipalities()[municipality_of_siafi()[1182] - 1]
    assert ("Boa Esperança do Norte", "MT") == (place.name, place.state)


def test_every_state_has_one_capital() -> None:
    assert sorted(s.abbreviation for s in states()) == sorted(m.state for m in municipalities() if m.capital)


def test_there_are_67_area_codes_and_every_municipality_has_one() -> None:
    assert 67 == len(area_codes())
    assert all(place.state in area_codes()[place.area_code] for place in municipalities())


def test_postal_code_ranges_are_ascending_and_disjoint() -> None:
    for ranges in (postal_code_ranges(), postal_code_state_ranges()):
        assert all(r.first <= r.last for r in ranges)
        assert all(one.last < other.first for one, other in pairwise(ranges))


def test_city_ranges_lie_in_their_state() -> None:
    wide = postal_code_state_ranges()
    outside = [
        r for r in postal_code_ranges() if not any(s.first <= r.first <= s.last and s.state == r.state for s in wide)
    ]
    assert [] == outside
