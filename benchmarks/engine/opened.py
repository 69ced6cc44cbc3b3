"""What a finder searches: a population as it was built, or its multiplied register in its stead."""

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bureau.matching.layout import BlockIndex, Register, Vocabulary
from bureau.matching.statistics import Counts
from bureau.model.query import Kind
from bureau.population import Population, open_population
from bureau.population.reader import mapped


class Searched(NamedTuple):
    """As much of a ``Population`` as finding people takes."""

    people: Register
    counts: Mapping[Kind, Counts]
    token_ids: Mapping[Kind, dict[str, int]]

    def register(self, kind: Kind) -> Register:
        assert kind is Kind.PERSON
        return self.people


def opened(home: Path, multiplied: Path | None) -> tuple[Population | Searched, Path]:
    """The population in use in ``home``, or what ``multiplied.py`` made of it; and where the register's files are."""
    population = open_population(home)
    if multiplied is None:
        return population, population.directory / "people"
    counts = Counts(*(mapped(multiplied / f"counts_{field}.npy") for field in Counts._fields))
    return Searched(_register(multiplied), {Kind.PERSON: counts}, population.token_ids), multiplied


def _register(directory: Path) -> Register:
    vocabulary = Vocabulary(*(mapped(directory / f"vocabulary_{field}.npy") for field in Vocabulary._fields))
    neighbours, blocks = (
        BlockIndex(*(mapped(directory / f"{name}_{field}.npy") for field in BlockIndex._fields))
        for name in ("neighbours", "blocks")
    )
    records, first, tax_id = (mapped(directory / f"{field}.npy") for field in ("records", "first_record", "tax_id"))
    return Register(records, first, tax_id, vocabulary, neighbours, blocks)
