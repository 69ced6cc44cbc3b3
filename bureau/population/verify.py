"""Checks of a finished build before it is published; a failed one is a BuildFailed and nothing changes."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bureau.errors import BuildFailed, PopulationUnavailable
from bureau.matching.blocking import record_keys
from bureau.matching.layout import ENTITY, NAME, NAME_TOKENS, NO_TAX_ID, BlockIndex, Register
from bureau.model.query import Kind
from bureau.population.reader import Population, open_directory

_SAMPLE = 200


def verify(directory: Path, secret: bytes) -> None:
    """Open the build as a reader would and check what queries rely on: sizes, order, offsets, ids in range, and that
    a sample of records is found again through the index."""
    try:
        population = open_directory(directory, secret)
    except PopulationUnavailable as error:
        raise BuildFailed(f"The build cannot be opened: {error}") from error
    for kind, people in ((Kind.PERSON, True), (Kind.COMPANY, False)):
        register = population.register(kind)
        _verify_register(register, kind)
        _verify_display(population, kind)
        _verify_found_again(register, kind, people)
    _verify_affiliations(population)


def _verify_affiliations(population: Population) -> None:
    rows, offsets = population.affiliation_rows, population.affiliation_offsets
    whole = len(offsets) == len(population.people.tax_id) + 1 and int(offsets[-1]) == len(rows) and _ascends(offsets)
    _require(whole, Kind.PERSON, "affiliations do not fit their people")
    _require(_within(rows["company"], len(population.companies.tax_id)), Kind.PERSON, "an affiliation has no company")


def _verify_register(register: Register, kind: Kind) -> None:
    count, records = len(register.tax_id), register.records
    known = register.tax_id[: np.searchsorted(register.tax_id, NO_TAX_ID)]
    _require(bool((np.diff(known) > 0).all()), kind, "tax ids do not ascend")
    _require(len(register.first_record) == count + 1, kind, "records and entities differ in number")
    _require(bool((np.diff(register.first_record.astype(np.int64)) > 0).all()), kind, "an entity has no record")
    _require(int(register.first_record[-1]) == len(records), kind, "records do not end with the last entity")
    _require(bool((np.diff(records[:, ENTITY]) >= 0).all()), kind, "records are not in entity order")
    vocabulary = len(register.vocabulary.length)
    _require(_within(records[:, NAME : NAME + NAME_TOKENS], vocabulary), kind, "a record has an unknown token")
    blocks = register.blocks
    _require(int(blocks.directory[-1]) == len(blocks.fingerprints), kind, "the block directory is cut off")
    _require(_ascends(blocks.directory) and _ascends(blocks.offsets), kind, "block offsets do not ascend")
    _require(int(blocks.offsets[-1]) == len(blocks.postings), kind, "the postings are cut off")
    _require(_within(blocks.postings, len(records)), kind, "a posting points past the records")


def _verify_display(population: Population, kind: Kind) -> None:
    shown, count = population.display[kind], len(population.register(kind).tax_id)
    for offsets, values in (
        (shown.name_offsets, shown.name_tokens),
        (shown.phone_offsets, shown.phones),
        (shown.email_offsets, shown.emails),
        (shown.address_offsets, shown.addresses),
    ):
        whole = len(offsets) == count + 1 and int(offsets[-1]) == len(values) and _ascends(offsets)
        _require(whole, kind, "offsets by entity do not fit their rows")
    texts = population.text_count
    _require(_within(shown.name_tokens, len(shown.tokens)), kind, "a name has an unknown token")
    _require(_within(shown.emails["value"], texts), kind, "an e-mail points past the texts")
    _require(_within(shown.addresses["street"], texts), kind, "a street points past the texts")


def _verify_found_again(register: Register, kind: Kind, people: bool) -> None:
    count = len(register.records)
    for number in np.unique(np.linspace(0, count - 1, min(_SAMPLE, count)).astype(np.int64)).tolist():
        record = register.records[number : number + 1]
        owner = register.tax_id[record[:, ENTITY]]
        keys, _ = record_keys(record, owner, register.vocabulary, people=people, first_record=number)
        found = all(number in postings_of(register.blocks, int(key)) for key in keys)
        _require(found, kind, "a record is not found under its own key")


def postings_of(blocks: BlockIndex, key: int) -> NDArray[np.uint32]:
    """The records filed under a key, looked up plainly."""
    bits = (len(blocks.directory) - 1).bit_length() - 1
    slot = key >> (64 - bits)
    start, end = int(blocks.directory[slot]), int(blocks.directory[slot + 1])
    place = start + int(np.searchsorted(blocks.fingerprints[start:end], np.uint32(key & 0xFFFFFFFF)))
    if place == end or int(blocks.fingerprints[place]) != key & 0xFFFFFFFF:
        return blocks.postings[:0]
    return blocks.postings[blocks.offsets[place] : blocks.offsets[place + 1]]


def _ascends(offsets: NDArray[Any]) -> bool:
    return bool((offsets[1:] >= offsets[:-1]).all())


def _within(numbers: NDArray[Any], count: int) -> bool:
    return numbers.size == 0 or (int(numbers.max()) < count and int(numbers.min()) >= 0)


def _require(holds: bool, kind: Kind, problem: str) -> None:
    if not holds:
        raise BuildFailed(f"The build did not pass its verification ({kind}): {problem}. Nothing was published.")
