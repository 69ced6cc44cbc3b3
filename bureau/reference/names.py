"""How Brazilians are called: census counts of first names, surname counts, spelling variants."""

from functools import cache

import msgspec

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


@cache
def surnames() -> tuple[Surname, ...]:
    return tuple(Surname(r[0], int(r[1]), int(r[2]), r[3] == "1") for r in rows("surnames.csv"))


@cache
def phonetic_groups() -> tuple[PhoneticName, ...]:
    return tuple(PhoneticName(r[0], r[1], int(r[2])) for r in rows("phonetic_groups.csv"))


@cache
def token_variants() -> tuple[TokenVariant, ...]:
    return tuple(TokenVariant(r[0], r[1], int(r[2])) for r in rows("token_variants.csv"))
