"""A register several times as large as a built one, for sizes whose whole chain would not fit time and disk.

    python -m benchmarks.engine.multiplied HOME TIMES DIRECTORY

The built people stay as they are. Every further copy of them is drawn anew where people differ: first names meet other
people's surnames, mothers and places, birth dates keep their year, tax ids, phones and e-mails are others. So homonyms
and the people of one day, town and name grow as they would; the tail of rare names and the families do not. Only what
the engine reads is written. Labelled queries are those about the built people.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bureau.matching.blocking import EMAIL, PHONE, claim_keys, record_keys, text_hashes
from bureau.matching.layout import (
    ALIAS,
    ALIAS_TOKENS,
    DATE,
    ENTITY,
    FLAGS,
    MUNICIPALITY,
    NAME,
    NAME_TOKENS,
    NO_TAX_ID,
    POSTAL_CODE,
    WIDTH,
)
from bureau.matching.statistics import Counts
from bureau.population import Population, open_population
from bureau.population.block_index import Pairs, write_block_index
from bureau.population.npy import save
from bureau.population.reader import mapped

_CHUNK = 1 << 18
_IN_MEMORY = 1 << 30
_STEPS = (1_000_003, 1_300_021, 1_700_021)  # how far away the others are who lend surnames, mother and place
_LEAST = 1 << 40  # a copy's contacts are values beyond all real ones
_NO_LEAP_YEAR = np.datetime64("2023-01-01") + np.arange(365)
_MONTH = _NO_LEAP_YEAR.astype("datetime64[M]")
_MONTH_DAY = (_MONTH.astype(np.int64) % 12 + 1) * 100 + (_NO_LEAP_YEAR - _MONTH).astype(np.int64) + 1


def prepare(home: Path, times: int, directory: Path) -> None:
    """Write the arrays of a ``layout.Register`` with its counts into ``directory``, unless they are there."""
    if (directory / "blocks_directory.npy").exists():
        return
    directory.mkdir(parents=True, exist_ok=True)
    built = open_population(home)
    _link_names(built, directory, times)
    people = built.people
    tax_id = np.concatenate([_other_tax_ids(people.tax_id, copy) for copy in range(times)])
    order = np.argsort(tax_id, kind="stable")
    save(directory / "tax_id.npy", tax_id[order])
    lengths = np.tile(np.diff(people.first_record), times)[order]
    first = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)
    save(directory / "first_record.npy", first)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    _write_records(built, directory, place.reshape(times, -1), first)
    write_block_index(_pairs(built, directory, place.reshape(times, -1)), directory, _IN_MEMORY)


def _link_names(built: Population, directory: Path, times: int) -> None:
    """Vocabulary and neighbours are the built ones; what is counted of records is so many times as much."""
    people = built.directory / "people"
    for pattern in ("vocabulary_[!a]*", "neighbours_*", "tokens_*", "counts_postal_codes*"):
        for path in people.glob(pattern):
            (directory / path.name).symlink_to(path.resolve())
    for name in ("vocabulary_as_first", "vocabulary_as_other", "counts_years", "counts_municipalities"):
        save(directory / f"{name}.npy", mapped(people / f"{name}.npy") * np.uint32(times))
    save(directory / "counts_postal_counts.npy", mapped(people / "counts_postal_counts.npy") * np.uint32(times))


def _other_tax_ids(tax_id: NDArray[np.int64], copy: int) -> NDArray[np.int64]:
    """Numbers that no valid CPF is, near the people's own, by changing the check digits; copy 0 is the people."""
    moved = tax_id // 100 * 100 + (tax_id % 100 + 20 * copy) % 100
    return np.where(tax_id == NO_TAX_ID, NO_TAX_ID, moved)


def _write_records(built: Population, directory: Path, place: NDArray[np.int64], first: NDArray[np.uint32]) -> None:
    """Each copy's records at their entity's ``place`` (by copy, then by built entity)."""
    old, shape = built.people.records, (int(first[-1]), WIDTH)
    records = np.lib.format.open_memmap(directory / "records.npy", mode="w+", dtype=np.int32, shape=shape)
    for start in range(0, len(old), _CHUNK):
        own = old[start : start + _CHUNK]
        row = np.arange(start, start + len(own))
        entity = own[:, ENTITY]
        for copy in range(len(place)):
            drawn = _drawn(old, row, copy) if copy else own.copy()
            drawn[:, ENTITY] = place[copy, entity]
            records[first[drawn[:, ENTITY]] + (row - built.people.first_record[entity])] = drawn
    records.flush()


def _drawn(old: NDArray[np.int32], row: NDArray[np.int64], copy: int) -> NDArray[np.int32]:
    """Rows drawn anew: with surnames, mothers and places of others and a new birthday, the same for all of one."""
    found = old[row]
    surnames, mothers, places = (old[(row + copy * step) % len(old)] for step in _STEPS)
    found[:, NAME + 1 : NAME + NAME_TOKENS] = surnames[:, NAME + 1 : NAME + NAME_TOKENS]
    found[:, ALIAS : ALIAS + ALIAS_TOKENS] = mothers[:, ALIAS : ALIAS + ALIAS_TOKENS]
    for column in (POSTAL_CODE, POSTAL_CODE + 1, MUNICIPALITY):
        found[:, column] = places[:, column]
    found[:, FLAGS] = found[:, FLAGS] & 0xFFFF | places[:, FLAGS] & ~0xFFFF
    day = (found[:, ENTITY].astype(np.int64) + copy) * 7_368_787 % 365
    born = found[:, DATE] // 10_000 * 10_000 + _MONTH_DAY[day]
    found[:, DATE] = np.where(found[:, DATE] > 0, born, 0)
    return found


def _pairs(built: Population, directory: Path, place: NDArray[np.int64]) -> Iterator[Pairs]:
    records, tax_id = mapped(directory / "records.npy"), mapped(directory / "tax_id.npy")
    for start in range(0, len(records), _CHUNK):
        part = records[start : start + _CHUNK]
        owners = tax_id[part[:, ENTITY]]
        yield record_keys(part, owners, built.people.vocabulary, people=True, first_record=start)
    first = mapped(directory / "first_record.npy")
    for values, offsets, recipe in _claims(built):
        entity = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        for start in range(0, len(values), _CHUNK):
            some, owner = values[start : start + _CHUNK], entity[start : start + _CHUNK]
            for copy in range(len(place)):
                keys = claim_keys(some + np.uint64(copy * _LEAST), recipe)
                yield keys, first[place[copy, owner]]


def _claims(built: Population) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint32], int]]:
    directory = built.directory
    texts = text_hashes(mapped(directory / "texts_offsets.npy").astype(np.int64), mapped(directory / "texts_bytes.npy"))
    phones, emails = (mapped(directory / f"people/{name}.npy") for name in ("phones", "emails"))
    yield phones["value"].astype(np.uint64), mapped(directory / "people/phone_offsets.npy"), PHONE
    yield texts[emails["value"]], mapped(directory / "people/email_offsets.npy"), EMAIL


def counts_of(directory: Path) -> Counts:
    return Counts(*(mapped(directory / f"counts_{field}.npy") for field in Counts._fields))


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]))
