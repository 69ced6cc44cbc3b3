"""The code lists of the company register (Receita Federal), code as delivered → description in Portuguese.

The lists lag behind the data: a code that is missing here is normal (motivo 32, qualificação 36, new countries).
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from bureau.reference.files import rows


def _code_list(file_name: str) -> Mapping[str, str]:
    return MappingProxyType({r[0]: r[1] for r in rows(file_name)})


@cache
def activities() -> Mapping[str, str]:
    """CNAE, seven digits."""
    return _code_list("activities.csv")


@cache
def registration_reasons() -> Mapping[str, str]:
    """Why a registration has its status (motivo), two digits."""
    return _code_list("registration_reasons.csv")


@cache
def register_municipalities() -> Mapping[str, str]:
    """SIAFI code of four digits → unaccented municipality name; holds 9707, EXTERIOR."""
    return _code_list("register_municipalities.csv")


@cache
def legal_natures() -> Mapping[str, str]:
    """Natureza jurídica, four digits; 2135 is the individual entrepreneur."""
    return _code_list("legal_natures.csv")


@cache
def countries() -> Mapping[str, str]:
    """Three digits."""
    return _code_list("countries.csv")


@cache
def qualifications() -> Mapping[str, str]:
    """Qualification of a partner or representative, two digits."""
    return _code_list("qualifications.csv")
