"""Abbreviated words of addresses, by where they stand."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

from bureau.reference.files import rows

Context = Literal["type", "name", "complement"]


@cache
def address_abbreviations(context: Context) -> Mapping[str, str]:
    """Abbreviation → expansion for one place: street type, inside the street's name, complement.

    Ambiguous ones (TR, ALM, EST for estância, AL before a number) are not in the table.
    """
    return MappingProxyType({r[1]: r[2] for r in rows("address_abbreviations.csv") if r[0] == context})
