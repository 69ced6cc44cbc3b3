"""How names pass through a clan: surnames from both sides, a husband's surname, Filho and Neto, twins.

A clan has sixteen slots: grandparents, their three children, the spouses of the first two, five grandchildren, and the
mothers of those whose parents are outside the population (they only lend their names).
"""

from typing import NamedTuple

import numpy as np

from loaders.synthetic.chance import Floats, Generator, Ints, Mask, some
from loaders.synthetic.names import FEMALE, MALE, SUFFIXES, NameStock

SLOTS = 16
GRANDFATHER, GRANDMOTHER = 0, 1
CHILDREN = (2, 3, 4)  # of the grandparents
SPOUSES = (5, 6)  # of the first two children
GRANDCHILDREN = ((7, 8, 9), (10, 11))  # of each couple
MOTHERS = {GRANDFATHER: 12, GRANDMOTHER: 13, SPOUSES[0]: 14, SPOUSES[1]: 15}
TWINS = (CHILDREN[1:], GRANDCHILDREN[0][:2], GRANDCHILDREN[1])
"""The pairs that may be twins; the second of a pair has no spouse, whose sex would depend on it."""

NEVER = np.int64(4_000_000)
"""A day far in the future."""

_DAYS = 365.25
_NAMESAKE_SON = 0.14
_NAMESAKE_GRANDSON = 0.03
_FOUNDER_WITH_SUFFIX = 0.09
_SUFFIX_SHARES = (0.42, 0.43, 0.12, 0.03)
_TWINS_SHARE_FIRST_NAME = 0.3
_DRAWS = 5
_BROTHER_DIFFERS = 0.06
# Wives who took the husband's surname, at weddings until 2003 and in 2024 (Arpen-SP: 77.8 %, 49 %).
_TAKEN_YEARS, _TAKEN_SHARES = (2003, 2024), (0.778, 0.49)
_OWN_SURNAME_REPLACED = 0.4  # of them; the others add it
# Cumulative shares of one, two, three surnames after one and after two given names: with them 6, 57, 33 and 4 % of
# names have two, three, four and five tokens (electoral registers).
_AFTER_ONE = (0.07, 0.80, 0.985)
_AFTER_TWO = (0.34, 0.965, 1.0)


class Kin(NamedTuple):
    """What names depend on, (clans, SLOTS); ``state`` (clans,) is a row of ``states()``."""

    sex: Ints
    birth: Ints
    married_on: Ints
    state: Ints
    twins: Mask  # (clans, pairs of TWINS)


class FamilyNames(NamedTuple):
    """Name units by clan and slot: given (…, 2), surnames (…, 4) with 0 for none, suffix."""

    given: Ints
    born_as: Ints
    married_as: Ints
    suffix: Ints


def name_families(rng: Generator, stock: NameStock, kin: Kin) -> FamilyNames:
    """Name everybody, eldest generation first."""
    return _Registrar(rng, stock, kin).names()


class _Registrar:
    def __init__(self, rng: Generator, stock: NameStock, kin: Kin) -> None:
        self._rng, self._stock, self._kin = rng, stock, kin
        self._clans = np.arange(len(kin.sex))
        shape = kin.sex.shape
        year = 1970 + (kin.birth / _DAYS).astype(np.int64)
        self._given = stock.given(rng, kin.sex.ravel(), year.ravel()).reshape(*shape, 2)
        self._born = np.zeros((*shape, 4), dtype=np.int64)
        self._suffix = np.zeros(shape, dtype=np.int64)
        self._has_namesake = np.zeros(shape, dtype=bool)

    def names(self) -> FamilyNames:
        self._name_twins()
        for siblings in (CHILDREN, *GRANDCHILDREN):
            self._tell_apart(siblings)
        for slot, mother in MOTHERS.items():
            self._found(slot, mother)
        grandparents = self._all(GRANDMOTHER), self._all(GRANDFATHER)
        self._name_children(CHILDREN, grandparents)
        couples = [self._couple(child, spouse) for child, spouse in zip(CHILDREN[:2], SPOUSES, strict=True)]
        for slots, parents in zip(GRANDCHILDREN, couples, strict=True):
            self._name_children(slots, parents)
        founders = [(self._all(mother), self._all(child)) for child, mother in MOTHERS.items()]
        married = self._born.copy()
        for wife, husband in [grandparents, *couples, *founders]:
            self._marry(married, wife, husband)
        return FamilyNames(self._given, self._born, married, self._suffix)

    def _all(self, slot: int) -> Ints:
        return np.full(len(self._clans), slot)

    def _couple(self, child: int, spouse: int) -> tuple[Ints, Ints]:
        """Slots of mother and father; twice the same for one who is not married and gives all surnames alone."""
        daughter = self._kin.sex[:, child] == FEMALE
        single = self._kin.married_on[:, child] == NEVER
        return np.where(daughter | single, child, spouse), np.where(daughter & ~single, spouse, child)

    def _name_twins(self) -> None:
        """Some twins of one sex share the first of two given names (MARIA CLARA and MARIA EDUARDA)."""
        for (one, other), both in zip(TWINS, self._kin.twins.T, strict=True):
            alike = both & (self._kin.sex[:, one] == self._kin.sex[:, other])
            second, others = self._given[:, one, 1], self._given[:, other, 1]
            alike &= (second > 0) & (others > 0) & (second != others)
            alike &= some(self._rng, len(alike), _TWINS_SHARE_FIRST_NAME)
            self._given[alike, other, 0] = self._given[alike, one, 0]

    def _tell_apart(self, siblings: tuple[int, ...]) -> None:
        """No two of them are called alike: the younger one's given names are drawn again until they are others."""
        for place, younger in enumerate(siblings):
            for _ in range(_DRAWS):
                mine, elder = self._given[:, younger], self._given[:, list(siblings[:place])]
                same = np.flatnonzero((mine[:, None] == elder).all(axis=2).any(axis=1))
                year = 1970 + (self._kin.birth[same, younger] / _DAYS).astype(np.int64)
                self._given[same, younger] = self._stock.given(self._rng, self._kin.sex[same, younger], year)

    def _surname_count(self, slot: int, chance: Floats) -> Ints:
        two = self._given[:, slot, 1] > 0
        limits = np.where(two[:, None], _AFTER_TWO, _AFTER_ONE)
        result: Ints = 1 + (chance[:, None] >= limits).sum(axis=1)
        return result

    def _found(self, slot: int, mother: int) -> None:
        """Surnames of a person whose parents are outside, and of the mother, whose own is the person's maternal one."""
        drawn = self._stock.surnames(self._rng, np.repeat(self._kin.state, 6)).reshape(-1, 6)
        self._born[:, slot], self._born[:, mother] = drawn[:, :4], drawn[:, [0, 4, 5, 2]]
        for person in (slot, mother):
            count = self._surname_count(person, self._rng.random(len(self._clans)))
            self._born[:, person] *= np.arange(4) >= 4 - count[:, None]
            self._born[:, person] = self._without_repeats(self._born[:, person])
        called = (self._kin.sex[:, slot] == MALE) & some(self._rng, len(self._clans), _FOUNDER_WITH_SUFFIX)
        kind = self._rng.choice(len(SUFFIXES), len(self._clans), p=_SUFFIX_SHARES)
        self._suffix[called, slot] = self._stock.first_suffix + kind[called]

    def _without_repeats(self, surnames: Ints) -> Ints:
        """Nobody is called SILVA twice, whatever the two families are called."""
        token = self._stock.token_of(surnames)
        result = surnames.copy()
        for column in range(3):
            again = (token[:, column : column + 1] == token[:, column + 1 :]).any(axis=1)
            result[again, column] = 0
        return result

    def _name_children(self, slots: tuple[int, ...], parents: tuple[Ints, Ints]) -> None:
        """Brothers and sisters mostly get the same surnames: the mother's last, then the father's last."""
        mother, father = parents
        hers, his = self._born[self._clans, mother], self._born[self._clans, father]
        alone = mother == father
        maternal = np.where(alone, hers[:, 2], hers[:, 3])
        full = np.column_stack([np.where(alone, 0, hers[:, 2]), maternal, np.where(alone, 0, his[:, 2]), his[:, 3]])
        full = self._without_repeats(full)
        chance = self._rng.random(len(self._clans))
        for slot in slots:
            differs = some(self._rng, len(chance), _BROTHER_DIFFERS)
            count = self._surname_count(slot, np.where(differs, self._rng.random(len(chance)), chance))
            # one surname is the father's; two are the mother's and his; the third is his mother's, the fourth hers
            keep = np.column_stack([count >= 4, count >= 2, count >= 3, count >= 1])
            self._born[:, slot] = full * keep
            self._name_after(slot, father)

    def _name_after(self, son: int, father: Ints) -> None:
        """Call some sons after their father (or father's father), one each: every unit the same, a suffix apart."""
        chance = self._rng.random(len(self._clans))
        grandson = (chance < _NAMESAKE_GRANDSON) & np.isin(father, CHILDREN)
        elder = np.where(grandson, GRANDFATHER, father)
        elder_free = (self._suffix[self._clans, elder] == 0) & (self._kin.sex[self._clans, elder] == MALE)
        elder_free &= ~self._has_namesake[self._clans, elder]
        named = np.flatnonzero(elder_free & (self._kin.sex[:, son] == MALE) & (chance < _NAMESAKE_SON))
        self._has_namesake[named, elder[named]] = True
        self._given[named, son] = self._given[named, elder[named]]
        self._born[named, son] = self._born[named, elder[named]]
        kind = np.where(grandson[named], SUFFIXES.index("NETO"), self._rng.integers(0, 2, len(named)))
        self._suffix[named, son] = self._stock.first_suffix + kind

    def _marry(self, married: Ints, wife: Ints, husband: Ints) -> None:
        """Give the wives who take it the husband's last surname, after or in place of their own last one."""
        own, his = self._born[self._clans, wife], self._born[self._clans, husband, 3]
        year = 1970 + self._kin.married_on[self._clans, wife] / _DAYS
        replaces = some(self._rng, len(own), _OWN_SURNAME_REPLACED) | (own[:, 0] > 0)
        kept = np.where(replaces[:, None], own[:, :3], own[:, 1:])
        taken = self._without_repeats(np.column_stack([kept, his]))
        takes = some(self._rng, len(own), np.interp(year, _TAKEN_YEARS, _TAKEN_SHARES)) & (wife != husband)
        married[self._clans[takes], wife[takes]] = taken[takes]
