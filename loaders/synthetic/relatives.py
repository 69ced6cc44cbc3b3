"""Who in the population is nearest to a person that no source holds: the hardest non-matches there are."""

import numpy as np
from numpy.typing import NDArray

from loaders.synthetic.chance import Ints
from loaders.synthetic.population import Block, World


def relative_kinds(world: World, block: Block) -> NDArray[np.object_]:
    """For each withheld person, the nearest relation found in the block's population, or an empty text.

    In this order: ``father`` and ``son`` (of the same name but for the suffix), ``twin``, ``homonym`` (the very same
    name), ``sibling``, ``parent``, ``child``. Homonyms in other blocks are not looked for.
    """
    families, rows, people = block.families, block.withheld, block.people
    known = np.zeros(len(families.sex), dtype=np.bool_)
    known[people] = True
    today = np.full(len(known), world.today)
    units = families.names(np.arange(len(known)), today)
    named = {tuple(name) for name in units[people].tolist()}
    kinds = np.full(len(rows), "", dtype=object)
    for i, row in enumerate(rows):
        kinds[i] = _kind(block, known, units, int(row)) or ("homonym" if tuple(units[row].tolist()) in named else "")
        kinds[i] = kinds[i] or _family(block, known, int(row))
    return kinds


def _kind(block: Block, known: Ints, units: Ints, row: int) -> str:
    families = block.families
    father = families.father[row]
    if father >= 0 and known[father] and (units[father, :6] == units[row, :6]).all():
        return "father"
    sons = _relations(block, known, families.father, row)
    if any((units[son, :6] == units[row, :6]).all() for son in sons):
        return "son"
    brothers = _relations(block, known, families.mother, int(families.mother[row]))
    return "twin" if (families.birth[brothers] == families.birth[row]).any() else ""


def _family(block: Block, known: Ints, row: int) -> str:
    families = block.families
    if len(_relations(block, known, families.mother, int(families.mother[row]))):
        return "sibling"
    if any(parent >= 0 and known[parent] for parent in (families.mother[row], families.father[row])):
        return "parent"
    children = [*_relations(block, known, families.father, row), *_relations(block, known, families.mother, row)]
    return "child" if children else ""


def _relations(block: Block, known: Ints, parent_of: Ints, parent: int) -> Ints:
    """Known people of the parent's clan whose parent (by the given column) is ``parent``."""
    if parent < 0:
        return np.zeros(0, dtype=np.int64)
    first = parent // 16 * 16
    clan = np.arange(first, first + 16)
    return clan[known[clan] & (parent_of[clan] == parent)]
