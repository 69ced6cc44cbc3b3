"""Where an area code is: states, clock, and the carrier that first held a number."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import NamedTuple

import msgspec
from phonenumbers import PhoneNumber, carrier

from bureau.reference.places import area_codes, municipalities

COUNTRY_CODE = 55

_ZONES = {
    "America/Rio_Branco": ("AC",),
    "America/Manaus": ("AM",),
    "America/Porto_Velho": ("RO",),
    "America/Boa_Vista": ("RR",),
    "America/Cuiaba": ("MT",),
    "America/Campo_Grande": ("MS",),
    "America/Belem": ("AP", "PA"),
    "America/Araguaina": ("TO",),
    "America/Fortaleza": ("CE", "MA", "PB", "PI", "RN"),
    "America/Recife": ("PE",),
    "America/Maceio": ("AL", "SE"),
    "America/Bahia": ("BA",),
    "America/Sao_Paulo": ("DF", "ES", "GO", "MG", "PR", "RJ", "RS", "SC", "SP"),
}
"""IANA zones by state (Lei 11.662/2008, Lei 12.876/2013); Fernando de Noronha, -2, shares Recife's area code."""

_OFFSETS = {"America/Noronha": -2, "America/Porto_Velho": -4, "America/Rio_Branco": -5}
_REST_OFFSET = -3
"""Hours from UTC of the zones that municipalities.csv names: there has been no summer time since Decreto 9.772/2019."""

_FEW = 0.05  # of a state's municipalities: Noronha shares Recife's area code, and is not what its calls go by


@cache
def time_zones() -> Mapping[str, str]:
    """State → IANA time zone."""
    return MappingProxyType({state: zone for zone, states in _ZONES.items() for state in states})


class Clock(NamedTuple):
    """A state's rules by one clock of it: ``offset`` hours from UTC."""

    state: str
    offset: int


def clocks_in(state: str, time_zone: str | None = None) -> tuple[Clock, ...]:
    """The clock of a municipality's zone; without one every clock of the state that more than a few places keep."""
    if time_zone:
        return (Clock(state, _OFFSETS.get(time_zone, _REST_OFFSET)),)
    return _clocks()[1].get(state, (Clock(state, _REST_OFFSET),))


def clocks_of(number: int) -> tuple[Clock, ...]:
    """The clocks of a national number's area code; that of most of the country if it has none."""
    return _clocks()[0].get(area_code_of(number), (Clock("*", _REST_OFFSET),))


@cache
def _clocks() -> tuple[Mapping[int, tuple[Clock, ...]], Mapping[str, tuple[Clock, ...]]]:
    """By area code and by state, the clock of most municipalities first."""
    places = [(m.area_code, Clock(m.state, _OFFSETS.get(m.time_zone, _REST_OFFSET))) for m in municipalities()]
    by_area: dict[int, Counter[Clock]] = defaultdict(Counter)
    by_state: dict[str, Counter[Clock]] = defaultdict(Counter)
    for code, clock in places:
        by_area[code][clock] += 1
        by_state[clock.state][clock] += 1
    return (
        MappingProxyType({code: _kept(found) for code, found in by_area.items()}),
        MappingProxyType({state: _kept(found) for state, found in by_state.items()}),
    )


def _kept(found: Counter[Clock]) -> tuple[Clock, ...]:
    """All states, but of each no clock that hardly anybody there keeps."""
    of_state: Counter[str] = Counter()
    for clock, count in found.items():
        of_state[clock.state] += count
    return tuple(clock for clock, count in found.most_common() if count >= _FEW * of_state[clock.state])


def area_code_of(number: int) -> int:
    """The area code of a national number."""
    return number // 10**9 if number >= 10**10 else number // 10**8


def states_of(number: int) -> tuple[str, ...]:
    """The states a national number may be in: one, or two for area codes 42, 47, 49 and 61."""
    return area_codes().get(area_code_of(number), ())


class Area(msgspec.Struct, frozen=True):
    """An area code with its states and the IANA time zone of the first of them."""

    code: int
    states: tuple[str, ...]
    time_zone: str | None


@cache
def area(code: int) -> Area:
    states = area_codes().get(code, ())
    return Area(code, states, time_zones()[states[0]] if states else None)


def original_carrier(number: int) -> str | None:
    """The carrier that was first given the range of a mobile. A hint: 96 million numbers had moved on by 2024."""
    return _carrier_of_range(number // 1_000)


@lru_cache(maxsize=1 << 16)
def _carrier_of_range(thousand: int) -> str | None:
    """Carriers were given ten thousand numbers at a time; the table's prefixes have eight digits at most."""
    number = thousand * 1_000
    name = carrier.name_for_valid_number(PhoneNumber(country_code=COUNTRY_CODE, national_number=number), "pt")
    return name or None
