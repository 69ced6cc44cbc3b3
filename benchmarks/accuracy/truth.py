"""Labelled queries of the synthetic generator, and which entities of a population each of them means."""

import csv
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow.parquet as pq

from bureau.model.query import Address, Record
from bureau.population import Population

_HELD = ("name", "tax_id", "birth_date", "sex", "mother_name")
_PLACE = ("street", "number", "complement", "district", "city", "state", "postal_code")


class Labelled(NamedTuple):
    """``person`` is 0 for somebody no source holds; ``damages`` all that was done to the record, ``mix`` which rates
    it was drawn by, ``relative`` the nearest kin in the population of an absent person; ``tax_id_held`` whether some
    source holds the person's CPF, so that a slip in it can be repaired at all."""

    record: Record
    person: int
    damage: str
    fields: int
    mix: str
    relative: str
    tax_id_held: bool


def labelled_queries(directory: Path) -> list[Labelled]:
    """``queries.csv`` joined to ``truth.csv``."""
    with (directory / "truth.csv").open(encoding="utf-8", newline="") as file:
        truth = {row["query_id"]: row for row in csv.DictReader(file)}
    with (directory / "queries.csv").open(encoding="utf-8", newline="") as file:
        return [_labelled(row, truth[row["query_id"]]) for row in csv.DictReader(file)]


def _labelled(row: dict[str, str], truth: dict[str, str]) -> Labelled:
    held: dict[str, Any] = {name: row[name] for name in _HELD if row[name]}
    place = {name: row[name] for name in _PLACE if row[name]}
    record = Record(
        reference=row["query_id"],
        emails=row["emails"].split("|") if row["emails"] else [],
        phones=row["phones"].split("|") if row["phones"] else [],
        address=Address(**place) if place else None,
        **held,
    )
    damaged = int(truth["damaged_fields"])
    return Labelled(
        record,
        int(truth["person_id"] or 0),
        truth["damage"],
        damaged,
        truth["mix"],
        truth["relative"],
        bool(truth["tax_id"]),
    )


def entities_of_people(population: Population, truth_file: Path) -> dict[int, set[int]]:
    """Person → the entities that hold one of their rows: one, unless the build left them apart."""
    lineage = {}
    for path in (population.directory / "lineage/people").glob("*_rows.npy"):
        entities = np.load(path.with_name(path.name.replace("_rows.npy", "_entities.npy")))
        lineage[path.name.removesuffix("_rows.npy")] = (np.load(path), entities)
    table = pq.read_table(truth_file, columns=["person_id", "rows"])
    counts = np.diff(table["rows"].combine_chunks().offsets.to_numpy())
    people = np.repeat(table["person_id"].to_numpy(), counts)
    flat = table["rows"].combine_chunks().flatten()
    sources = flat.field("source").to_numpy(zero_copy_only=False)
    rows = flat.field("row").to_numpy()
    found: dict[int, set[int]] = {}
    for source, (known, entities) in lineage.items():
        mine = sources == source
        at = np.searchsorted(known, rows[mine]).clip(max=max(len(known) - 1, 0))
        kept = known[at] == rows[mine]
        for person, entity in zip(people[mine][kept].tolist(), entities[at][kept].tolist(), strict=True):
            found.setdefault(person, set()).add(entity)
    return found
