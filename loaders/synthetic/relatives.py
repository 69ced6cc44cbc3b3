"""Who in the population is nearest to a person that no source holds: the hardest non-matches there are."""

import numpy as np

from loaders.synthetic.chance import Ints, Mask, hashed
from loaders.synthetic.households import Families
from loaders.synthetic.lineage import SLOTS


def easily_confused(families: Families, rows: Ints, name_keys: Ints) -> Mask:
    """Which of ``rows`` have a namesake father or son, a twin, or a homonym (an equal key) among them."""
    _, which, times = np.unique(name_keys, return_inverse=True, return_counts=True)
    confused = times[which] > 1
    named_after = (families.suffix[rows] > 0) & np.isin(families.father[rows], rows)
    confused |= named_after | np.isin(rows, families.father[rows[named_after]])
    birth = hashed(families.mother[rows], families.birth[rows])
    _, which, times = np.unique(birth, return_inverse=True, return_counts=True)
    result: Mask = confused | (times[which] > 1)
    return result


def relative_kind(families: Families, known: Mask, row: int) -> str:
    """The nearest relation of the person in ``row`` to anybody ``known``, or an empty text.

    In this order: ``father`` and ``son`` (whose names are equal but for the suffix), ``twin``, ``sibling``,
    ``parent``, ``child``. Homonyms are not relatives: who looks for them has all names (see ``queries``).
    """
    father, mother = int(families.father[row]), int(families.mother[row])
    sons = _children(known, families.father, row)
    siblings = _children(known, families.mother, mother)
    if father >= 0 and known[father] and _same_name(families, father, row):
        return "father"
    if any(_same_name(families, int(son), row) for son in sons):
        return "son"
    if (families.birth[siblings] == families.birth[row]).any():
        return "twin"
    if len(siblings):
        return "sibling"
    if any(parent >= 0 and known[parent] for parent in (father, mother)):
        return "parent"
    return "child" if len(sons) or len(_children(known, families.mother, row)) else ""


def _same_name(families: Families, one: int, other: int) -> bool:
    given = (families.given[one] == families.given[other]).all()
    return bool(given and (families.born_as[one] == families.born_as[other]).all())


def _children(known: Mask, parent_of: Ints, parent: int) -> Ints:
    """Known people of the parent's clan whose ``parent_of`` is ``parent``."""
    if parent < 0:
        return np.zeros(0, dtype=np.int64)
    clan = parent // SLOTS * SLOTS + np.arange(SLOTS)
    result: Ints = clan[known[clan] & (parent_of[clan] == parent)]
    return result
