"""Labelled queries: people as a client holds them years later, and strangers; with the answers.

Half of the queries are the ``later_register`` mix (damage at measured rates), half are ``oversampled`` (each kind of
damage about equally often, half of them without CPF, so that names must decide). A client's record is as old as its
file: names before a marriage, former homes and phones come from its date alone, and ``aged`` in the truth names them.

Of the truth's columns, ``person_id`` is empty for strangers and ``tax_id`` where no source holds the CPF. ``damage`` is
the kind done (``damages`` lists all of ``several``), or ``surname_married`` if only time changed the name, or
``clean``; ``damaged_fields`` counts what was damaged, not what is missing or old. ``relative`` says who in the
population a stranger is near to (see ``relatives``), ``homonym`` for one of exactly the same name.
"""

import csv
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from loaders.synthetic import damage
from loaders.synthetic.chance import Generator, Ints, Mask
from loaders.synthetic.contacts import phone_texts
from loaders.synthetic.noise import Wear
from loaders.synthetic.population import Block, World
from loaders.synthetic.relatives import relative_kind
from loaders.synthetic.sources import FIELDS, SourcePlan, address_columns, render

CLIENT = SourcePlan(
    name="synthetic_client", coverage=0, years=(2008, 2023), typos=0, wear=Wear(0, 0, 0, 0, 0), wrong_birth=0,
    missing={"birth_date": 0.06, "mother_name": 0.6, "sex": 0.4, "emails": 0.25},
)  # fmt: skip
TRUTH = ("query_id", "person_id", "tax_id", "damage", "damaged_fields", "absent", "relative", "mix", "damages", "aged")
_WITHOUT_TAX_ID = {"later_register": 0.15, "oversampled": 0.5}
_DISTANT = ("", "sibling", "parent", "child")  # relations that an equal full name outweighs


class _Truth(NamedTuple):
    """A row of the truth, and the key of the name of who is absent (else 0), for finding homonyms at the end."""

    row: list[object]
    name_key: int


class QueryFiles:
    """``queries.csv`` (the people table with ``query_id`` first) and ``truth.csv``, complete after ``finish``."""

    def __init__(self, folder: Path, world: World) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.count = self.absent = 0
        self._folder, self._world, self._open = folder, world, ExitStack()
        file = self._open.enter_context((folder / "queries.csv").open("w", newline="", encoding="utf-8"))
        self._queries = csv.writer(file, lineterminator="\n")
        self._queries.writerow(("query_id", *FIELDS))
        self._truth: list[_Truth] = []
        self._name_keys: list[Ints] = []

    def __enter__(self) -> "QueryFiles":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def write(self, block: Block, tax_id_known: Mask) -> None:
        """Queries of one block; ``tax_id_known`` says of which of ``block.people`` some source holds the CPF."""
        options, rng = self._world.options, self._world.rng(block.number, 3)
        self._name_keys.append(self._world.name_keys(block.families, block.people))
        present = self._present(rng, block, self._world.quota(options.queries - options.absent, block.number))
        rows = rng.permutation(np.concatenate([present, block.withheld]))
        with_tax_id = np.zeros(len(block.person_id), dtype=np.bool_)
        with_tax_id[block.people[tax_id_known]] = True
        known = np.zeros(len(block.person_id), dtype=np.bool_)
        known[block.people] = True
        keys = self._world.name_keys(block.families, rows)
        for row, key, record in zip(rows.tolist(), keys.tolist(), self._records(rng, block, rows), strict=True):
            mix = "later_register" if rng.random() < 0.5 else "oversampled"
            damaged, labels = self._damaged(rng, record, mix)
            tax_id = f"{block.tax_id[row]:011}" if with_tax_id[row] else ""
            relative = "" if known[row] else relative_kind(block.families, known, row)
            person = str(block.person_id[row]) if known[row] else ""
            row_of_truth = [person, tax_id, *labels[:2], int(not known[row]), relative, mix, labels[2], record["aged"]]
            self._add(damaged, _Truth(row_of_truth, 0 if known[row] else key))

    def finish(self) -> None:
        """Write the truth, now that every name of the population is known."""
        keys = np.array([truth.name_key for truth in self._truth], dtype=np.int64)
        homonym = np.zeros(len(keys), dtype=np.bool_)
        for known in self._name_keys:
            homonym |= np.isin(keys, known) & (keys > 0)
        with (self._folder / "truth.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(TRUTH)
            for number, (truth, same_name) in enumerate(zip(self._truth, homonym, strict=True), start=1):
                row = truth.row.copy()
                relative = TRUTH.index("relative") - 1
                row[relative] = "homonym" if same_name and row[relative] in _DISTANT else row[relative]
                writer.writerow((f"q{number:07}", *row))

    def _add(self, record: damage.Record, truth: _Truth) -> None:
        self._truth.append(truth)
        self.count += 1
        self.absent += truth.name_key > 0
        self._queries.writerow((f"q{self.count:07}", *(record[field] for field in FIELDS)))

    def _present(self, rng: Generator, block: Block, wanted: int) -> Ints:
        """People that sources hold; customers are adults while there are enough."""
        adults = block.adults(self._world.today)
        eligible = adults if len(adults) >= wanted else block.people
        result: Ints = rng.choice(eligible, wanted, replace=False)
        return result

    def _damaged(self, rng: Generator, record: damage.Record, mix: str) -> tuple[damage.Record, list[str]]:
        """The damaged record; its label, the number of damaged fields, all kinds of damage."""
        before = record | {"tax_id": ""} if rng.random() < _WITHOUT_TAX_ID[mix] else record
        wanted = damage.later_register(rng) if mix == "later_register" else damage.oversampled(rng, before)
        after, done = damage.apply(rng, before, wanted)
        fields = sum(after[field] != before[field] for field in FIELDS)
        return after, [_label(done, record["aged"]), str(fields), "|".join(done)]

    def _records(self, rng: Generator, block: Block, rows: Ints) -> list[damage.Record]:
        """The client's records before damage, with what damage may need (see :data:`damage.Record`)."""
        world, families = self._world, block.families
        columns = render(rng, world, block, rows, CLIENT)
        seen = np.asarray(columns["seen_at"].cast(pa.date32()).cast(pa.int32())).astype(np.int64)
        today = np.full(len(rows), world.today)
        town = families.homes.municipality[families.home[rows]]
        home = world.places.addresses(rng, world.places.towns_near(rng, town))
        spare = address_columns(world.places, home, CLIENT.style)
        surname = world.stock.surnames(rng, world.places.state[town])
        columns |= {f"spare_{field}": texts for field, texts in spare.items()}
        columns["spare_surname"] = world.stock.written(surname[:, None])
        columns["spare_phones"] = phone_texts(block.contacts.mobile[rows, -1], CLIENT.phone_form)
        columns["other_name"] = _other_names(world, block, rows, seen)
        columns["aged"] = pa.array(_aged(block, rows, seen, today))
        return [{field: text or "" for field, text in record.items()} for record in pa.table(columns).to_pylist()]


def _label(done: list[str], aged: str) -> str:
    if len(done) > 1:
        return "several"
    if done:
        return done[0]
    return "surname_married" if "name" in aged.split("|") else "clean"


def _other_names(world: World, block: Block, rows: Ints, seen: Ints) -> pa.StringArray:
    """The maiden name of those seen married, the married name of those seen before; null where they are equal."""
    families = block.families
    then = families.names(rows, seen)
    before = families.names(rows, families.birth[rows])
    after = families.names(rows, np.full(len(rows), world.today))
    other = np.where((then == before).all(axis=1)[:, None], after, before)
    return world.stock.written(np.where((other == then).all(axis=1)[:, None], 0, other))


def _aged(block: Block, rows: Ints, seen: Ints, today: Ints) -> list[str]:
    """What time alone has changed since ``seen``: ``name``, ``address``, ``phone``, ``email``, joined by ``|``."""
    contacts, families = block.contacts, block.families
    changed = {
        "name": (families.names(rows, seen) != families.names(rows, today)).any(axis=1),
        "address": seen < families.moved_on[rows],
        "phone": contacts.mobiles_on(rows, seen) != contacts.mobiles_on(rows, today),
        "email": contacts.mailboxes_on(rows, seen) != contacts.mailboxes_on(rows, today),
    }
    return ["|".join(field for field, mask in changed.items() if mask[i]) for i in range(len(rows))]
