"""How names pass through a clan: surnames from both sides, a husband's surname, Filho and Neto, twins.

A clan's sixteen slots: grandparents, their three children, the spouses of the first two, five grandchildren, and the
mothers of those whose parents are outside the population (they only lend their names).
"""

from typing import NamedTuple

import numpy as np

from loaders.synthetic.chance import Generator, Ints, Mask
from loaders.synthetic.names import FEMALE, MALE, SUFFIXES, NameStock

SLOTS = 16
GRANDFATHER, GRANDMOTHER = 0, 1
CHILDREN = (2, 3, 4)  # of the grandparents
SPOUSES = (5, 6)  # of the first two children
GRANDCHILDREN = ((7, 8, 9), (10, 11))  # of each couple
MOTHERS = {GRANDFATHER: 12, GRANDMOTHER: 13, SPOUSES[0]: 14, SPOUSES[1]: 15}

NEVER = np.int64(4_000_000)
"""A day far in the future."""

_NAMESAKE_SON = 0.16
_NAMESAKE_GRANDSON = 0.03
_OWN_SURNAME_REPLACED = 0.3  # of the women who take the husband's surname; the others add it
# Surnames a person has, given one or two given names, so that 6, 57, 33 and 4 % of names have 2, 3, 4 and 5 tokens.
_SURNAMES_AFTER_ONE = (0.09, 0.79, 0.97)
_SURNAMES_AFTER_TWO = (0.33, 0.94, 1.0)


class Kin(NamedTuple):
    """What names depend on, (clans, SLOTS); ``state`` is a row of ``states()``."""

    sex: Ints
    birth: Ints
    married_on: Ints
    state: Ints


class FamilyNames(NamedTuple):
    """Name units by clan and slot: given (…, 2), surnames (…, 4), suffix 0 for none."""

    given: Ints
    born_as: Ints
    married_as: Ints
    suffix: Ints


def name_families(rng: Generator, stock: NameStock, kin: Kin, twins: Mask) -> FamilyNames:
    """Name everybody, eldest generation first."""
    return _Christening(rng, stock, kin).names(twins)


class _Christening:
    def __init__(self, rng: Generator, stock: NameStock, kin: Kin) -> None:
        self.rng, self.stock, self.kin = rng, stock, kin
        self.clans = np.arange(len(kin.sex))
        shape = kin.sex.shape
        year = 1970 + (kin.birth / 365.25).astype(np.int64)
        self.given = stock.given(rng, kin.sex.ravel(), year.ravel()).reshape(*shape, 2)
        self.born = stock.surname_units(rng, np.repeat(kin.state.ravel(), 4)).reshape(*shape, 4)
        self.suffix = np.zeros(shape, dtype=np.int64)

    def names(self, twins: Mask) -> FamilyNames:
        self._twins(twins)
        for slot, mother in MOTHERS.items():
            self.born[:, mother, 3] = self.born[:, slot, 2]  # a maternal surname is the mother's own
            self._shorten(slot)
            self._shorten(mother)
            self._founder_suffix(slot)
        grandparents = self._everywhere(GRANDMOTHER), self._everywhere(GRANDFATHER)
        self._children(CHILDREN, grandparents)
        couples = [self._couple(child, spouse) for child, spouse in zip(CHILDREN, SPOUSES, strict=False)]
        for slots, parents in zip(GRANDCHILDREN, couples, strict=True):
            self._children(slots, parents)
        married = self.born.copy()
        for wife, husband in [
            grandparents,
            *couples,
            *((self._everywhere(m), self._everywhere(s)) for s, m in MOTHERS.items()),
        ]:
            self._marry(married, wife, husband)
        return FamilyNames(self.given, self.born, married, self.suffix)

    def _everywhere(self, slot: int) -> Ints:
        return np.full(len(self.clans), slot)

    def _couple(self, child: int, spouse: int) -> tuple[Ints, Ints]:
        """Slots of mother and father; the same slot twice for a single mother (or father), who gives both names."""
        daughter = self.kin.sex[:, child] == FEMALE
        single = self.kin.married_on[:, child] == NEVER
        mother = np.where(daughter | single, child, spouse)
        return mother, np.where(daughter & ~single, spouse, child)

    def _twins(self, twins: Mask) -> None:
        """Three in ten twins of one sex share the first given name (MARIA CLARA and MARIA EDUARDA)."""
        one, other = GRANDCHILDREN[0][:2]
        alike = twins & (self.kin.sex[:, one] == self.kin.sex[:, other]) & (self.rng.random(len(twins)) < 0.3)
        self.given[alike, other, 0] = self.given[alike, one, 0]

    def _surname_count(self, slot: int, chance: Ints) -> Ints:
        two = self.given[:, slot, 1] > 0
        limits = np.where(two[:, None], _SURNAMES_AFTER_TWO, _SURNAMES_AFTER_ONE)
        result: Ints = 1 + (chance[:, None] >= limits).sum(axis=1)
        return result

    def _shorten(self, slot: int) -> None:
        count = self._surname_count(slot, self.rng.random(len(self.clans)))
        self.born[:, slot][np.arange(4) < 4 - count[:, None]] = 0

    def _children(self, slots: tuple[int, ...], parents: tuple[Ints, Ints]) -> None:
        """Brothers and sisters mostly get the same surnames: the mother's before the father's, the oldest left out."""
        mother, father = parents
        hers, his = self.born[self.clans, mother], self.born[self.clans, father]
        alone = mother == father
        maternal = np.where(alone, hers[:, 2], hers[:, 3])
        maternal = np.where(self.stock.token_of(maternal) == self.stock.token_of(his[:, 3]), 0, maternal)
        extra = np.where(alone, 0, his[:, 2])
        chance = self.rng.random(len(self.clans))
        for slot in slots:
            differs = self.rng.random(len(chance)) < 0.06
            count = self._surname_count(slot, np.where(differs, self.rng.random(len(chance)), chance))
            none = np.zeros_like(maternal)
            second = np.where(count >= 2, maternal, none)
            middle = np.where(count >= 3, extra, none)
            first = np.where(count >= 4, hers[:, 2], none)
            self.born[:, slot] = np.column_stack([first, second, middle, his[:, 3]])
            self._namesake(slot, father)

    def _founder_suffix(self, slot: int) -> None:
        """Men whose father is outside the population: Junior or Filho mostly, Neto, seldom Sobrinho."""
        kind = self.rng.choice(len(SUFFIXES), len(self.clans), p=(0.42, 0.43, 0.12, 0.03))
        called = (self.kin.sex[:, slot] == MALE) & (self.rng.random(len(self.clans)) < 0.1)
        self.suffix[called, slot] = self.stock.first_suffix + kind[called]

    def _namesake(self, son: int, father: Ints) -> None:
        """Call some sons after their father (or father's father): every unit the same, a suffix apart."""
        chance = self.rng.random(len(self.clans))
        grandson = (chance < _NAMESAKE_GRANDSON) & np.isin(father, CHILDREN)
        elder = np.where(grandson, GRANDFATHER, father)
        free = (self.suffix[self.clans, elder] == 0) & (self.kin.sex[self.clans, elder] == MALE)
        named = np.flatnonzero(free & (self.kin.sex[:, son] == MALE) & (chance < _NAMESAKE_SON))
        self.given[named, son] = self.given[named, elder[named]]
        self.born[named, son] = self.born[named, elder[named]]
        junior = self.rng.integers(0, 2, len(named))
        kind = np.where(grandson[named], SUFFIXES.index("NETO"), junior)
        self.suffix[named, son] = self.stock.first_suffix + kind

    def _marry(self, married: Ints, wife: Ints, husband: Ints) -> None:
        """Wives who take the husband's last surname: 78 % of weddings until 2003, 49 % and falling in 2024 (Arpen)."""
        own, his = self.born[self.clans, wife], self.born[self.clans, husband, 3]
        year = 1970 + self.kin.married_on[self.clans, wife] / 365.25
        share = np.interp(year, (2003, 2024), (0.78, 0.47))
        replaced = (self.rng.random(len(self.clans)) < _OWN_SURNAME_REPLACED) | (own[:, 0] > 0)
        added = np.column_stack([own[:, 1:], his])
        taken = np.where(replaced[:, None], np.column_stack([own[:, :3], his]), added)
        takes = (self.rng.random(len(self.clans)) < share) & (wife != husband)
        takes &= self.stock.token_of(own[:, 3]) != self.stock.token_of(his)
        married[self.clans[takes], wife[takes]] = taken[takes]
