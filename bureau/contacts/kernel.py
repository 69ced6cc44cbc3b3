"""The compiled form of :mod:`bureau.contacts.ranking`: the same weights, summed per claim without Python objects."""

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.contacts import weights
from bureau.contacts.weights import Line
from bureau.reference.places import area_codes, states


class Common(NamedTuple):
    """What all queries of a batch share; see ``ranking.Parameters``."""

    kind: int
    today: int
    linked: bool
    max_age_days: int


class Queries(NamedTuple):
    """See ``ranking.Batch``."""

    entities: NDArray[np.int64]
    area_codes: NDArray[np.int64]
    known: NDArray[np.int64]


class Single(NamedTuple):
    """The weights that stand alone."""

    prior: float
    same_area: float
    same_state: float
    other_state_mobile: float
    other_state_landline: float
    mobile: float
    landline: float
    known: float
    linked: float


class Tables(NamedTuple):
    """:mod:`bureau.contacts.weights` as arrays; ``states`` has one bit per state an area code serves."""

    ages: NDArray[np.float64]
    sources: NDArray[np.float64]
    tenure: NDArray[np.float64]
    shared: NDArray[np.float64]
    states: NDArray[np.int64]
    single: Single


@functools.cache
def tables() -> Tables:
    place = {state.abbreviation: number for number, state in enumerate(states())}
    of_area = np.zeros(100, np.int64)
    for code, served in area_codes().items():
        of_area[code] = sum(1 << place[state] for state in served)
    return Tables(
        weights.age_bits(),
        weights.bounds_and_bits(weights.SOURCES),
        weights.bounds_and_bits(weights.TENURE),
        weights.bounds_and_bits(weights.SHARED),
        of_area,
        Single(
            weights.PRIOR,
            weights.SAME_AREA,
            weights.SAME_STATE,
            weights.OTHER_STATE[Line.MOBILE],
            weights.OTHER_STATE[Line.LANDLINE],
            weights.LINE[Line.MOBILE],
            weights.LINE[Line.LANDLINE],
            weights.KNOWN_TO_CLIENT,
            weights.LINKED,
        ),
    )


@compiled
def _step(steps: NDArray[np.float64], observed: int) -> float:
    worth = 0.0
    for column in range(steps.shape[1]):
        if observed < steps[0, column]:
            break
        worth = steps[1, column]
    return worth


@compiled
def _bit_count(mask: int) -> int:
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count


@compiled
def _sighting_bits(line: int, first_seen: int, last_seen: int, today: int, table: Tables) -> float:
    if last_seen == 0:
        return 0.0
    age = min(max(today - last_seen, 0), table.ages.shape[1] - 1)
    tenure = last_seen - first_seen if first_seen else 0
    return float(table.ages[line, age]) + _step(table.tenure, tenure)


@compiled
def _line_bits(value: int, line: int, area_code: int, table: Tables) -> float:
    mobile = line == 1
    single = table.single
    worth = single.mobile if mobile else single.landline
    number_area = value // (1_000_000_000 if mobile else 100_000_000)
    if area_code == 0:
        return worth
    if number_area == area_code:
        return worth + single.same_area
    if number_area < 100 and area_code < 100 and table.states[number_area] & table.states[area_code]:
        return worth + single.same_state
    return worth + (single.other_state_mobile if mobile else single.other_state_landline)


@compiled
def _contains(values: NDArray[np.int64], value: int) -> bool:
    found = False
    for other in values:
        found |= other == value
    return found


@compiled
def _precedes(bits: float, claim: np.record, other_bits: float, other: np.record) -> bool:
    if bits != other_bits:
        return bits > other_bits
    if claim.last_seen != other.last_seen:
        return bool(claim.last_seen > other.last_seen)
    count, other_count = _bit_count(claim.sources), _bit_count(other.sources)
    if count != other_count:
        return count > other_count
    return bool(claim.value < other.value)


@compiled
def _claim_bits(claim: np.record, known: bool, area_code: int, common: Common, table: Tables) -> float:
    line = 0 if common.kind == 0 else (1 if claim.value >= 10_000_000_000 else 2)
    total = table.single.prior + _sighting_bits(line, claim.first_seen, claim.last_seen, common.today, table)
    total += _step(table.sources, _bit_count(claim.sources)) + _step(table.shared, claim.shared_by)
    if common.kind == 1:
        total += _line_bits(claim.value, line, area_code, table)
    if known:
        total += table.single.known
    if common.linked:
        total += table.single.linked
    return total


@compiled
def top_three(
    claims: NDArray[np.void],
    offsets: NDArray[np.uint64],
    queries: Queries,
    common: Common,
    table: Tables,
    filled: tuple[NDArray[np.int64], NDArray[np.float64]],
) -> None:
    """Fill the rows and the chances, both ``(n, 3)``, given as -1 and 0."""
    rows, chance = filled
    best = np.empty(3)
    for query in range(len(queries.entities)):
        entity = queries.entities[query]
        if entity < 0:
            continue
        for row in range(int(offsets[entity]), int(offsets[entity + 1])):
            claim = claims[row]
            known = _contains(queries.known[query], claim.value)
            if common.max_age_days and claim.last_seen < common.today - common.max_age_days and not known:
                continue
            bits = _claim_bits(claim, known, queries.area_codes[query], common, table)
            at = 3
            while at > 0 and (
                rows[query, at - 1] < 0 or _precedes(bits, claim, best[at - 1], claims[rows[query, at - 1]])
            ):
                at -= 1
            for place in range(2, at, -1):
                rows[query, place], best[place] = rows[query, place - 1], best[place - 1]
            if at < 3:
                rows[query, at], best[at] = row, bits
        for place in range(3):
            if rows[query, place] >= 0:
                chance[query, place] = 1.0 / (1.0 + 2.0 ** -best[place])


class Sent(NamedTuple):
    """Claim values that the clients sent: of answer a ``values[offsets[a]:offsets[a + 1]]``."""

    values: NDArray[np.int64]
    offsets: NDArray[np.int64]


class Asking(NamedTuple):
    """What the ranking of each answer depends on; meanings as in ``ranking.Circumstances``."""

    area_codes: NDArray[np.int64]
    today: NDArray[np.int64]
    max_age_days: NDArray[np.int64]
    sent: Sent


class Order(NamedTuple):
    """Of answer a the claims ``rows[starts[a]:starts[a + 1]]``, best first, with their bits and whether the client
    sent them."""

    rows: NDArray[np.int64]
    bits: NDArray[np.float64]
    known: NDArray[np.bool_]
    starts: NDArray[np.int64]


@compiled
def rank_all(
    claims: NDArray[np.void], offsets: NDArray[np.uint32], asking: Asking, kind: int, table: Tables, order: Order
) -> None:
    """Rank the claims of every answer: of answer a its entity's own are part 2a of ``offsets``, which come first, those
    of linked companies part 2a + 1."""
    n = 0
    for part in range(len(offsets) - 1):
        answer, first = part // 2, n
        common = Common(kind, asking.today[answer], part % 2 == 1, asking.max_age_days[answer])
        sent = asking.sent.values[asking.sent.offsets[answer] : asking.sent.offsets[answer + 1]]
        for row in range(int(offsets[part]), int(offsets[part + 1])):
            claim = claims[row]
            known = _contains(sent, claim.value)
            if common.max_age_days and claim.last_seen < common.today - common.max_age_days and not known:
                continue
            bits = _claim_bits(claim, known, asking.area_codes[answer], common, table)
            at = n
            while at > first and _precedes(bits, claim, order.bits[at - 1], claims[order.rows[at - 1]]):
                order.rows[at], order.bits[at] = order.rows[at - 1], order.bits[at - 1]
                order.known[at] = order.known[at - 1]
                at -= 1
            order.rows[at], order.bits[at], order.known[at] = row, bits, known
            n += 1
        order.starts[answer + 1] = n
