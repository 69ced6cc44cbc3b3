"""Municipalities, states, area codes and postal-code ranges of Brazil."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import msgspec

from bureau.reference.files import rows


class Municipality(msgspec.Struct, frozen=True):
    """``index`` is the 1-based row of municipalities.csv: what records and snapshots store (0 means unknown).

    ``siafi_code`` is the code of the company register (RFB), which is not IBGE's. ``area_code`` is the DDD.
    """

    index: int
    ibge_code: int
    name: str
    state: str
    siafi_code: int
    area_code: int
    latitude: float
    longitude: float
    capital: bool
    time_zone: str


class State(msgspec.Struct, frozen=True):
    code: int
    abbreviation: str
    name: str
    region: str


class PostalCodeRange(msgspec.Struct, frozen=True):
    """CEPs ``first``..``last``, both included; ``municipality`` is an index, 0 for a range of a whole state."""

    first: int
    last: int
    state: str
    municipality: int


@cache
def states() -> tuple[State, ...]:
    return tuple(State(int(r[0]), r[1], r[2], r[5]) for r in rows("states.csv"))


@cache
def municipalities() -> tuple[Municipality, ...]:
    """All 5,571 municipalities; ``municipalities()[index - 1]`` is the one with that index."""
    state_of = {state.code: state.abbreviation for state in states()}
    return tuple(
        Municipality(
            index=number,
            ibge_code=int(r[0]),
            name=r[1],
            state=state_of[int(r[5])],
            siafi_code=int(r[6]),
            area_code=int(r[7]),
            latitude=float(r[2]),
            longitude=float(r[3]),
            capital=r[4] == "1",
            time_zone=r[8],
        )
        for number, r in enumerate(rows("municipalities.csv"), start=1)
    )


@cache
def municipality_states() -> tuple[int, ...]:
    """By municipality index the 1-based row of its state; the first, of the unknown municipality, is 0."""
    number = {state.abbreviation: row for row, state in enumerate(states(), start=1)}
    return (0, *(number[place.state] for place in municipalities()))


@cache
def municipality_of_siafi() -> Mapping[int, int]:
    """Register (SIAFI) code → municipality index. 9707, "EXTERIOR", is no municipality and is missing on purpose."""
    return MappingProxyType({m.siafi_code: m.index for m in municipalities()})


@cache
def municipality_of_ibge() -> Mapping[int, int]:
    """IBGE code of seven digits → municipality index."""
    return MappingProxyType({m.ibge_code: m.index for m in municipalities()})


@cache
def area_codes() -> Mapping[int, tuple[str, ...]]:
    """The 67 area codes (DDD) → abbreviations of the states they serve."""
    return MappingProxyType({int(r[0]): tuple(r[1].split("|")) for r in rows("area_codes.csv")})


@cache
def postal_code_ranges() -> tuple[PostalCodeRange, ...]:
    """CEP ranges of municipalities, ascending and disjoint. Boa Esperança do Norte-MT (2025) has none yet."""
    index_of = municipality_of_ibge()
    found = (PostalCodeRange(int(r[3]), int(r[4]), r[0], index_of[int(r[1])]) for r in rows("postal_code_ranges.csv"))
    return tuple(sorted(found, key=lambda item: item.first))


@cache
def postal_code_state_ranges() -> tuple[PostalCodeRange, ...]:
    """CEP ranges of whole states, ascending and disjoint."""
    found = (PostalCodeRange(int(r[1]), int(r[2]), r[0], 0) for r in rows("postal_code_state_ranges.csv"))
    return tuple(sorted(found, key=lambda item: item.first))
