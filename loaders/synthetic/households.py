"""Families of three generations: who is whose child, who married whom, who is called after whom, who lives where.

Every *clan* has the same sixteen slots (below); chance and age decide which of them hold a person of the population.
The others still have names: they are the mothers that records name. Columns are (clans, slots) while a block is
built and flat afterwards; a person is then ``clan * SLOTS + slot``.
"""

from datetime import date
from typing import NamedTuple

import numpy as np

from loaders.synthetic.chance import Generator, Ints, Mask
from loaders.synthetic.lineage import (
    CHILDREN,
    GRANDCHILDREN,
    GRANDFATHER,
    GRANDMOTHER,
    MOTHERS,
    NEVER,
    SLOTS,
    SPOUSES,
    Kin,
    name_families,
)
from loaders.synthetic.names import FEMALE, MALE, NameStock
from loaders.synthetic.places import Address, Places

HOMES = 8  # of a clan: grandparents, two couples, and one for each grandchild who left
PEOPLE_A_CLAN = 5.2
"""A lower bound of the mean, so that a block asks for enough clans."""

_YEAR = 365.25
_TWINS = 0.012


class Families(NamedTuple):
    """One block of people, one row a slot; parents are rows, -1 unknown; days are since 1970-01-01."""

    sex: Ints
    birth: Ints
    given: Ints
    born_as: Ints  # surnames, (n, 4)
    married_as: Ints  # the same unless a surname was taken
    married_on: Ints  # NEVER for the single
    suffix: Ints
    mother: Ints
    father: Ints
    home: Ints  # row of ``homes``; the block's clans have HOMES each
    home_before: Ints
    moved_on: Ints
    alive: Mask
    homes: Address

    def names(self, rows: Ints, on: Ints) -> Ints:
        """Name units (n, 7) of people as they were called on a day."""
        married = (on >= self.married_on[rows])[:, None]
        surnames = np.where(married, self.married_as[rows], self.born_as[rows])
        return np.column_stack([self.given[rows], surnames, self.suffix[rows]])

    def mother_names(self, rows: Ints, day: Ints) -> Ints:
        """Name units of the mothers as they were called on a day."""
        return self.names(self.mother[rows], day)


class FamilyBuilder:
    """Draws blocks of clans as of a reference date."""

    def __init__(self, stock: NameStock, places: Places, reference: date) -> None:
        self.stock, self.places = stock, places
        self.today = np.int64((reference - date(1970, 1, 1)).days)

    def build(self, rng: Generator, clans: int) -> Families:
        town = self.places.towns(rng, clans)
        state = np.repeat(self.places.state[town][:, None], SLOTS, axis=1)
        sex = _sexes(rng, clans)
        birth, twins = self._births(rng, clans)
        sex[:, 8] = np.where(twins & (rng.random(clans) < 0.65), sex[:, 7], sex[:, 8])
        married_on, single_mother = self._weddings(rng, sex, birth)
        people = Kin(sex, birth, married_on, state)
        names = name_families(rng, self.stock, people, twins)
        alive = self._alive(rng, birth, married_on, single_mother)
        home, before, moved = self._homes(rng, birth, married_on)
        return Families(
            sex.ravel(), birth.ravel(), names.given.reshape(-1, 2), names.born_as.reshape(-1, 4),
            names.married_as.reshape(-1, 4), married_on.ravel(), names.suffix.ravel(),
            *_parents(sex, single_mother), home, before, moved, alive.ravel(), self._addresses(rng, town),
        )  # fmt: skip

    def _births(self, rng: Generator, clans: int) -> tuple[Ints, Mask]:
        """Days of birth. The first child's age is drawn first, the others' by distance from it."""
        birth = np.zeros((clans, SLOTS), dtype=np.int64)
        age = rng.triangular(0, 30, 72, clans)
        anchor = self.today - (age * _YEAR).astype(np.int64)
        birth[:, 2] = anchor
        birth[:, GRANDMOTHER] = anchor - _years(rng, 17, 35, clans)
        birth[:, GRANDFATHER] = birth[:, GRANDMOTHER] - _years(rng, -4, 10, clans)
        birth[:, 3] = anchor + _years(rng, 1, 9, clans)
        birth[:, 4] = birth[:, 3] + _years(rng, 1, 8, clans)
        for couple, spouse in enumerate(SPOUSES):
            birth[:, spouse] = birth[:, CHILDREN[couple]] + _years(rng, -6, 6, clans)
            older = np.maximum(birth[:, spouse], birth[:, CHILDREN[couple]])
            first = older + _years(rng, 20, 33, clans)
            for child in GRANDCHILDREN[couple]:
                birth[:, child] = first
                first = first + _years(rng, 1.2, 6, clans)
        for slot, mother in MOTHERS.items():
            birth[:, mother] = birth[:, slot] - _years(rng, 17, 38, clans)
        twins = rng.random(clans) < _TWINS * 2.5
        birth[:, 8] = np.where(twins, birth[:, 7], birth[:, 8])
        return birth, twins

    def _weddings(self, rng: Generator, sex: Ints, birth: Ints) -> tuple[Ints, Mask]:
        """Wedding days by slot, and couples (clans, 2) where an unmarried daughter has the children alone."""
        clans = len(sex)
        married_on = np.full(sex.shape, NEVER)
        old = birth[:, 2] - _years(rng, 0.5, 5, clans)
        married_on[:, GRANDFATHER] = married_on[:, GRANDMOTHER] = old
        for mother in MOTHERS.values():
            married_on[:, mother] = birth[:, mother] + _years(rng, 16, 17, clans)
        single_mother = np.zeros((clans, 2), dtype=np.bool_)
        for couple, spouse in enumerate(SPOUSES):
            child = CHILDREN[couple]
            day = np.maximum(birth[:, spouse], birth[:, child]) + _years(rng, 19, 32, clans)
            day = np.minimum(day, birth[:, GRANDCHILDREN[couple][0]] + _years(rng, -3, 2, clans))
            weds = (rng.random(clans) < 0.8) & (day <= self.today)
            married_on[:, child] = married_on[:, spouse] = np.where(weds, day, NEVER)
            single_mother[:, couple] = ~weds & (sex[:, child] == FEMALE)
        return married_on, single_mother

    def _alive(self, rng: Generator, birth: Ints, married_on: Ints, single_mother: Mask) -> Mask:
        """Who is in the population: born, not dead, and of a family that has this slot."""
        age = (self.today - birth) / _YEAR
        alive = (age >= 0) & (age <= 96) & (rng.random(birth.shape) > 1 / (1 + np.exp(-(age - 79) / 6)))
        share = np.array([0.8, 0.85, 1, 0.75, 0.45, 0, 0, 0.85, 0.6, 0.25, 0.8, 0.4, 0, 0, 0, 0])
        for couple, spouse in enumerate(SPOUSES):
            wed = married_on[:, spouse] != NEVER
            alive[:, spouse] &= wed & (rng.random(len(birth)) < 0.92)
            with_children = wed | (single_mother[:, couple] & (rng.random(len(birth)) < 0.5))
            for child in GRANDCHILDREN[couple]:
                alive[:, child] &= with_children
        share[list(SPOUSES)] = 1
        return alive & (rng.random(birth.shape) < share)

    def _homes(self, rng: Generator, birth: Ints, married_on: Ints) -> tuple[Ints, Ints, Ints]:
        """Home now, home before and the day of the move. Rows of homes: two for each of a clan's HOMES."""
        clans = len(birth)
        now = np.zeros((clans, SLOTS), dtype=np.int64)
        before = now.copy()
        family_move = self.today - (rng.triangular(0, 2, 25, (clans, HOMES)) * _YEAR).astype(np.int64)
        family_move[rng.random((clans, HOMES)) < 0.4] = -NEVER
        moved = np.repeat(family_move[:, :1], SLOTS, axis=1)
        for couple, spouse in enumerate(SPOUSES):
            child, home = CHILDREN[couple], couple + 1
            wed = married_on[:, child] != NEVER
            now[:, [child, spouse]] = np.where(wed, home, 0)[:, None]
            left = np.maximum(family_move[:, home], np.where(wed, married_on[:, child], family_move[:, 0]))
            moved[:, [child, spouse]] = left[:, None]
            for number, grandchild in enumerate(GRANDCHILDREN[couple]):
                grown = (self.today - birth[:, grandchild]) / _YEAR > rng.uniform(20, 38, clans)
                own = 3 + number + 3 * couple
                now[:, grandchild] = np.where(grown, own, np.where(wed, home, 0))
                before[:, grandchild] = np.where(wed, home, 0)
                leaving = birth[:, grandchild] + _years(rng, 19, 30, clans)
                moved[:, grandchild] = np.where(grown, np.minimum(leaving, self.today), moved[:, child])
        stays = now == before
        # the second row of each home is where the household lived before
        home = (np.arange(clans)[:, None] * HOMES + now) * 2
        home_before = (np.arange(clans)[:, None] * HOMES + before) * 2 + stays
        return home.ravel(), home_before.ravel(), moved.ravel()

    def _addresses(self, rng: Generator, town: Ints) -> Address:
        towns = self.places.towns_near(rng, np.repeat(town, HOMES * 2))
        return self.places.addresses(rng, towns)


def _years(rng: Generator, low: float, high: float, count: int) -> Ints:
    return (rng.uniform(low, high, count) * _YEAR).astype(np.int64)


def _sexes(rng: Generator, clans: int) -> Ints:
    sex = np.where(rng.random((clans, SLOTS)) < 0.512, FEMALE, MALE)
    sex[:, GRANDFATHER] = MALE
    sex[:, [GRANDMOTHER, *MOTHERS.values()]] = FEMALE
    for couple, spouse in enumerate(SPOUSES):
        sex[:, spouse] = MALE + FEMALE - sex[:, CHILDREN[couple]]
    return sex


def _parents(sex: Ints, single_mother: Mask) -> tuple[Ints, Ints]:
    """Rows of mother and father, -1 where unknown: outside the three generations, and of a single mother's child."""
    base = np.arange(len(sex)) * SLOTS
    mother = np.full(sex.shape, -1)
    father = mother.copy()
    for slot, outside in MOTHERS.items():
        mother[:, slot] = base + outside
    for child in CHILDREN:
        mother[:, child], father[:, child] = base + GRANDMOTHER, base + GRANDFATHER
    for couple, spouse in enumerate(SPOUSES):
        child = CHILDREN[couple]
        daughter = sex[:, child] == FEMALE
        for grandchild in GRANDCHILDREN[couple]:
            mother[:, grandchild] = base + np.where(daughter, child, spouse)
            man = base + np.where(daughter, spouse, child)
            father[:, grandchild] = np.where(single_mother[:, couple], -1, man)
    return mother.ravel(), father.ravel()
