"""Match a batch of prepared queries against a register; one query is a batch of one.

For each query: look its identifiers up, gather candidates block by block, weigh each entity once under its best
record, keep the best ten and the sum of all odds. No Python runs between two candidates.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import borrowed, compiled, fetch, inlined, outlives, real, signed
from bureau.matching.compare import (
    COMMON_NAME,
    NAMESAKE,
    PLACE_CITY,
    add,
    compare_dates,
    compare_mothers,
    compare_names,
    place_level,
    sex_level,
    suffix_level,
)
from bureau.matching.identifiers import (
    EMAIL_SAME,
    EMAIL_SHARED,
    PHONE_SAME,
    PHONE_SHARED,
    claim_information,
    find_claims,
    new_identifiers,
    slipped,
    tax_level,
)
from bureau.matching.layout import DATE, ENTITY, FLAGS, NAME, Register
from bureau.matching.levels import HYPOTHESES
from bureau.matching.neighbours import MOST
from bureau.matching.retrieve import SEEN, fetch_record, first_time
from bureau.matching.scratch import new_scratch
from bureau.matching.search import KEYS, Look, Query, Target, find_blocks, shape_of
from bureau.matching.subject import MASKED_TAX, VALID_TAX, Subjects
from bureau.matching.weights import Weights

BEST = 10
STAGES = 3
FEMALE = 2
AHEAD = 8  # records asked for before they are weighed; 4 and 16 are as good, at 50 M people
OWNERS_AHEAD = 3  # and then the tax ids of their entities; 6 is as good
DECIDED_BLOCK = 8  # once a candidate is beyond doubt, only blocks this small are still worth a look


class Matches(NamedTuple):
    """Per query: the best ten entities (-1 past the end) with their record and score in bits against "none of
    them", the sum of 2**score over every entity weighed, how many those were, and whether blocks were left out."""

    entity: NDArray[np.int32]  # (Q, 10)
    record: NDArray[np.int32]  # (Q, 10)
    score: NDArray[np.float64]  # (Q, 10)
    odds: NDArray[np.float64]  # (Q,)
    considered: NDArray[np.int32]  # (Q,)
    budget_hit: NDArray[np.bool_]  # (Q,)


@inlined
def _score(query: Query, record: int, first: int, target: Target, look: Look) -> float:
    """The score of one record, of an entity whose ``first`` is known, in bits against "none of them"."""
    register, statistics, weights = target.register, target.statistics, target.weights
    scratch, shape = look.scratch, query.shape
    row, mine = register.records[record], query.subjects.rows[query.number]
    scratch.bits[:] = 0.0
    identical, information = compare_names(row, shape.name, scratch, register.vocabulary, statistics, weights)
    if identical and information > shape.whole:
        add(scratch, weights, COMMON_NAME, shape.whole - information)
    add(scratch, weights, suffix_level(mine[FLAGS] & 0xFF, row[FLAGS] & 0xFF), 0.0)
    compare_dates(mine[DATE], row[DATE], scratch, statistics, weights)
    compare_mothers(row, shape.alias, scratch, register.vocabulary, statistics, weights)
    place = place_level(mine, row, statistics)
    add(scratch, weights, place, shape.city if place == PLACE_CITY else shape.postal if place < PLACE_CITY else 0.0)
    add(scratch, weights, sex_level(mine[FLAGS], row[FLAGS]), 0.0)
    entity = signed(row[ENTITY])
    tax = tax_level(query.subjects, query.number, entity, register, statistics, look.identifiers)
    add(scratch, weights, slipped(tax, query.subjects, query.number, register.tax_id[entity], weights), 0.0)
    _add_claims(first, register, weights, look)
    scratch.bits[NAMESAKE] += _womens_bits(mine[FLAGS], row[FLAGS], statistics.women[row[NAME]], weights)
    kin = 0.0
    for h in range(1, HYPOTHESES):
        kin += 2.0 ** min(scratch.bits[h] + weights.kin[h], 1000.0)
    return real(weights.prior + scratch.bits[0] - np.log2(1.0 + kin))


@inlined
def _womens_bits(mine: int, found: int, share: float, weights: Weights) -> float:
    """How many fewer namesakes the candidate has for being a woman, in bits: by what is said of the candidate, else
    of who is asked for, else by the ``share`` of women among those with the candidate's first name."""
    sex = (found >> 8) & 3
    if sex == 0:
        sex = (mine >> 8) & 3
    if sex == 0:
        return real(np.log2(1.0 - share * (1.0 - 2.0**weights.namesake_women)))
    return weights.namesake_women if sex == FEMALE else 0.0


@inlined
def _add_claims(first: int, register: Register, weights: Weights, look: Look) -> None:
    if look.identifiers.sizes[1] == 0:
        return
    _add_claim(first, register, weights, look, PHONE_SAME, PHONE_SHARED)
    _add_claim(first, register, weights, look, EMAIL_SAME, EMAIL_SHARED)


@inlined
def _add_claim(first_record: int, register: Register, weights: Weights, look: Look, own: int, shared: int) -> None:
    level, information = own, claim_information(look.identifiers, register, first_record, own)
    if information < 0.0:
        level, information = shared, claim_information(look.identifiers, register, first_record, shared)
    if information >= 0.0:
        add(look.scratch, weights, level, information)


@inlined
def _weigh_entity(query: Query, record: int, target: Target, look: Look, out: Matches) -> None:
    """Weigh an entity, once, under the best of its records (they are neighbours), and keep it if among the best."""
    records = target.register.records
    entity = records[record, ENTITY]
    if not first_time(look.seen, query.number + 1, entity):
        return
    first = record
    while first > 0 and records[first - 1, ENTITY] == entity:
        first -= 1
    best, chosen, seen = -1e9, first, first
    while seen < len(records) and records[seen, ENTITY] == entity:
        score = _score(query, seen, first, target, look)
        if score > best:
            best, chosen = score, seen
        seen += 1
    out.considered[query.number] += 1
    out.odds[query.number] += 2.0 ** min(best, 1000.0)
    _keep(out, query.number, entity, chosen, best)


@inlined
def _keep(out: Matches, number: int, entity: int, record: int, score: float) -> None:
    place = BEST
    while place > 0 and out.score[number, place - 1] < score:
        place -= 1
    for i in range(BEST - 1, place, -1):
        out.score[number, i] = out.score[number, i - 1]
        out.entity[number, i] = out.entity[number, i - 1]
        out.record[number, i] = out.record[number, i - 1]
    if place < BEST:
        out.score[number, place] = score
        out.entity[number, place] = entity
        out.record[number, place] = record


@inlined
def _match_one(query: Query, target: Target, look: Look, people: bool, out: Matches) -> None:
    register, weights, number = target.register, target.weights, query.number
    find_claims(query.subjects, number, register, target.statistics, weights, look.identifiers)
    owners = query.subjects.tax_state[number] == VALID_TAX or query.subjects.tax_state[number] == MASKED_TAX
    for stage in range(STAGES if people else 1):
        if stage > 0 and out.score[number, 0] > weights.decisive:
            break
        blocks = find_blocks(query, target, look, people, stage)
        if stage > 0 and blocks > 0:
            _fetch_block(target, look.starts[0], look.ends[0])
        for i in range(-1 if stage == 0 else 0, blocks):  # -1: the entities that the tax id names
            start, end = (0, look.identifiers.sizes[0]) if i < 0 else (look.starts[i], look.ends[i])
            size = end - start
            if i >= 0 and out.score[number, 0] > weights.decisive and size > DECIDED_BLOCK:
                break
            if i >= 0 and (size > weights.block_budget or out.considered[number] + size > weights.candidate_budget):
                out.budget_hit[number] = True
                break
            if i + 1 < blocks:
                _fetch_block(target, look.starts[i + 1], look.ends[i + 1])
            for p in range(start, end):
                if i < 0:
                    record = signed(register.first_record[look.identifiers.named[p]])
                else:
                    record = signed(register.blocks.postings[p])
                    fetch_record(register, signed(register.blocks.postings[min(p + AHEAD, end - 1)]))
                    if owners:
                        _fetch_owner(target, min(p + OWNERS_AHEAD, end - 1))
                _weigh_entity(query, record, target, look, out)


@inlined
def _fetch_block(target: Target, start: int, end: int) -> None:
    """What is weighed first of a block, asked for while something else is weighed."""
    for p in range(start, min(end, start + AHEAD)):
        fetch_record(target.register, signed(target.register.blocks.postings[p]))


@inlined
def _fetch_owner(target: Target, posting: int) -> None:
    """The tax id of a record that is already there."""
    record = signed(target.register.blocks.postings[posting])
    fetch(target.register.tax_id, signed(target.register.records[record, ENTITY]))


@inlined
def _match_all(subjects: Subjects, target: Target, look: Look, people: bool, out: Matches) -> None:
    for number in range(len(subjects.rows)):
        shape = shape_of(subjects, number, target, look)
        _match_one(Query(subjects, number, shape), target, look, people, out)


@compiled
def match(subjects: Subjects, target: Target, people: bool, out: Matches) -> None:
    """Match people, or companies establishment by establishment; ``out`` comes fresh from :func:`no_matches`."""
    look = Look(
        new_scratch(),
        new_identifiers(),
        np.zeros(SEEN, np.int64),
        np.zeros(MOST, np.int64),
        np.zeros(KEYS, np.uint64),
        np.zeros(KEYS, np.int64),
        np.zeros(KEYS, np.int64),
    )
    _match_all(borrowed(subjects), borrowed(target), borrowed(look), people, borrowed(out))
    outlives(look)


def no_matches(queries: int) -> Matches:
    """Empty results for a batch."""
    return Matches(
        np.full((queries, BEST), -1, np.int32),
        np.full((queries, BEST), -1, np.int32),
        np.full((queries, BEST), -1e9),
        np.zeros(queries),
        np.zeros(queries, np.int32),
        np.zeros(queries, np.bool_),
    )
