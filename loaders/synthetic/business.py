"""What companies are called: after their owner with CPF or root, or a firm's name of a surname and a trade."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loaders.synthetic.chance import Generator, Ints
from loaders.synthetic.lettering import Letters, digits, fixed, joined
from loaders.synthetic.names import NameStock
from loaders.synthetic.population import Block

# Of an individual entrepreneur's names, 23 % end in the CPF and 62 % begin with the root (of all names 15.9 and 43 %).
_WITH_TAX_ID = 0.23
_WITH_ROOT = 0.62
_TRADES = [
    "COMERCIO DE ALIMENTOS",
    "CONSTRUCOES",
    "TRANSPORTES",
    "SERVICOS",
    "MODAS",
    "CONSULTORIA EMPRESARIAL",
    "TECNOLOGIA",
    "FARMA",
    "LANCHES",
    "COMERCIO E REPRESENTACOES",
    "ODONTOLOGIA",
    "CLINICA MEDICA",
    "AUTO PECAS",
    "MATERIAIS DE CONSTRUCAO",
    "CONFECCOES",
    "ENGENHARIA",
    "DISTRIBUIDORA",
    "MARKETING DIGITAL",
    "PADARIA",
    "SUPERMERCADO",
    "REFRIGERACAO",
    "MOVEIS",
    "INDUSTRIA E COMERCIO",
    "BELEZA E ESTETICA",
    "PAPELARIA",
    "ACADEMIA",
    "RESTAURANTE",
    "LOGISTICA",
    "ELETRICA",
    "ADMINISTRADORA DE BENS",
]
_FORMS = ("LTDA", "LTDA", "LTDA", "LIMITADA", "LTDA - ME", "LTDA - EPP", "EIRELI", "S/A")
_BODIES = (
    "CONDOMINIO EDIFICIO",
    "ASSOCIACAO DE MORADORES",
    "IGREJA EVANGELICA",
    "ASSOCIACAO CULTURAL",
    "SINDICATO RURAL",
)
_BODY_NATURES = (4, 6)  # positions of 3999 and 3085 among the register's natures


class CompanyNames:
    """Legal and trade names, given owners (rows of a block's families)."""

    def __init__(self, stock: NameStock) -> None:
        self._stock = stock
        self._trades, self._forms, self._bodies = (pa.array(texts) for texts in (_TRADES, _FORMS, _BODIES))

    def legal(self, rng: Generator, block: Block, owner: Ints, of: tuple[Ints, Letters]) -> pa.StringArray:
        """Legal names for companies ``of`` a nature (index) and a root."""
        nature, root = of
        person = self._stock.written(block.families.names(owner, np.full(len(owner), 20_000)))
        chance = rng.random(len(owner))
        tax_id = fixed(digits(block.tax_id[owner], 11))
        with_tax_id = joined([person, tax_id], " ")
        with_root = joined([fixed(root[:, :2], b".", root[:, 2:5], b".", root[:, 5:]), person], " ")
        single = pc.if_else(pa.array(chance < _WITH_TAX_ID), with_tax_id, person)
        single = pc.if_else(pa.array(chance > 1 - _WITH_ROOT), with_root, single)
        firm = joined([self._firm(rng, block, owner), self._any(rng, self._forms, len(owner))], " ")
        body = joined([self._any(rng, self._bodies, len(owner)), self._family(block, owner)], " ")
        named = pc.if_else(pa.array(nature == 0), single, firm)
        return pc.if_else(pa.array(np.isin(nature, _BODY_NATURES)), body, named)

    def trade(self, rng: Generator, block: Block, owner: Ints, nature: Ints) -> pa.StringArray:
        """Trade names; blank for 64 %."""
        blank = rng.random(len(owner)) < np.where(nature == 0, 0.7, 0.5)
        return pc.if_else(pa.array(blank), "", self._firm(rng, block, owner))

    def _firm(self, rng: Generator, block: Block, owner: Ints) -> pa.StringArray:
        return joined([self._family(block, owner), self._any(rng, self._trades, len(owner))], " ")

    def _family(self, block: Block, owner: Ints) -> pa.StringArray:
        return self._stock.written(self._stock.bare(block.families.born_as[owner][:, 3:]))

    def _any(self, rng: Generator, texts: pa.StringArray, count: int) -> pa.StringArray:
        return texts.take(pa.array(rng.integers(0, len(texts), count)))
