"""Blocks of people: families, their documents and contacts, and who is known to no source."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from loaders.synthetic.chance import Generator, Ints
from loaders.synthetic.contacts import Contacts, EmailWriter, draw_contacts
from loaders.synthetic.documents import CpfRegister
from loaders.synthetic.households import PEOPLE_A_CLAN, Families, FamilyBuilder
from loaders.synthetic.lineage import SLOTS
from loaders.synthetic.names import NameStock
from loaders.synthetic.options import SyntheticOptions
from loaders.synthetic.places import Places

BLOCK = 40_000
"""People a block: large enough for vector speed, small enough that a block's columns stay below 200 MB."""


class Block(NamedTuple):
    """One block. ``people`` and ``withheld`` are rows of ``families``; the withheld belong to no source.

    ``person_id`` and ``tax_id`` go by row and hold 0 for slots without a person; ``companies`` is the block's quota.
    """

    number: int
    families: Families
    contacts: Contacts
    mailboxes: pa.StringArray
    person_id: Ints
    tax_id: Ints
    people: Ints
    withheld: Ints


class World:
    """The tables and seeded registers all blocks share."""

    def __init__(self, options: SyntheticOptions) -> None:
        self.options = options
        self.stock = NameStock()
        self.places = Places()
        self.today = int(np.datetime64(options.reference_date, "D").astype(np.int64))
        self.cpf = CpfRegister(options.seed)
        self.emails = EmailWriter(self.stock)
        self._builder = FamilyBuilder(self.stock, self.places, options.reference_date)

    @property
    def blocks(self) -> int:
        return -(-self.options.people // BLOCK)

    def quota(self, total: int, block: int) -> int:
        """The block's part of ``total`` things; the parts of all blocks add up to it."""
        return total * (block + 1) // self.blocks - total * block // self.blocks

    def generate(self) -> Iterator[Block]:
        """All blocks in order; each draws from a generator of its own."""
        issued = 0
        for number in range(self.blocks):
            block = self._block(number, issued)
            issued += len(block.people) + len(block.withheld)
            yield block

    def rng(self, block: int, stream: int) -> Generator:
        """The generator of one block's part (stream 0: people; others are the writers')."""
        return np.random.default_rng([self.options.seed, stream, block])

    def _block(self, number: int, issued: int) -> Block:
        rng = self.rng(number, 0)
        people, absent = self.quota(self.options.people, number), self.quota(self.options.absent, number)
        families = self._builder.build(rng, int((people + absent) / PEOPLE_A_CLAN) + 40)
        rows = np.flatnonzero(families.alive)[: people + absent]
        assert len(rows) == people + absent, "a clan has fewer people than PEOPLE_A_CLAN says"  # noqa: S101
        withheld = self._withheld(rng, families, rows, absent)
        person_id = np.zeros(len(families.sex), dtype=np.int64)
        tax_id = person_id.copy()
        person_id[rows] = np.arange(issued + 1, issued + len(rows) + 1)
        state = self.places.state[families.homes.municipality[families.home[rows]]]
        tax_id[rows] = self.cpf.issue(rng, person_id[rows], state)
        contacts = draw_contacts(rng, families, self.places, self.today)
        return Block(
            number, families, contacts, self.emails.mailboxes(rng, families), person_id, tax_id,
            np.setdiff1d(rows, withheld, assume_unique=True), withheld,
        )  # fmt: skip

    def _withheld(self, rng: Generator, families: Families, rows: Ints, count: int) -> Ints:
        """People kept out of every source: adults first, one a clan, so that most have relatives who are in."""
        adult = self.today - families.birth[rows] > 18 * 365.25
        order = rng.permutation(len(rows))
        order = order[np.argsort(~adult[order], kind="stable")]
        _, first = np.unique(rows[order] // SLOTS, return_index=True)
        chosen = order[np.sort(first)]
        chosen = np.concatenate([chosen, np.setdiff1d(order, chosen)])[:count]
        result: Ints = np.sort(rows[chosen])
        return result
