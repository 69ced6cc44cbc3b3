"""Claims of an entity → contacts in the order to try them, each with the probability that it is the right party.

:func:`rank` is the readable form with its evidence; :func:`top_three` is the same model compiled for whole batches.
A property test holds them equal. Order: bits, then latest sighting, then most sources, then smallest value.
"""

from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.contacts import kernel, weights
from bureau.contacts.weights import Line
from bureau.evidence import Evidence, probability
from bureau.reference.places import area_codes

FIRST_MOBILE = 10_000_000_000  # a mobile's national number has eleven digits, a fixed line's ten

EMAILS = 0
PHONES = 1

Claim = tuple[int, int, int, int, int]
"""A CLAIM as plain numbers: value, first_seen, last_seen, sources, shared_by."""


class Circumstances(msgspec.Struct, frozen=True):
    """What is known about the entity when its claims are ranked.

    ``kind`` is :data:`EMAILS` or :data:`PHONES`. ``today`` is in days since 1970-01-01. ``area_code`` is that of the
    entity's latest municipality, 0 if unknown. ``known`` are the claim values the client itself sent. ``linked``
    says that the claims are a linked company's. ``max_age_days`` (0: none) drops what was last seen before, or at an
    unknown date, unless the client sent it. Evidence rows are made only if they are to be ``explained``.
    """

    kind: int
    today: int
    area_code: int = 0
    known: tuple[int, ...] = ()
    linked: bool = False
    max_age_days: int = 0
    explained: bool = True


class Ranked(msgspec.Struct, frozen=True):
    """``claim`` is the row among the claims given; ``bits`` is exactly the prior plus the evidence rows, which are left
    out unless explained."""

    claim: int
    right_party: float
    bits: float
    evidence: list[Evidence]


def rank(claims: NDArray[np.void], circumstances: Circumstances) -> list[Ranked]:
    """All claims of one entity that pass the age filter, best first."""
    return rank_rows(claims.tolist(), circumstances)


def rank_rows(claims: Sequence[Claim], circumstances: Circumstances) -> list[Ranked]:
    """:func:`rank` on claims that are Python tuples already."""
    found = []
    for row, claim in enumerate(claims):
        value, _, last_seen, sources, _ = claim
        if circumstances.max_age_days and _too_old(value, last_seen, circumstances):
            continue
        rows = _evidence(claim, circumstances) if circumstances.explained else []
        total = worth(claim, circumstances)
        found.append((-total, -last_seen, -sources.bit_count(), value, Ranked(row, probability(total), total, rows)))
    if len(found) > 1:
        found.sort(key=itemgetter(0, 1, 2, 3))
    return [entry[-1] for entry in found]


@lru_cache(maxsize=1 << 14)
def chance(bits: float) -> float:
    """Bits as the probability that is shown; they are multiples of 1/1024, so the same few recur."""
    return round(probability(bits), 4)


def worth(claim: Claim, circumstances: Circumstances) -> float:
    """The prior and all evidence for a claim, in bits: the sum of its rows, which is exact in any order (see
    ``weights``), without making them."""
    value, first_seen, last_seen, sources, shared_by = claim
    line = line_of(value, circumstances.kind)
    total = weights.PRIOR
    if last_seen:
        total += weights.age_bits().item(line, min(max(circumstances.today - last_seen, 0), weights.OLDEST))
        total += weights.step(weights.TENURE, last_seen - first_seen if first_seen else 0)
    total += weights.step(weights.SOURCES, sources.bit_count()) + weights.step(weights.SHARED, shared_by)
    if line is not Line.EMAIL:
        total += weights.LINE[line] + area_row(line, area_code_of(value), circumstances.area_code).bits
    if value in circumstances.known:
        total += weights.KNOWN_TO_CLIENT
    return total + weights.LINKED if circumstances.linked else total


def _evidence(claim: Claim, circumstances: Circumstances) -> list[Evidence]:
    value, first_seen, last_seen, sources, shared_by = claim
    line = line_of(value, circumstances.kind)
    age = min(max(circumstances.today - last_seen, 0), weights.OLDEST) if last_seen else -1
    tenure = last_seen - first_seen if last_seen and first_seen else 0
    rows = [seen_row(line, age), kept_row(tenure), sources_row(sources.bit_count()), shared_row(shared_by)]
    if line is not Line.EMAIL:
        rows += (line_row(line), area_row(line, area_code_of(value), circumstances.area_code))
    if value in circumstances.known:
        rows.append(_KNOWN)
    if circumstances.linked:
        rows.append(_LINKED)
    return rows


def _too_old(value: int, last_seen: int, circumstances: Circumstances) -> bool:
    return last_seen < circumstances.today - circumstances.max_age_days and value not in circumstances.known


def line_of(value: int, kind: int) -> Line:
    """The kind of line a claim value denotes."""
    if kind == EMAILS:
        return Line.EMAIL
    return Line.MOBILE if value >= FIRST_MOBILE else Line.LANDLINE


def area_code_of(number: int) -> int:
    """The area code of a national number."""
    return number // (1_000_000_000 if number >= FIRST_MOBILE else 100_000_000)


# Observation -> evidence. The same few recur in every answer, so each is made once and shared (they are frozen).


@lru_cache(maxsize=65_536)
def seen_row(line: Line, age: int) -> Evidence:
    """``age`` in days, -1 if unknown."""
    if age < 0:
        return Evidence("last seen: unknown", 0.0)
    return Evidence(f"last seen: {age} days ago", weights.age_bits().item(line, age))


@lru_cache(maxsize=65_536)
def kept_row(tenure: int) -> Evidence:
    return Evidence(f"kept for: {tenure} days", weights.step(weights.TENURE, tenure))


@lru_cache(maxsize=64)
def sources_row(count: int) -> Evidence:
    return Evidence(f"sources: {count}", weights.step(weights.SOURCES, count))


@lru_cache(maxsize=4096)
def shared_row(entities: int) -> Evidence:
    return Evidence(f"claimed by: {max(entities, 1)}", weights.step(weights.SHARED, entities))


@lru_cache(maxsize=4)
def line_row(line: Line) -> Evidence:
    return Evidence(f"line: {line.name.lower()}", weights.LINE[line])


@lru_cache(maxsize=16_384)
def area_row(line: Line, of_number: int, of_address: int) -> Evidence:
    """Two area codes; 0 for an unknown address."""
    if not of_address:
        return Evidence("area code: address unknown", 0.0)
    if of_number == of_address:
        return Evidence("area code: the address's own", weights.SAME_AREA)
    table = area_codes()
    if set(table.get(of_number, ())) & set(table.get(of_address, ())):
        return Evidence("area code: another of the state", weights.SAME_STATE)
    return Evidence("area code: another state's", weights.OTHER_STATE[line])


_KNOWN = Evidence("the client holds it too", weights.KNOWN_TO_CLIENT)
_LINKED = Evidence("held by a linked company", weights.LINKED)


class Parameters(msgspec.Struct, frozen=True):
    """What a batch of :func:`top_three` has in common; meanings as in :class:`Circumstances`."""

    kind: int
    today: int
    linked: bool = False
    max_age_days: int = 0


class Batch(msgspec.Struct, frozen=True):
    """The entities of a batch: row numbers of ``offsets``, -1 for "no entity", with their address's ``area_codes``.

    ``known`` is ``(n, k)``: the claim values each client record came with, padded with -1.
    """

    entities: NDArray[np.int64]
    area_codes: NDArray[np.int64]
    known: NDArray[np.int64]

    @classmethod
    def of(cls, entities: Sequence[int] | NDArray[np.int64]) -> "Batch":
        """A batch about which nothing but the entities is known."""
        rows = np.asarray(entities, np.int64)
        return cls(rows, np.zeros(len(rows), np.int64), np.full((len(rows), 0), -1, np.int64))


def top_three(
    claims: NDArray[np.void], offsets: NDArray[np.uint64], batch: Batch, parameters: Parameters
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The best three claims of every entity: ``(n, 3)`` rows of ``claims`` (-1: none) and their right-party chance."""
    n = len(batch.entities)
    rows = np.full((n, 3), -1, np.int64)
    chance = np.zeros((n, 3))
    common = kernel.Common(parameters.kind, parameters.today, parameters.linked, parameters.max_age_days)
    queries = kernel.Queries(batch.entities, batch.area_codes, batch.known)
    kernel.top_three(claims, offsets, queries, common, kernel.tables(), (rows, chance))
    return rows, chance
