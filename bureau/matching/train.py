"""Weights without labels: what agreement among matches looks like, learnt from pairs nobody has judged.

Fellegi and Sunter (1969) with conditional independence, fitted by EM in its counts-per-pattern form (Winkler 1988;
Splink documents the practice): u comes from random pairs and is held fixed, m and the shares of the classes from pairs
that blocking rules bring together. Relatives are classes of their own, with the model's probabilities: a twin whom the
birth date brings in would otherwise teach that people change their first name.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.matching.levels import LEVELS, Hypothesis, Level
from bureau.matching.model import LevelModel, Model
from bureau.matching.patterns import Patterns
from bureau.matching.questions import OUTCOMES, QUESTIONS, Field, answers, silenced

CLASSES = (*(hypothesis.name.lower() for hypothesis in Hypothesis), "stranger")

ENOUGH = 500.0
"""Matches that must have answered a question before its shipped numbers are replaced."""

_HOUSEHOLD = frozenset({Field.PLACE, Field.PHONE})
"""What relatives share because they live together. How often registers hold the same home of one person bears on them
too, so their numbers keep their ratio to m. (Left alone, a father at the same address became the son: on 5,000
synthetic queries at natural damage, wrong answers at 0.5 rose from 1 to 12; with the ratio kept it is 1.)"""

_PRIOR = 20.0  # pairs' worth of belief in the shipped numbers: no probability becomes 0
_SHIPPED_SHARE = 0.05  # of m: clients' records are typed more carelessly than any source, whatever sources show
_ROUNDS, _SETTLED = 500, 1e-6
_LEAST = 1e-12

Vector = NDArray[np.float64]


class Sample(NamedTuple):
    """Pairs that one rule brought together; it says nothing of the ``fields`` it looked at."""

    patterns: Patterns
    fields: frozenset[Field]


class Estimate(NamedTuple):
    """By outcome: ``m`` among matches, ``u`` among strangers, ``occasions`` on which matches answered its question.

    ``shares`` is by sample and class (``CLASSES``).
    """

    m: Vector
    u: Vector
    occasions: Vector
    shares: NDArray[np.float64]


class _Spoken(NamedTuple):
    """A sample made ready: ``heard`` are the outcomes of questions it may answer, ``votes`` those that decide."""

    outcomes: NDArray[np.float64]
    pairs: NDArray[np.int64]
    heard: NDArray[np.bool_]
    votes: Vector


def strangers(random_pairs: Patterns) -> Vector:
    """u of every outcome from random pairs, which are as good as never the same person."""
    counts = random_pairs.pairs.astype(np.float64) @ random_pairs.outcomes
    share = np.ones(OUTCOMES)
    for question in QUESTIONS:
        place = list(question.outcomes)
        share[place] = (counts[place] + 0.5) / (counts[place] + 0.5).sum()  # Jeffreys: what was never seen can be
    return share


def estimate(model: Model, u: Vector, samples: Sequence[Sample]) -> Estimate:
    """Fit m, and each sample's shares of matches, relatives and strangers, by EM from the shipped model's m."""
    prior = _prior(model, "m")
    relatives = [_prior(model, h.name.lower()) for h in Hypothesis if h is not Hypothesis.SAME]
    spoken = [_spoken(sample) for sample in samples]
    shares = np.tile(np.array([0.3, 0.05, 0.05, 0.1, 0.5]), (len(samples), 1))
    m, occasions = prior, np.zeros(OUTCOMES)
    for _ in range(_ROUNDS):
        counts = np.zeros(OUTCOMES)
        for number, spoken_of in enumerate(spoken):
            weighed = _members(spoken_of, np.stack([m, *relatives, u]), shares[number])
            shares[number] = (weighed.sum(axis=0) + _PRIOR / len(CLASSES)) / (weighed.sum() + _PRIOR)
            counts += np.where(spoken_of.heard, weighed[:, 0] @ spoken_of.outcomes, 0.0)
        before, (m, occasions) = m, _answered(counts, prior)
        if np.abs(m - before).max() < _SETTLED:
            break
    return Estimate(m, u, occasions, shares)


def among(model: Model, samples: Sequence[Sample], outcome: int) -> tuple[Vector, Vector]:
    """(m, occasions) counted among the pairs that show ``outcome``: equal tax ids are a check without EM."""
    counts = np.zeros(OUTCOMES)
    for sample in samples:
        shown = sample.patterns.pairs * (sample.patterns.outcomes[:, outcome] > 0)
        counts += np.where(silenced(sample.fields), 0.0, shown.astype(np.float64) @ sample.patterns.outcomes)
    return _answered(counts, _prior(model, "m"))


def trained(model: Model, found: Estimate) -> Model:
    """The model with what was learnt; what too few matches answered is kept, and its note says so.

    Kept as well: tax ids (sources hold valid ones only), ``coverage``, u where rarity takes its place, and relatives,
    but for what a household shares.
    """
    levels = dict(model.levels)
    for question in QUESTIONS:
        for outcome in question.outcomes:
            name = Level(outcome).name.lower() if outcome < LEVELS else ""
            if name in levels:
                learnt = _learnt(levels[name], found, outcome)
                levels[name] = _moved_along(levels[name], learnt) if question.field in _HOUSEHOLD else learnt
    return msgspec.structs.replace(model, version=f"{model.version}, trained", levels=levels)


def _learnt(shipped: LevelModel, found: Estimate, outcome: int) -> LevelModel:
    occasions = found.occasions[outcome]
    if occasions < ENOUGH:
        return msgspec.structs.replace(
            shipped, note=f"kept, only {occasions:.0f} matches to learn from; {shipped.note}"
        )
    m = (1 - _SHIPPED_SHARE) * found.m[outcome] + _SHIPPED_SHARE * shipped.m
    u = None if shipped.u is None else _rounded(found.u[outcome])
    return msgspec.structs.replace(shipped, m=_rounded(m), u=u, note=f"learnt from {occasions:.0f} matches")


def _moved_along(shipped: LevelModel, learnt: LevelModel) -> LevelModel:
    """Relatives' numbers in the ratio to m that they were shipped with."""
    ratio = learnt.m / shipped.m
    given = {kin: getattr(shipped, kin) for kin in CLASSES if getattr(shipped, kin, None) is not None}
    return msgspec.structs.replace(learnt, **{kin: _rounded(min(p * ratio, 0.99)) for kin, p in given.items()})


def _rounded(probability: float) -> float:
    return float(f"{probability:.4g}")


def _spoken(sample: Sample) -> _Spoken:
    heard, votes = ~silenced(sample.fields), np.zeros(OUTCOMES)
    for question in QUESTIONS:
        votes[list(question.outcomes)] = question.votes
    return _Spoken(sample.patterns.outcomes.astype(np.float64), sample.patterns.pairs, heard, votes * heard)


def _members(sample: _Spoken, probability: NDArray[np.float64], share: Vector) -> NDArray[np.float64]:
    """By pattern and class, how many of its pairs are probably of that class."""
    likelihood = sample.outcomes @ (np.log(np.maximum(probability, _LEAST)) * sample.votes).T + np.log(share)
    odds = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
    member: NDArray[np.float64] = odds * (sample.pairs / odds.sum(axis=1))[:, None]
    return member


def _answered(counts: Vector, prior: Vector) -> tuple[Vector, Vector]:
    """(share of each outcome among its question's, how often the question was answered)."""
    share, occasions = prior.copy(), np.zeros(OUTCOMES)
    for question in QUESTIONS:
        place = list(question.outcomes)
        total = counts[place].sum()
        occasions[place] = total
        share[place] = (counts[place] + _PRIOR * prior[place]) / (total + _PRIOR)
    return share, occasions


def _prior(model: Model, what: str) -> Vector:
    """By outcome what the model says of ``m``, ``u`` or a relative; without a word of its own m is meant, as in
    ``Model.weights``."""
    levels, found = np.full(LEVELS, _LEAST), np.ones(OUTCOMES)
    for level in Level:
        row = model.levels.get(level.name.lower())
        if row is not None:
            own = getattr(row, what)
            levels[level] = row.m if own is None else own
    for question in QUESTIONS:
        found[list(question.outcomes)] = answers(question, levels)
    return found
