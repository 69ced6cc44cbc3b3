"""Blocks of people: families, their documents and contacts, and who is withheld from every source."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

import numpy as np

from loaders.synthetic.chance import Generator, Ints
from loaders.synthetic.contacts import Contacts, draw_contacts
from loaders.synthetic.documents import CpfRegister
from loaders.synthetic.emails import EmailWriter
from loaders.synthetic.households import PEOPLE_A_CLAN, Families, FamilyBuilder
from loaders.synthetic.lettering import Spelling
from loaders.synthetic.lineage import SLOTS
from loaders.synthetic.names import NameStock
from loaders.synthetic.options import SyntheticOptions
from loaders.synthetic.places import Places
from loaders.synthetic.relatives import easily_confused
from loaders.synthetic.words import Words, read_words

BLOCK = 40_000
"""People a block: enough for vector speed, few enough that a block's columns stay in a processor's cache or near it."""

ADULT = 18 * 365.25  # days
_CONFUSED_SHARE = 0.4  # of the withheld


class Block(NamedTuple):
    """One block. ``people`` and ``withheld`` are rows of ``families``, ascending; no source holds the withheld.

    ``person_id`` and ``tax_id`` go by row and are 0 where the row is nobody of the population.
    """

    number: int
    families: Families
    contacts: Contacts
    person_id: Ints
    tax_id: Ints
    people: Ints
    withheld: Ints

    def adults(self, today: int) -> Ints:
        """Rows of the adults that sources hold."""
        return self.people[today - self.families.birth[self.people] > ADULT]


class World:
    """The tables and registers that all blocks share. ``today`` is the reference date in days since 1970-01-01."""

    def __init__(self, options: SyntheticOptions) -> None:
        self.options = options
        self.today = (options.reference_date - date(1970, 1, 1)).days
        self.words: Words = read_words()
        spelling = Spelling(self.words.accented)
        self.stock = NameStock(self.words, spelling)
        self.places = Places(self.words, spelling)
        self._cpf = CpfRegister(options.seed)
        self.emails = EmailWriter(self.stock)
        self._builder = FamilyBuilder(self.stock, self.places, self.today)
        self._blocks = -(-options.people // BLOCK)

    def quota(self, total: int, block: int) -> int:
        """The block's part of ``total`` things; the parts of all blocks add up to it."""
        return total * (block + 1) // self._blocks - total * block // self._blocks

    def rng(self, block: int, stream: int) -> Generator:
        """The generator for one purpose in one block, so that no purpose shifts the draws of another."""
        return np.random.default_rng([self.options.seed, stream, block])

    def name_keys(self, families: Families, rows: Ints) -> Ints:
        """Numbers of people's present full names, equal for homonyms."""
        return self.stock.keys(families.names(rows, np.full(len(rows), self.today)))

    def generate(self) -> Iterator[Block]:
        """All blocks in order."""
        issued = 0
        for number in range(self._blocks):
            block = self._block(number, issued)
            issued += len(block.people) + len(block.withheld)
            yield block

    def _block(self, number: int, issued: int) -> Block:
        rng = self.rng(number, 0)
        absent = self.quota(self.options.absent, number)
        wanted = self.quota(self.options.people, number) + absent
        families = self._families(rng, wanted)
        rows = np.flatnonzero(families.alive)
        withheld = self._withheld(rng, families, rows, absent)
        person_id, tax_id = np.zeros((2, len(families.sex)), dtype=np.int64)
        person_id[rows] = np.arange(issued + 1, issued + wanted + 1)
        state = self.places.state[families.homes.municipality[families.home[rows]]]
        tax_id[rows] = self._cpf.issue(rng, person_id[rows], state)
        contacts = draw_contacts(rng, families, self.places, self.today)
        people = np.setdiff1d(rows, withheld, assume_unique=True)
        return Block(number, families, contacts, person_id, tax_id, people, withheld)

    def _families(self, rng: Generator, wanted: int) -> Families:
        """Families of which exactly ``wanted`` people are alive: the last ones are left to the outside world."""
        families = self._builder.build(rng, int(wanted / PEOPLE_A_CLAN) + 40)
        rows = np.flatnonzero(families.alive)
        if len(rows) < wanted:
            raise AssertionError("PEOPLE_A_CLAN promises more people than a clan has")
        families.alive[rows[wanted:]] = False
        return families

    def _withheld(self, rng: Generator, families: Families, rows: Ints, count: int) -> Ints:
        """Adults kept out of every source, two in five of them easily confused with somebody who is in one.

        No more than one from each clan while there are enough clans, so that their relatives stay.
        """
        adult = self.today - families.birth[rows] > ADULT
        order = rng.permutation(np.flatnonzero(adult))
        confused = easily_confused(families, rows, self.name_keys(families, rows))[order]
        hard = order[confused][: round(count * _CONFUSED_SHARE)]
        order = np.concatenate([hard, order[~confused], order[confused], rng.permutation(np.flatnonzero(~adult))])
        _, first = np.unique(rows[order] // SLOTS, return_index=True)
        one_a_clan = order[np.sort(first)]
        chosen = np.concatenate([one_a_clan, np.setdiff1d(order, one_a_clan)])[:count]
        result: Ints = np.sort(rows[chosen])
        return result
