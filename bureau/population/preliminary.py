"""The register of people as the linking rules leave it: what ``refine`` searches, never published.

Its records and vocabulary are in memory; its index, in files, holds only the blocks that an entity without tax id will
look into. Arrays are read-only like a mapped snapshot's, so that the engine is compiled once for serving and building.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from bureau.matching.blocking import EMAIL, MAX_EXCHANGED, MAX_KEYS, PHONE, claim_keys, exchanged_keys_of, record_keys
from bureau.matching.layout import ENTITY, NO_TAX_ID, BlockIndex, Register, Vocabulary
from bureau.matching.neighbours import neighbour_index
from bureau.matching.statistics import PLACES, Statistics, count, statistics
from bureau.population.block_index import Pairs, write_block_index
from bureau.population.entities import Entities
from bureau.population.reader import mapped
from bureau.population.rows import Rows
from bureau.population.survivors import Traits, survive, token_counts
from bureau.population.vocabulary import Tokens
from bureau.population.wanted import Wanted, are_wanted, none_wanted, want
from bureau.reference.names import shares_of_women
from bureau.reference.places import municipality_states

_CHUNK = 1 << 18  # records, or rows, whose keys are made at a time
_IN_MEMORY = 1 << 29  # bytes of blocking keys; the source rows are still in memory too
_Arrays = TypeVar("_Arrays", bound=tuple[Any, ...])


class Preliminary(NamedTuple):
    """``undecided`` is the first record of an entity without tax id; such are all that follow."""

    register: Register
    statistics: Statistics
    undecided: int


class _Filed(NamedTuple):
    """What has blocking keys: records, and the phones and e-mails of rows, filed under their entity's first record."""

    rows: Rows
    entities: Entities
    records: NDArray[np.int32]
    first_record: NDArray[np.uint32]
    vocabulary: Vocabulary


def preliminary(rows: Rows, tokens: Tokens, entities: Entities, traits: Traits, directory: Path) -> Preliminary:
    """The register of ``entities``; its index is written to ``directory``, which is to outlive it."""
    found = survive(traits, entities)
    first, other = token_counts(found.records, len(tokens.length))
    vocabulary = frozen(Vocabulary(tokens.letters, tokens.length, tokens.sound, first, other))
    records, first_record, tax_id = frozen((found.records, found.first_record, entities.tax_id))
    undecided = int(first_record[np.searchsorted(tax_id, NO_TAX_ID)])
    filed = _Filed(rows, entities, records, first_record, vocabulary)
    blocks = _blocks(filed, undecided, directory)
    register = Register(records, first_record, tax_id, vocabulary, frozen(neighbour_index(vocabulary)), blocks)
    women = shares_of_women(vocabulary.letters)
    return Preliminary(register, statistics(tax_id, vocabulary, frozen(count(records)), states(), women), undecided)


def frozen(arrays: _Arrays) -> _Arrays:
    """Read-only views: to compiled code such arrays are those of a mapped snapshot."""
    views = [array.view() for array in arrays]
    for view in views:
        view.flags.writeable = False
    make = getattr(type(arrays), "_make", tuple)
    return cast(_Arrays, make(views))


def states() -> NDArray[np.uint8]:
    """The state of each municipality, as statistics hold it."""
    found = np.zeros(PLACES, np.uint8)
    found[: len(municipality_states())] = municipality_states()
    return found


def _blocks(filed: _Filed, undecided: int, directory: Path) -> BlockIndex:
    wanted = none_wanted((len(filed.records) - undecided) * (MAX_KEYS + MAX_EXCHANGED))
    for keys, owners in _pairs(filed, undecided):
        want(wanted, keys[owners >= undecided])
    for start in range(undecided, len(filed.records), _CHUNK):
        want(wanted, exchanged_keys_of(filed.records[start : start + _CHUNK], filed.vocabulary))
    return wanted_blocks(wanted, _pairs(filed, 0), directory)


def wanted_blocks(wanted: Wanted, pairs: Iterator[Pairs], directory: Path) -> BlockIndex:
    """The index of those pairs whose keys are wanted, in a new ``directory`` that is to outlive it."""
    directory.mkdir(parents=True)
    write_block_index(_only(wanted, pairs), directory, _IN_MEMORY)
    return BlockIndex(*(mapped(directory / f"blocks_{name}.npy") for name in BlockIndex._fields))


def _only(wanted: Wanted, pairs: Iterator[Pairs]) -> Iterator[Pairs]:
    for keys, owners in pairs:
        kept = are_wanted(wanted, keys)
        yield keys[kept], owners[kept]


def _pairs(filed: _Filed, first: int) -> Iterator[Pairs]:
    """Keys of the records from ``first`` on, and of all claims."""
    rows, entities = filed.rows, filed.entities
    for start in range(first, len(filed.records), _CHUNK):
        part = filed.records[start : start + _CHUNK]
        owned = entities.tax_id[part[:, ENTITY]]
        yield record_keys(part, owned, filed.vocabulary, people=True, first_record=start)
    for ends, values, recipe in ((rows.phone_ends, rows.phones, PHONE), (rows.email_ends, rows.emails, EMAIL)):
        for start in range(0, len(rows), _CHUNK):
            last = ends[start : start + _CHUNK]
            before = int(ends[start - 1]) if start else 0
            claimed = values[before : last[-1]]  # an e-mail is its row of texts: any number that is its own will do
            owners = np.repeat(
                filed.first_record[entities.of_row[start : start + _CHUNK]], np.diff(last, prepend=before)
            )
            known = claimed != 0
            yield claim_keys(claimed[known].astype(np.uint64), recipe), owners[known]
