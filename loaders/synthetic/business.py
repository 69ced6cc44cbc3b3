"""What companies are called: after their owner with CPF or root, or a firm's name of a surname and a trade."""

import numpy as np
import pyarrow as pa

from loaders.synthetic.chance import Generator, Ints, some
from loaders.synthetic.lettering import Letters, digits, fixed, joined, replaced
from loaders.synthetic.names import NameStock
from loaders.synthetic.population import Block
from loaders.synthetic.words import Words

NATURES = ("2135", "2062", "4090", "2240", "3999", "4120", "3085", "2321", "2054")
"""Legal natures: individual entrepreneur, limited company, …; by them companies are numbered from here on."""
ENTREPRENEUR = 0
_BODIES = (NATURES.index("3999"), NATURES.index("3085"))  # associations, condominiums

# In a sample of the register 69 % are entrepreneurs; 15.9 % of all names end in the CPF, 43 % begin with the root.
_ROOT_SINCE = 18_628  # 2021-01-01: since about then new names begin with the root
_NEW_WITH_ROOT, _OLD_WITH_ROOT, _OLD_WITH_TAX_ID = 0.93, 0.27, 0.48


class CompanyNames:
    """Legal and trade names of companies, given their owners (rows of a block's families)."""

    def __init__(self, stock: NameStock, words: Words) -> None:
        self._stock = stock
        self._trades, self._forms, self._bodies = map(pa.array, (words.trades, words.firm_forms, words.bodies))

    def legal(self, rng: Generator, block: Block, owner: Ints, nature: Ints) -> pa.StringArray:
        """Legal names; an entrepreneur's is the plain one of the person."""
        firm = joined([self._firm(rng, block, owner), _any(rng, self._forms, len(owner))], " ")
        body = joined([_any(rng, self._bodies, len(owner)), self._family(block, owner)], " ")
        return replaced(np.isin(nature, _BODIES), body, firm)

    def entrepreneurs(self, rng: Generator, block: Block, owner: Ints, of: tuple[Letters, Ints]) -> pa.StringArray:
        """Names of individual entrepreneurs ``of`` a root and a day of opening, by the custom of that time."""
        root, opened = of
        person = self._stock.written(block.families.names(owner, opened))
        with_tax_id = joined([person, fixed(digits(block.tax_id[owner], 11))], " ")
        with_root = joined([fixed(root[:, :2], b".", root[:, 2:5], b".", root[:, 5:]), person], " ")
        chance, new = rng.random(len(owner)), opened >= _ROOT_SINCE
        names = replaced(~new & (chance >= 1 - _OLD_WITH_TAX_ID), with_tax_id, person)
        return replaced(chance < np.where(new, _NEW_WITH_ROOT, _OLD_WITH_ROOT), with_root, names)

    def trade(self, rng: Generator, block: Block, owner: Ints, nature: Ints) -> pa.StringArray:
        """Trade names; blank for 64 %."""
        blank = some(rng, len(owner), np.where(nature == ENTREPRENEUR, 0.7, 0.5))
        return replaced(blank, "", self._firm(rng, block, owner))

    def _firm(self, rng: Generator, block: Block, owner: Ints) -> pa.StringArray:
        return joined([self._family(block, owner), _any(rng, self._trades, len(owner))], " ")

    def _family(self, block: Block, owner: Ints) -> pa.StringArray:
        return self._stock.written(self._stock.bare(block.families.born_as[owner, 3:]))


def _any(rng: Generator, texts: pa.StringArray, count: int) -> pa.StringArray:
    return texts.take(pa.array(rng.integers(0, len(texts), count)))
