"""Who is probably whom among the rows of different sources: the engine looks rows of one source up in another.

This is the E step of training. Tax ids and contacts are left out, so that what they say of the outcome is a check.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.matching.blocking import MAX_EXCHANGED, MAX_KEYS, exchanged_keys_of, record_keys
from bureau.matching.engine import Matches, match, no_matches
from bureau.matching.layout import ENTITY, NO_TAX_ID, BlockIndex, Register, Vocabulary
from bureau.matching.model import Model
from bureau.matching.neighbours import neighbour_index
from bureau.matching.patterns import Compared
from bureau.matching.search import Target
from bureau.matching.statistics import Statistics, count, statistics
from bureau.matching.subject import known_subjects
from bureau.matching.weights import weights
from bureau.population.block_index import Pairs
from bureau.population.pairs import Traced
from bureau.population.preliminary import frozen, states, wanted_blocks
from bureau.population.survivors import token_counts
from bureau.population.wanted import none_wanted, want
from bureau.reference.names import shares_of_women

_CHUNK = 1 << 18  # records whose keys are made at a time
_SLICE = 1 << 13  # rows looked up at a time
_THREADS = 2  # the engine runs without the interpreter lock
_NEVER = 1e9  # bits: relatives are looked for however sure a match is
_LEAST = 1e-3  # probability below which a pair teaches nothing


class LookUp(NamedTuple):
    """Rows ``asked`` of all other sources, to be looked up among the rows ``held`` by one."""

    asked: NDArray[np.int64]
    held: NDArray[np.int64]
    register: Register
    statistics: Statistics


Found = tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]
"""Places in ``LookUp.asked``, places in ``LookUp.held``, and a number for each such pair."""


class Candidates(NamedTuple):
    """Pairs of rows; ``bits`` speak for identity against a stranger."""

    asked: NDArray[np.int64]
    found: NDArray[np.int64]
    bits: NDArray[np.float64]


class Likely(NamedTuple):
    """Pairs of rows and the probability that they are one person's; ``covered`` is by row asked, in the order of the
    look-ups: the probability that the source holds the person."""

    asked: NDArray[np.int64]
    found: NDArray[np.int64]
    probability: NDArray[np.float64]
    covered: NDArray[np.float64]


def look_ups(rows: Compared, traced: Traced, most: int, seed: int, directory: Path) -> list[LookUp]:
    """One for every source: ``most`` rows drawn from all of them, looked up in each that they are not from. The
    indexes are written to ``directory``."""
    order = np.argsort(traced.hashes, kind="stable")  # whatever order the input is in
    drawn = order[np.sort(np.random.default_rng([seed, 1]).permutation(len(order))[:most])]
    sources = np.unique(traced.source)
    if len(sources) < 2:
        return []
    neighbours: BlockIndex = frozen(neighbour_index(rows.vocabulary))
    found = []
    for source in sources:
        held, asked = order[traced.source[order] == source], drawn[traced.source[drawn] != source]
        found.append(_look_up(rows, asked, held, neighbours, directory / str(source)))
    return found


def _look_up(
    rows: Compared, asked: NDArray[np.int64], held: NDArray[np.int64], neighbours: BlockIndex, directory: Path
) -> LookUp:
    records = rows.records[held]
    records[:, ENTITY] = np.arange(len(held))
    first, other = token_counts(records, len(rows.vocabulary.length))
    vocabulary: Vocabulary = frozen(rows.vocabulary._replace(as_first=first, as_other=other))
    wanted = none_wanted(len(asked) * (MAX_KEYS + MAX_EXCHANGED))
    want(wanted, _keys(rows.records[asked], vocabulary, 0)[0])
    want(wanted, exchanged_keys_of(rows.records[asked], vocabulary))
    pairs = (_keys(records[start : start + _CHUNK], vocabulary, start) for start in range(0, len(held), _CHUNK))
    blocks = wanted_blocks(wanted, pairs, directory)
    tax_id = np.full(len(held), NO_TAX_ID)
    records, alone, tax_id = frozen((records, np.arange(len(held) + 1, dtype=np.uint32), tax_id))
    women = shares_of_women(vocabulary.letters)
    told = statistics(tax_id, vocabulary, frozen(count(records)), states(), women)
    return LookUp(asked, held, Register(records, alone, tax_id, vocabulary, neighbours, blocks), told)


def _keys(records: NDArray[np.int32], vocabulary: Vocabulary, first: int) -> Pairs:
    nobody = np.full(len(records), NO_TAX_ID)
    return record_keys(records, nobody, vocabulary, people=True, first_record=first)


def likely(rows: Compared, look_up: LookUp, coverage: float, model: Model) -> Likely:
    """Look the rows up; ``coverage`` is the share of them that the source is believed to hold."""
    target = _target(look_up, msgspec.structs.replace(model, coverage=coverage))
    number, entity, probability = _in_slices(rows, look_up, target, _probable)
    covered = np.bincount(number, probability, len(look_up.asked)).astype(np.float64)
    return Likely(look_up.asked[number], look_up.held[entity], probability, covered)


def candidates(rows: Compared, look_up: LookUp, model: Model) -> Candidates:
    """The best candidates of every row, found with all the engine's thoroughness and as if nobody had relatives."""
    target = _target(look_up, msgspec.structs.replace(model, relatives={}, decisive_bits=_NEVER))
    number, entity, score = _in_slices(rows, look_up, target, _scored)
    return Candidates(look_up.asked[number], look_up.held[entity], score - target.weights.prior)


def _target(look_up: LookUp, model: Model) -> Target:
    return Target(look_up.register, look_up.statistics, weights(model, look_up.statistics))


def _in_slices(rows: Compared, look_up: LookUp, target: Target, read: Callable[[Matches], Found]) -> Found:
    """Match all rows asked; ``read`` takes (query, entity, value) from a slice's matches."""

    def ask(start: int) -> Found:
        subjects = known_subjects(rows.records[look_up.asked[start : start + _SLICE]])
        matches = no_matches(len(subjects.rows))
        match(subjects, target, True, matches)
        number, entity, value = read(matches)
        return number + start, entity, value

    with ThreadPoolExecutor(_THREADS) as pool:
        parts = list(pool.map(ask, range(0, max(len(look_up.asked), 1), _SLICE)))
    number, entity, value = (np.concatenate(column) for column in zip(*parts, strict=True))
    return number, entity, value


def _probable(matches: Matches) -> Found:
    """Every candidate that is not beyond belief, with its probability."""
    probability = np.exp2(matches.score.clip(-1000, 1000)) / (1.0 + matches.odds[:, None])
    number, place = np.nonzero((matches.entity >= 0) & (probability >= _LEAST))
    return number, matches.entity[number, place].astype(np.int64), probability[number, place]


def _scored(matches: Matches) -> Found:
    number, place = np.nonzero(matches.entity >= 0)
    return number, matches.entity[number, place].astype(np.int64), matches.score[number, place]
