"""What a query's tax id, phones and e-mails say of a candidate: looked up once a query, asked once a candidate."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, fetch, inlined, signed
from bureau.matching.blocking import EMAIL
from bureau.matching.layout import Register
from bureau.matching.levels import Level
from bureau.matching.retrieve import block, files, place_of
from bureau.matching.statistics import Statistics
from bureau.matching.subject import DOUBTED_TAX, LANDLINE, MASKED_TAX, NO_TAX, VALID_TAX, Subjects
from bureau.matching.weights import Weights

NEAR = 64
CLAIMS = 40

TAX_SAME, TAX_NEAR, TAX_MASKED = int(Level.TAX_SAME), int(Level.TAX_NEAR), int(Level.TAX_MASKED)
TAX_DIFFERENT, TAX_BROKEN = int(Level.TAX_DIFFERENT), int(Level.TAX_BROKEN)
TAX_DOUBTED, TAX_SLIP = int(Level.TAX_DOUBTED), int(Level.TAX_SLIP)
PHONE_SAME, EMAIL_SAME, MISSING = int(Level.PHONE_SAME), int(Level.EMAIL_SAME), int(Level.MISSING)
PHONE_SHARED, EMAIL_SHARED = int(Level.PHONE_SHARED), int(Level.EMAIL_SHARED)


class Identifiers(NamedTuple):
    """``named``: ``sizes[0]`` entities, the one with the very tax id or those one error away; ``sizes[1]`` claims,
    each with its postings' range, information and level."""

    named: NDArray[np.int64]
    sizes: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    information: NDArray[np.float64]
    levels: NDArray[np.int64]


@compiled
def new_identifiers() -> Identifiers:
    return Identifiers(
        np.zeros(NEAR, np.int64),
        np.zeros(2, np.int64),
        np.zeros(CLAIMS, np.int64),
        np.zeros(CLAIMS, np.int64),
        np.zeros(CLAIMS, np.float64),
        np.zeros(CLAIMS, np.int64),
    )


@inlined
def find_named(subjects: Subjects, query: int, register: Register, identifiers: Identifiers) -> None:
    """Find the entities behind one query's tax id."""
    state = subjects.tax_state[query]
    named = 0
    start, end = subjects.near_offsets[query], subjects.near_offsets[query + 1]
    for i in range(start, end + (state == VALID_TAX)):
        entity = place_of(register.tax_id, subjects.near[i] if i < end else subjects.tax_id[query])
        if entity >= 0 and named < NEAR:
            identifiers.named[named] = entity
            fetch(register.first_record, entity)
            named += 1
    identifiers.sizes[0] = named


@inlined
def find_claims(
    subjects: Subjects,
    query: int,
    register: Register,
    statistics: Statistics,
    weights: Weights,
    identifiers: Identifiers,
) -> None:
    """Find the blocks behind one query's contacts."""
    claims = 0
    for i in range(subjects.claim_offsets[query], subjects.claim_offsets[query + 1]):
        start, end = block(register.blocks, subjects.claims[i])
        if end > start and claims < CLAIMS:
            recipe, claimants = subjects.claim_recipe[i], end - start
            limit = weights.email_limit if recipe == EMAIL else weights.phone_limit
            identifiers.starts[claims] = start
            identifiers.ends[claims] = end
            identifiers.information[claims] = min(np.log2(statistics.entities / claimants), limit)
            identifiers.levels[claims] = _claim_level(recipe, claimants <= weights.alone)
            claims += 1
    identifiers.sizes[1] = claims


@inlined
def _claim_level(recipe: int, own: bool) -> int:
    """A contact that only one person claims tells them from their family; a home's or an office's does not."""
    if recipe == EMAIL:
        return EMAIL_SAME if own else EMAIL_SHARED
    return PHONE_SAME if own and recipe != LANDLINE else PHONE_SHARED


@inlined
def tax_level(
    subjects: Subjects, query: int, entity: int, register: Register, statistics: Statistics, identifiers: Identifiers
) -> int:
    """The level of the tax id sent against one entity's."""
    state = subjects.tax_state[query]
    if state == NO_TAX or entity >= statistics.with_tax_id:
        return MISSING
    if state == MASKED_TAX:
        visible = register.tax_id[entity] // 100 % 1000000
        return TAX_MASKED if visible == subjects.tax_id[query] else TAX_DIFFERENT
    for i in range(identifiers.sizes[0]):
        if identifiers.named[i] == entity:
            return TAX_SAME if state == VALID_TAX else TAX_DOUBTED if state == DOUBTED_TAX else TAX_NEAR
    return TAX_DIFFERENT if state == VALID_TAX else TAX_BROKEN


@inlined
def slipped(level: int, subjects: Subjects, query: int, found: int, weights: Weights) -> int:
    """The level of a tax id sent against the one ``found``, after :func:`tax_level`: two valid ones that one slip
    separates are no contradiction, where the model knows what that is worth."""
    if level != TAX_DIFFERENT or not weights.slips or subjects.tax_state[query] != VALID_TAX:
        return level
    return TAX_SLIP if one_slip_apart(signed(subjects.tax_id[query]), signed(found)) else level


@inlined
def one_slip_apart(a: int, b: int) -> bool:
    """Whether two numbers differ in one decimal digit, or by two neighbouring digits that changed places."""
    while a != b and a % 10 == b % 10:
        a, b = a // 10, b // 10
    if a // 10 == b // 10:
        return a != b
    return a // 100 == b // 100 and a % 10 == b // 10 % 10 and b % 10 == a // 10 % 10


@inlined
def claim_information(identifiers: Identifiers, register: Register, first_record: int, level: int) -> float:
    """The information of the rarest shared contact of a level; negative when none is shared. One counts, not all: a
    household or an office shares them together."""
    best = -1.0
    for i in range(identifiers.sizes[1]):
        if (
            identifiers.levels[i] == level
            and identifiers.information[i] > best
            and files(register.blocks, identifiers.starts[i], identifiers.ends[i], first_record)
        ):
            best = identifiers.information[i]
    return best
