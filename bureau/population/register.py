"""One register's way from rows to files: link, survive, claims, blocking keys."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.matching.blocking import EMAIL, PHONE, claim_keys, record_keys
from bureau.matching.layout import ENTITY, Vocabulary
from bureau.matching.neighbours import neighbour_index
from bureau.matching.statistics import count
from bureau.population.agreement import Evidence
from bureau.population.block_index import Pairs, write_block_index
from bureau.population.claims import Places, Sightings, Values, addresses, claims
from bureau.population.entities import Entities, number_entities
from bureau.population.intern import Interner
from bureau.population.link import Links, link
from bureau.population.npy import save
from bureau.population.reader import mapped
from bureau.population.rows import Rows
from bureau.population.survivors import Traits, survive, token_counts
from bureau.population.vocabulary import Tokens, commonest_first, pick_names

_CHUNK = 1 << 18  # records, or claims, whose keys are made at a time


class Claims(NamedTuple):
    """CLAIM rows and their offsets by entity; kept until both registers are known, for ``shared_by``."""

    phones: NDArray[Any]
    phone_offsets: NDArray[np.uint32]
    emails: NDArray[Any]
    email_offsets: NDArray[np.uint32]


def rank_tokens(rows: Rows, interner: Interner) -> Tokens:
    """Renumber the rows' tokens, commonest first."""
    tokens = commonest_first(interner)
    number = tokens.number
    for column in (rows.names.content, rows.names.alias, rows.names.tokens):
        for part in range(0, len(column), _CHUNK):  # in place: a second copy would be the build's peak
            column[part : part + _CHUNK] = number[column[part : part + _CHUNK]]
    return tokens


def link_people(rows: Rows, sound: NDArray[np.uint32]) -> Links:
    """By tax id, then by name and birth date."""
    return link(_evidence(rows, sound, rows.names.date))


def link_companies(rows: Rows, sound: NDArray[np.uint32]) -> Links:
    """By tax id alone: branches share name and opening date, so without dates the name rules never apply."""
    return link(_evidence(rows, sound, np.zeros(len(rows), np.int32)))


def entities_of(rows: Rows, links: Links) -> Entities:
    return number_entities(links, rows.tax_id, rows.seen)


def traits_of(rows: Rows, house: NDArray[np.uint16]) -> Traits:
    """What rows say of their entities; ``house`` is by row of texts."""
    names, size = rows.names, len(rows)
    return Traits(
        len(names.content) // size if size else 1,
        names.content,
        names.suffix,
        names.date,
        names.alias,
        names.ends,
        rows.sex,
        rows.municipality,
        rows.postal_code,
        house[rows.texts[:, 1]],
    )


def write_records(directory: Path, rows: Rows, tokens: Tokens, entities: Entities, house: NDArray[np.uint16]) -> int:
    """Write records, names to show and vocabulary; returns the number of records. ``house`` is by row of texts."""
    names = rows.names
    traits = traits_of(rows, house)
    found = survive(traits, entities)
    save(directory / "records.npy", found.records)
    for name, column in count(found.records)._asdict().items():
        save(directory / f"counts_{name}.npy", column)
    save(directory / "first_record.npy", found.first_record)
    save(directory / "tax_id.npy", entities.tax_id)
    offsets, shown = pick_names(names.ends, names.tokens, found.shown)
    save(directory / "name_offsets.npy", offsets)
    save(directory / "name_tokens.npy", shown)
    first, other = token_counts(found.records, len(tokens.length))
    vocabulary = Vocabulary(tokens.letters, tokens.length, tokens.sound, first, other)
    for name, column in vocabulary._asdict().items():
        save(directory / f"vocabulary_{name}.npy", column)
    for name, column in neighbour_index(vocabulary)._asdict().items():
        save(directory / f"neighbours_{name}.npy", column)
    save(directory / "tokens_offsets.npy", tokens.offsets.astype(np.uint32))
    save(directory / "tokens_bytes.npy", tokens.bytes)
    return len(found.records)


def write_addresses(directory: Path, rows: Rows, entities: Entities) -> None:
    places = Places(rows.texts, rows.municipality, rows.postal_code)
    found, offsets = addresses(places, Sightings(rows.seen, rows.source), entities)
    save(directory / "addresses.npy", found)
    save(directory / "address_offsets.npy", offsets)


def claims_of(rows: Rows, entities: Entities) -> Claims:
    """Phones and e-mails of every entity."""
    sightings = Sightings(rows.seen, rows.source)
    phones, phone_offsets = claims(Values(rows.phone_ends, rows.phones), sightings, entities)
    emails, email_offsets = claims(Values(rows.email_ends, rows.emails), sightings, entities)
    return Claims(phones, phone_offsets, emails, email_offsets)


def write_claims(directory: Path, found: Claims) -> None:
    for name, column in found._asdict().items():
        save(directory / f"{name}.npy", column)


def write_blocks(
    directory: Path, found: Claims, text_hashes: NDArray[np.uint64], in_memory: int, *, people: bool
) -> None:
    """The blocking index over records and claims. ``text_hashes`` is by row of texts."""
    write_block_index(_pairs(directory, found, text_hashes, people), directory, in_memory)


def _pairs(directory: Path, found: Claims, text_hashes: NDArray[np.uint64], people: bool) -> Iterator[Pairs]:
    # Mapped as a reader maps them: the compiled key functions then serve building, verifying and matching alike.
    records, tax_id = mapped(directory / "records.npy"), mapped(directory / "tax_id.npy")
    vocabulary = Vocabulary(*(mapped(directory / f"vocabulary_{name}.npy") for name in Vocabulary._fields))
    for start in range(0, len(records), _CHUNK):
        part = records[start : start + _CHUNK]
        owners = tax_id[part[:, ENTITY]]
        yield record_keys(part, owners, vocabulary, people=people, first_record=start)
    first_record = mapped(directory / "first_record.npy")
    for values, offsets, recipe in (
        (found.phones["value"], found.phone_offsets, PHONE),
        (found.emails["value"], found.email_offsets, EMAIL),
    ):
        owners = np.repeat(first_record[:-1], np.diff(offsets))
        for start in range(0, len(values), _CHUNK):
            part = values[start : start + _CHUNK]
            hashed = text_hashes[part] if recipe == EMAIL else part.astype(np.uint64)
            yield claim_keys(hashed, recipe), owners[start : start + _CHUNK]


@compiled
def house_numbers(offsets: NDArray[np.int64], letters: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """The leading digits of every text as a number modulo 65,536, 0 when there are none: ``record.house_code``."""
    found = np.zeros(len(offsets) - 1, np.uint16)
    for i in range(len(found)):
        number = 0
        for j in range(offsets[i], offsets[i + 1]):
            if not 48 <= letters[j] <= 57:
                break
            number = (number * 10 + letters[j] - 48) & 0xFFFF
        found[i] = number
    return found


def _evidence(rows: Rows, sound: NDArray[np.uint32], date: NDArray[np.int32]) -> Evidence:
    names, step = rows.names, len(rows.names.content) // len(rows) if len(rows) else 1
    return Evidence(
        rows.tax_id,
        rows.seen,
        np.ascontiguousarray(names.content[::step]),
        np.ascontiguousarray(names.suffix[::step]),
        date,
        np.ascontiguousarray(names.alias[::step]),
        rows.postal_code,
        rows.phone_ends,
        rows.phones,
        rows.email_ends,
        rows.emails,
        rows.broken,
        sound,
    )
