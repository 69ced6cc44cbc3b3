"""Where to look: one query's shape and its blocks, smallest first."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import fetch, inlined, real, signed
from bureau.matching import blocking
from bureau.matching.identifiers import CLAIMS, Identifiers, find_named
from bureau.matching.layout import DATE, MUNICIPALITY, NAME_TOKENS, POSTAL_CODE, Register
from bureau.matching.neighbours import meant
from bureau.matching.retrieve import (
    block,
    count_homonyms,
    fetch_entries,
    fetch_postings,
    fetch_record,
    fetch_slots,
    place_of,
)
from bureau.matching.scratch import Scratch, load_subject
from bureau.matching.statistics import Statistics
from bureau.matching.subject import MASKED_TAX, VALID_TAX, Subjects
from bureau.matching.weights import Weights

KEYS = 160  # base keys, those of three alternatives for the first and for the last token, and a few
RARE_BITS = 3.0  # a token with this much less than the information of one bearer may be a misspelling of another


class Shape(NamedTuple):
    """One query: how many tokens its name and alias have, and the information of its CEP, of its city, and of its
    whole name as far as the population's homonyms allow."""

    name: int
    alias: int
    postal: float
    city: float
    whole: float


class Target(NamedTuple):
    """What is searched: a register, what its values tell, and the model's weights for it."""

    register: Register
    statistics: Statistics
    weights: Weights


class Query(NamedTuple):
    """One query of a batch."""

    subjects: Subjects
    number: int
    shape: Shape


class Look(NamedTuple):
    """Working memory of a batch; ``keys``, ``starts`` and ``ends`` are one query's blocks, smallest first."""

    scratch: Scratch
    identifiers: Identifiers
    seen: NDArray[np.int64]
    alternatives: NDArray[np.int64]
    keys: NDArray[np.uint64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]


@inlined
def shape_of(subjects: Subjects, number: int, target: Target, look: Look) -> Shape:
    """Fetch a query's tokens into the scratch and say what they, and its places, can tell. Whom its tax id names is
    found on the way, while memory is waited for (:func:`_look_ahead`)."""
    register, statistics, weights = target.register, target.statistics, target.weights
    name, alias = load_subject(subjects, number, register.vocabulary, statistics, look.scratch)
    row = subjects.rows[number]
    _look_ahead(subjects, number, name, register, look)
    whole = 1000.0
    if name > 0:
        homonyms = count_homonyms(register, blocking.whole_name_key(look.scratch.sound, name))
        if homonyms > 1:
            whole = np.log2(weights.entities / (homonyms - 1))
    city = real(statistics.city_bits[row[MUNICIPALITY] & 0xFFFF])
    postal = _postal_bits(row[POSTAL_CODE], statistics)
    return Shape(name, alias, min(postal, weights.postal_limit), min(city, weights.city_limit), whole)


@inlined
def _look_ahead(subjects: Subjects, number: int, name: int, register: Register, look: Look) -> None:
    """Find whom the tax id names and ask for what every query reads: where one read needs another's result, all wait
    for memory together rather than each for itself."""
    blocks, keys = register.blocks, look.keys
    count = _first_keys(subjects, number, name, look)
    fetch_slots(blocks, keys, count)
    find_named(subjects, number, register, look.identifiers)
    fetch_entries(blocks, keys, count)
    for i in range(look.identifiers.sizes[0]):
        fetch_record(register, signed(register.first_record[look.identifiers.named[i]]))
    fetch_postings(blocks, keys, count)


@inlined
def _first_keys(subjects: Subjects, number: int, name: int, look: Look) -> int:
    """Fill the keys of the whole name, of what is sure and of the claims."""
    sounds, keys, date = look.scratch.sound, look.keys, subjects.rows[number, DATE]
    n = 0
    if name > 0:
        keys[0] = blocking.whole_name_key(sounds, name)
        n = 1
    if name > 0 and date > 0:
        keys[1] = blocking.birth_names_key(date, int(sounds[0]), int(sounds[name - 1]))
        n = 2
    start, end = subjects.claim_offsets[number], subjects.claim_offsets[number + 1]
    for i in range(start, min(end, start + CLAIMS)):
        keys[n] = subjects.claims[i]
        n += 1
    return n


@inlined
def _postal_bits(code: int, statistics: Statistics) -> float:
    place = place_of(statistics.postal_codes, code)
    return real(statistics.postal_bits[place]) if place >= 0 else 0.0


@inlined
def _sounds(shape: Shape, scratch: Scratch) -> blocking.Sounds:
    rarest, most = 0, -1.0
    for i in range(1, shape.name):
        if scratch.other_bits[i] >= most:
            rarest, most = i, scratch.other_bits[i]
    alias = scratch.sound[NAME_TOKENS:]
    return blocking.Sounds(scratch.sound[:NAME_TOKENS], shape.name, rarest, alias, shape.alias)


@inlined
def _company_keys(query: Query, sounds: blocking.Sounds, keys: NDArray[np.uint64]) -> int:
    n = blocking.company_keys(query.subjects.rows[query.number], sounds, keys)
    if query.subjects.tax_state[query.number] == VALID_TAX:
        keys[n] = blocking.root_key(query.subjects.tax_id[query.number])
        n += 1
    return n


@inlined
def _sure_keys(query: Query, sounds: blocking.Sounds, keys: NDArray[np.uint64]) -> int:
    n, date = 0, query.subjects.rows[query.number, DATE]
    if date > 0 and query.shape.name > 0:
        keys[n] = blocking.sure_key(date, sounds)
        n += 1
    if query.subjects.tax_state[query.number] == MASKED_TAX and query.shape.name > 0:
        keys[n] = blocking.masked_key(int(sounds.name[0]), query.subjects.tax_id[query.number])
        n += 1
    return n


@inlined
def _second_keys(query: Query, sounds: blocking.Sounds, target: Target, look: Look) -> int:
    """What a misleading record may still be found by: day and month exchanged, first and last name exchanged, a rare
    first or last token replaced by what may have been meant, place and date without the name."""
    row, keys = query.subjects.rows[query.number], look.keys
    date = row[DATE]
    n = blocking.second_keys(row, date, sounds, keys, 0)
    if query.shape.name == 0:
        return n
    n = blocking.exchanged_keys(row, date, sounds, keys, n)
    return _meant_keys(query, sounds, target, look, n)


@inlined
def _meant_keys(query: Query, sounds: blocking.Sounds, target: Target, look: Look, n: int) -> int:
    """Append the keys with a rare first or last token replaced by what may have been meant."""
    scratch, shape = look.scratch, query.shape
    row = query.subjects.rows[query.number]
    rare = np.log2(target.weights.entities) - RARE_BITS
    for end in range(2):
        slot = 0 if end == 0 else shape.name - 1
        bits = scratch.first_bits[0] if end == 0 else scratch.other_bits[slot]
        if slot < end or bits < rare:
            continue
        own = scratch.sound[slot]
        vocabulary = target.register.vocabulary
        found = meant(
            scratch.letters[slot],
            scratch.length[slot],
            scratch.token[slot],
            vocabulary,
            target.register.neighbours,
            look.alternatives,
        )
        for i in range(found):
            scratch.sound[slot] = vocabulary.sound[look.alternatives[i]]
            n += blocking.person_keys(row, row[DATE], sounds, look.keys[n:])
        scratch.sound[slot] = own
    return n


@inlined
def find_blocks(query: Query, target: Target, look: Look, people: bool, stage: int) -> int:
    """Fill the blocks of a stage, smallest first; returns how many are not empty. A later stage is only looked at
    when the ones before did not decide: what is sure (claims, date and name), all keys, keys for what misleads."""
    sounds = _sounds(query.shape, look.scratch)
    if not people:
        keys = _company_keys(query, sounds, look.keys)
    elif stage == 0:
        keys = _sure_keys(query, sounds, look.keys)
    elif stage == 1:
        row = query.subjects.rows[query.number]
        keys = blocking.person_keys(row, row[DATE], sounds, look.keys)
    else:
        keys = _second_keys(query, sounds, target, look)
    found = 0
    fetch_slots(target.register.blocks, look.keys, keys)
    fetch_entries(target.register.blocks, look.keys, keys)
    for i in range(keys):
        start, end = block(target.register.blocks, look.keys[i])
        if end > start:
            fetch(target.register.blocks.postings, start)
            _insert(look, found, start, end)
            found += 1
    for i in range(look.identifiers.sizes[1] if stage == 0 else 0):
        _insert(look, found, look.identifiers.starts[i], look.identifiers.ends[i])
        found += 1
    return found


@inlined
def _insert(look: Look, count: int, start: int, end: int) -> None:
    place = count
    while place > 0 and look.ends[place - 1] - look.starts[place - 1] > end - start:
        look.starts[place] = look.starts[place - 1]
        look.ends[place] = look.ends[place - 1]
        place -= 1
    look.starts[place] = start
    look.ends[place] = end
