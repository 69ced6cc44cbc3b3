"""How Brazilians are called: census counts of first names, surname counts, spelling variants."""

from collections import Counter
from functools import cache

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.reference.files import rows

DECADES = (1930, 1940, 1950, 1960, 1970, 1980, 1990, 2000, 2010)
"""Last year of each column of ``first_names_by_decade``; the first one takes everybody born until 1930."""


class FirstNameByDecade(msgspec.Struct, frozen=True):
    """Bearers by birth decade (see :data:`DECADES`) counted by the census of 2010."""

    name: str
    bearers: tuple[int, ...]


class FirstNameBySex(msgspec.Struct, frozen=True):
    name: str
    female: int
    male: int


class Surname(msgspec.Struct, frozen=True):
    """People of a sample of 51,371 with the token after the first name, and as their last token."""

    token: str
    as_later_token: int
    as_last_token: int
    also_first_name: bool


class PhoneticName(msgspec.Struct, frozen=True):
    """First names sharing a phonetic key: candidates for "the same name", not truth (LUCIA meets LUZIA)."""

    key: str
    name: str
    bearers: int


class TokenVariant(msgspec.Struct, frozen=True):
    """Two spellings of one token seen on the same person in two registers, and how often."""

    token: str
    other: str
    pairs: int


@cache
def first_names_by_decade() -> tuple[FirstNameByDecade, ...]:
    return tuple(
        FirstNameByDecade(r[0], tuple(int(count or 0) for count in r[1:])) for r in rows("first_names_by_decade.csv")
    )


@cache
def first_names_by_sex() -> tuple[FirstNameBySex, ...]:
    return tuple(FirstNameBySex(r[0], int(r[1] or 0), int(r[2] or 0)) for r in rows("first_names_by_sex.csv"))


def shares_of_women(letters: NDArray[np.uint8]) -> NDArray[np.float32]:
    """The share of women among those called by each first name, given as its first letters padded with zeros, one a
    row; 0 where the census's lists, of the 10,000 commonest names of each sex, have neither. A sex that has no entry
    is taken to have half as many bearers as the least that has one."""
    width = letters.shape[1]
    names, shares = _sorted_shares(width)
    asked = np.ascontiguousarray(letters).view(f"S{width}")[:, 0]
    place = np.searchsorted(names, asked).clip(max=len(names) - 1)
    return np.where(names[place] == asked, shares[place], np.float32(0))


@cache
def _sorted_shares(width: int) -> tuple[NDArray[np.bytes_], NDArray[np.float32]]:
    """The names cut to ``width`` letters, in order, with their shares."""
    counted = Counter[bytes](), Counter[bytes]()
    for entry in first_names_by_sex():
        cut = entry.name.encode()[:width]
        counted[0][cut] += entry.female
        counted[1][cut] += entry.male
    names = sorted(counted[0])
    unlisted = min(entry.female + entry.male for entry in first_names_by_sex()) / 2
    sexes = [(counted[0][name] or unlisted, counted[1][name] or unlisted) for name in names]
    shares = [female / (female + male) for female, male in sexes]
    return np.array(names), np.array(shares, np.float32)


@cache
def surnames() -> tuple[Surname, ...]:
    return tuple(Surname(r[0], int(r[1]), int(r[2]), r[3] == "1") for r in rows("surnames.csv"))


@cache
def phonetic_groups() -> tuple[PhoneticName, ...]:
    return tuple(PhoneticName(r[0], r[1], int(r[2])) for r in rows("phonetic_groups.csv"))


@cache
def token_variants() -> tuple[TokenVariant, ...]:
    return tuple(TokenVariant(r[0], r[1], int(r[2])) for r in rows("token_variants.csv"))
