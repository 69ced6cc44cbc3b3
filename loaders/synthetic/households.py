"""Families of three generations: who is whose child, who married whom and when, who lives where.

Every clan has the slots of ``lineage``; chance and age decide which of them hold a person of the population. The
others still have names: they are the mothers that records name. Columns are (clans, slots) while a block is built and
flat afterwards; a person is then row ``clan * SLOTS + slot``.
"""

from typing import NamedTuple

import numpy as np

from loaders.synthetic.chance import Floats, Generator, Ints, Mask, some
from loaders.synthetic.lineage import (
    CHILDREN,
    GRANDCHILDREN,
    GRANDFATHER,
    GRANDMOTHER,
    MOTHERS,
    NEVER,
    SLOTS,
    SPOUSES,
    TWINS,
    Kin,
    name_families,
)
from loaders.synthetic.names import FEMALE, MALE, NameStock
from loaders.synthetic.places import Address, Places

HOMES = 8  # of a clan: the grandparents', two couples', and one for each grandchild who left
PEOPLE_A_CLAN = 5.2
"""A lower bound of the mean, so that a block asks for enough clans."""

_DAYS = 365.25
_TWINS = 0.05  # of each pair that can be; 2 % of people are twins
_TWINS_OF_ONE_SEX = 0.65
_YOUNGEST_TO_WED = 16.0
_WOMEN = 0.512
_WEDS = 0.8
_NEVER_MOVED = 0.4
# How many clans have somebody in each slot, before age and marriage are looked at.
_SLOT_SHARES = np.array([0.8, 0.85, 1, 0.75, 0.45, 0.92, 0.92, 0.85, 0.6, 0.25, 0.8, 0.4, 0, 0, 0, 0])


class Families(NamedTuple):
    """One block of people, one row a slot; parents are rows, -1 unknown; days are since 1970-01-01."""

    sex: Ints
    birth: Ints
    married_on: Ints  # NEVER for the single
    given: Ints
    born_as: Ints  # surnames, (n, 4)
    married_as: Ints  # the same unless a surname was taken
    suffix: Ints
    mother: Ints
    father: Ints
    home: Ints  # row of ``homes``
    home_before: Ints
    moved_on: Ints
    alive: Mask
    homes: Address

    def names(self, rows: Ints, day: Ints) -> Ints:
        """Name units (n, 7) of people as they were called on a day."""
        married = (day >= self.married_on[rows])[:, None]
        surnames = np.where(married, self.married_as[rows], self.born_as[rows])
        return np.column_stack([self.given[rows], surnames, self.suffix[rows]])

    def mother_names(self, rows: Ints) -> Ints:
        """Name units of the mothers as they were called when the children were born."""
        return self.names(self.mother[rows], self.birth[rows])


class FamilyBuilder:
    """Draws blocks of clans as of ``today``."""

    def __init__(self, stock: NameStock, places: Places, today: int) -> None:
        self._stock, self._places, self._today = stock, places, today

    def build(self, rng: Generator, clans: int) -> Families:
        town = self._places.towns(rng, clans)
        sex = _sexes(rng, clans)
        birth, twins = self._births(rng, clans)
        for (one, other), both in zip(TWINS, twins.T, strict=True):
            alike = both & some(rng, clans, _TWINS_OF_ONE_SEX)
            sex[alike, other] = sex[alike, one]
        married_on = self._weddings(rng, birth)
        names = name_families(rng, self._stock, Kin(sex, birth, married_on, self._places.state[town], twins))
        mother, father = _parents(sex, married_on)
        home, before, moved = self._homes(rng, birth, married_on)
        alive = self._alive(rng, sex, birth, married_on)
        columns = (sex, birth, married_on, *names, mother, father, home, before, moved, alive)
        flat = (column.reshape(clans * SLOTS, *column.shape[2:]) for column in columns)
        towns = self._places.towns_near(rng, np.repeat(town, HOMES * 2))
        return Families._make([*flat, self._places.addresses(rng, towns)])

    def _births(self, rng: Generator, clans: int) -> tuple[Ints, Mask]:
        """Days of birth, and which pairs of TWINS are.

        The first child's age is drawn, the others' by distance from it; the triangle gives the pyramid of 2022.
        """
        birth = np.zeros((clans, SLOTS), dtype=np.int64)
        birth[:, 2] = self._today - _days(rng.triangular(0, 30, 72, clans))
        birth[:, GRANDMOTHER] = birth[:, 2] - _years(rng, 17, 35, clans)
        birth[:, GRANDFATHER] = birth[:, GRANDMOTHER] - _years(rng, -4, 10, clans)
        birth[:, 3] = birth[:, 2] + _years(rng, 1, 9, clans)
        birth[:, 4] = birth[:, 3] + _years(rng, 1, 8, clans)
        for child, spouse, grandchildren in zip(CHILDREN[:2], SPOUSES, GRANDCHILDREN, strict=True):
            birth[:, spouse] = birth[:, child] + _years(rng, -6, 6, clans)
            born = np.maximum(birth[:, spouse], birth[:, child]) + _years(rng, 20, 33, clans)
            for grandchild in grandchildren:
                birth[:, grandchild] = born
                born = born + _years(rng, 1.2, 6, clans)
        for slot, mother in MOTHERS.items():
            birth[:, mother] = birth[:, slot] - _years(rng, 17, 38, clans)
        twins = rng.random((clans, len(TWINS))) < _TWINS
        for (one, other), both in zip(TWINS, twins.T, strict=True):
            birth[both, other] = birth[both, one]
        return birth, twins

    def _weddings(self, rng: Generator, birth: Ints) -> Ints:
        """Wedding days, NEVER for those who did not or not yet."""
        clans = len(birth)
        married_on = np.full(birth.shape, NEVER)
        of_age = np.maximum(birth[:, GRANDMOTHER], birth[:, GRANDFATHER]) + _days(_YOUNGEST_TO_WED)
        eldest = np.maximum(birth[:, 2] - _years(rng, 0.5, 5, clans), of_age)
        married_on[:, [GRANDFATHER, GRANDMOTHER]] = eldest[:, None]
        for mother in MOTHERS.values():
            married_on[:, mother] = birth[:, mother] + _years(rng, 16, 17, clans)
        for child, spouse, grandchildren in zip(CHILDREN[:2], SPOUSES, GRANDCHILDREN, strict=True):
            day = np.maximum(birth[:, spouse], birth[:, child]) + _years(rng, 19, 32, clans)
            day = np.minimum(day, birth[:, grandchildren[0]] + _years(rng, -3, 2, clans))
            day = np.maximum(day, np.maximum(birth[:, spouse], birth[:, child]) + _days(_YOUNGEST_TO_WED))
            weds = some(rng, clans, _WEDS) & (day <= self._today)
            married_on[:, [child, spouse]] = np.where(weds, day, NEVER)[:, None]
        return married_on

    def _alive(self, rng: Generator, sex: Ints, birth: Ints, married_on: Ints) -> Mask:
        """Who is in the population: born, not dead, and of a family that has this slot."""
        age = (self._today - birth) / _DAYS
        alive: Mask = (age >= 0) & (age <= 96) & (rng.random(birth.shape) < 1 / (1 + np.exp((age - 79) / 6)))
        alive &= rng.random(birth.shape) < _SLOT_SHARES
        for child, spouse, grandchildren in zip(CHILDREN[:2], SPOUSES, GRANDCHILDREN, strict=True):
            wed = married_on[:, spouse] != NEVER
            alive[:, spouse] &= wed
            single_mother = (sex[:, child] == FEMALE) & some(rng, len(birth), 0.5)
            alive[:, grandchildren] &= (wed | single_mother)[:, None]
        return alive

    def _homes(self, rng: Generator, birth: Ints, married_on: Ints) -> tuple[Ints, Ints, Ints]:
        """Home now, home before, and the day of the move.

        A home has two rows of ``Families.homes``: its address, and the address its household had before.
        """
        clans = len(birth)
        now = np.zeros((clans, SLOTS), dtype=np.int64)
        before = now.copy()
        household_moved = self._today - _days(rng.triangular(0, 2, 25, (clans, HOMES)))
        household_moved[some(rng, clans * HOMES, _NEVER_MOVED).reshape(clans, HOMES)] = -NEVER
        moved = np.repeat(household_moved[:, :1], SLOTS, axis=1)
        own_home = 3
        for home, (child, spouse, grandchildren) in enumerate(
            zip(CHILDREN[:2], SPOUSES, GRANDCHILDREN, strict=True), 1
        ):
            wed = married_on[:, child] != NEVER
            now[:, [child, spouse]] = np.where(wed, home, 0)[:, None]
            left = np.where(wed, np.maximum(household_moved[:, home], married_on[:, child]), moved[:, 0])
            moved[:, [child, spouse]] = left[:, None]
            for grandchild in grandchildren:
                grown = (self._today - birth[:, grandchild]) / _DAYS > rng.uniform(20, 38, clans)
                before[:, grandchild] = np.where(wed, home, 0)
                now[:, grandchild] = np.where(grown, own_home, before[:, grandchild])
                leaving = np.minimum(birth[:, grandchild] + _years(rng, 19, 30, clans), self._today)
                moved[:, grandchild] = np.where(grown, leaving, left)
                own_home += 1
        base = np.arange(clans)[:, None] * HOMES
        return (base + now) * 2, (base + before) * 2 + (now == before), moved


def _days(years: Floats | float) -> Ints:
    result: Ints = (np.asarray(years) * _DAYS).astype(np.int64)
    return result


def _years(rng: Generator, low: float, high: float, count: int) -> Ints:
    return _days(rng.uniform(low, high, count))


def _sexes(rng: Generator, clans: int) -> Ints:
    sex = np.where(rng.random((clans, SLOTS)) < _WOMEN, FEMALE, MALE)
    sex[:, GRANDFATHER] = MALE
    sex[:, [GRANDMOTHER, *MOTHERS.values()]] = FEMALE
    sex[:, SPOUSES] = MALE + FEMALE - sex[:, CHILDREN[:2]]
    return sex


def _parents(sex: Ints, married_on: Ints) -> tuple[Ints, Ints]:
    """Rows of mother and father, -1 where unknown: outside the three generations, and of a single mother's child."""
    base = np.arange(len(sex)) * SLOTS
    mother = np.full(sex.shape, -1)
    father = mother.copy()
    for slot, outside in MOTHERS.items():
        mother[:, slot] = base + outside
    mother[:, CHILDREN] = (base + GRANDMOTHER)[:, None]
    father[:, CHILDREN] = (base + GRANDFATHER)[:, None]
    for child, spouse, grandchildren in zip(CHILDREN[:2], SPOUSES, GRANDCHILDREN, strict=True):
        daughter = sex[:, child] == FEMALE
        alone = daughter & (married_on[:, child] == NEVER)
        mother[:, grandchildren] = (base + np.where(daughter, child, spouse))[:, None]
        father[:, grandchildren] = np.where(alone, -1, base + np.where(daughter, spouse, child))[:, None]
    return mother, father
