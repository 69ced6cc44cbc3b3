"""Where an area code is: states, clock, and the carrier that first held a number."""

from collections.abc import Mapping
from datetime import timedelta, timezone
from functools import cache, lru_cache
from types import MappingProxyType

import msgspec
from phonenumbers import PhoneNumber, carrier

from bureau.reference.places import area_codes

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

_BEHIND = {"AC": 5, "AM": 4, "RO": 4, "RR": 4, "MT": 4, "MS": 4}
_REST_BEHIND = 3


@cache
def time_zones() -> Mapping[str, str]:
    """State → IANA time zone."""
    return MappingProxyType({state: zone for zone, states in _ZONES.items() for state in states})


def clock(state: str) -> timezone:
    """The state's fixed offset from UTC: there has been no summer time since Decreto 9.772/2019."""
    return timezone(timedelta(hours=-_BEHIND.get(state, _REST_BEHIND)))


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
