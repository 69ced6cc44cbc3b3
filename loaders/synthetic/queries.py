"""Labelled queries: people as a client holds them years later, and strangers; with the answers.

Half of the queries are the ``later_register`` mix (damage at measured rates), half are ``oversampled`` (each kind of
damage equally often, and half of them without CPF, so that names must decide). A client's record is as old as its
file: names before a marriage, former homes and phones come from the date alone; ``aged`` in the truth names them.
"""

import csv
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa

from loaders.synthetic import damage
from loaders.synthetic.chance import Generator, Ints, Mask
from loaders.synthetic.contacts import phone_texts
from loaders.synthetic.population import Block, World
from loaders.synthetic.relatives import relative_kinds
from loaders.synthetic.sources import FIELDS, SourcePlan, address_columns, render

CLIENT = SourcePlan(
    name="synthetic_client", coverage=0, years=(2008, 2023), typos=0, worn=(0, 0, 0, 0), wrong_birth=0,
    missing={"birth_date": 0.06, "mother_name": 0.6, "sex": 0.4, "emails": 0.25},
)  # fmt: skip
TRUTH = (
    "query_id", "person_id", "tax_id", "damage", "damaged_fields", "absent", "relative", "mix", "damages", "aged",
)  # fmt: skip
_WITHOUT_TAX_ID = {"later_register": 0.15, "oversampled": 0.5}


class QueryFiles:
    """``queries.csv`` (the people table with ``query_id`` first) and ``truth.csv``."""

    def __init__(self, folder: Path, world: World) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.count = self.absent = 0
        self._world, self._open = world, ExitStack()
        open_file = lambda name: self._open.enter_context((folder / name).open("w", newline="", encoding="utf-8"))  # noqa: E731
        self._queries, self._truth = csv.writer(open_file("queries.csv")), csv.writer(open_file("truth.csv"))
        self._queries.writerow(("query_id", *FIELDS))
        self._truth.writerow(TRUTH)

    def __enter__(self) -> "QueryFiles":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def write(self, block: Block, tax_id_known: Mask) -> None:
        """Queries of one block; ``tax_id_known`` says of which of ``block.people`` some source holds the CPF."""
        options, rng = self._world.options, self._world.rng(block.number, 3)
        wanted = self._world.quota(options.queries - options.absent, block.number)
        known = np.sort(rng.choice(block.people, wanted, replace=False))
        rows = np.concatenate([known, block.withheld])
        if len(rows) == 0:
            return
        relative = np.concatenate([np.full(len(known), "", object), relative_kinds(self._world, block)])
        with_tax_id = np.zeros(len(block.person_id), dtype=np.bool_)
        with_tax_id[block.people[tax_id_known]] = True
        records = _records(rng, self._world, block, rows)
        for i in rng.permutation(len(rows)):
            row = rows[i]
            mix = "later_register" if rng.random() < 0.5 else "oversampled"
            record, done = _damaged(rng, records[i], mix)
            self.count += 1
            absent = i >= len(known)
            self.absent += int(absent)
            name = f"q{self.count:07}"
            self._queries.writerow((name, *(record[field] for field in FIELDS)))
            fields = sum(record[field] != records[i][field] for field in FIELDS)
            self._truth.writerow((
                name, "" if absent else block.person_id[row],
                f"{block.tax_id[row]:011}" if with_tax_id[row] else "",
                _label(done, record["aged"]), fields, int(absent), relative[i], mix, "|".join(done), record["aged"],
            ))  # fmt: skip


def _label(done: list[str], aged: str) -> str:
    if len(done) > 1:
        return "several"
    if done:
        return done[0]
    return "surname_married" if "name" in aged.split("|") else "clean"


def _damaged(rng: Generator, record: damage.Record, mix: str) -> tuple[damage.Record, list[str]]:
    wanted = damage.later_register(rng) if mix == "later_register" else damage.oversampled(rng)
    if not any(kind.startswith("cpf_") for kind in wanted) and rng.random() < _WITHOUT_TAX_ID[mix]:
        record = record | {"tax_id": ""}
    changed, done = damage.apply(rng, record, wanted)
    if mix == "oversampled" and not done:
        return damage.apply(rng, record, [("typo_first_name", "typo_surname")[int(rng.integers(2))]])
    return changed, done


def _records(rng: Generator, world: World, block: Block, rows: Ints) -> list[damage.Record]:
    """The client's records before damage, with what damage may need (see :data:`damage.Record`)."""
    families, count = block.families, len(rows)
    columns = render(rng, world, block, rows, CLIENT)
    seen = np.asarray(columns["seen_at"].cast(pa.date32()).cast(pa.int32())).astype(np.int64)
    today = np.full(count, world.today)
    now, then = world.stock.written(families.names(rows, today)), world.stock.written(families.names(rows, seen))
    maiden = world.stock.written(families.names(rows, families.birth[rows]))
    spare = world.places.addresses(rng, world.places.towns_near(rng, families.homes.municipality[families.home[rows]]))
    columns |= {
        "other_name": pa.array([b if a != b and b != c else (a if a != b else None) for a, b, c in
                                zip(now.to_pylist(), maiden.to_pylist(), then.to_pylist(), strict=True)], pa.string()),
        "spare_surname": world.stock.written(world.stock.surname_units(rng, world.places.state[spare.municipality])[:, None]),
        "spare_phones": phone_texts(block.contacts.mobile[rng.permutation(rows)], "digits"),
        "aged": pa.array(_aged(block, rows, seen, families.names(rows, seen), families.names(rows, today))),
        **{f"spare_{field}": text for field, text in address_columns(world, spare, CLIENT.style).items()},
    }  # fmt: skip
    return [{k: v or "" for k, v in record.items()} for record in pa.table(columns).to_pylist()]


def _aged(block: Block, rows: Ints, seen: Ints, then: Ints, now: Ints) -> list[str]:
    """What time alone has changed since ``seen``: ``name``, ``address``, ``phone``, ``email``, joined by ``|``."""
    contacts, families = block.contacts, block.families
    changed = {
        "name": (then != now).any(axis=1),
        "address": (seen < families.moved_on[rows]),
        "phone": (seen < contacts.mobile_changed[rows]) & (contacts.mobile[rows] > 0),
        "email": (seen < contacts.email_changed[rows]) & (contacts.email[rows] > 0),
    }
    return ["|".join(field for field, mask in changed.items() if mask[i]) for i in range(len(rows))]
