"""Weights without labels: what agreement among matches looks like, learnt from pairs nobody has judged.

Fellegi and Sunter (1969) with conditional independence, fitted by EM (Winkler 1988; Splink documents the practice). u
comes from random pairs and is held fixed. Which pairs are matches, and how probably, the engine itself says with the
model of the round before (``bureau.population.expectation``): against all candidates, relatives and "none of them".
Here is the other half, what such pairs teach.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.matching.levels import LEVELS, Hypothesis, Level
from bureau.matching.model import LevelModel, Model
from bureau.matching.questions import OUTCOMES, QUESTIONS, Field, answers

ENOUGH = 500.0
"""Matches that must have answered a question before its shipped numbers are replaced."""

_HOUSEHOLD = frozenset({Field.PLACE, Field.PHONE})
"""What relatives share because they live together. How often registers hold the same home of one person bears on them
too, so their numbers keep their ratio to m. (Left alone, a father at the same address became the son: on 5,000
synthetic queries at natural damage, wrong answers at 0.5 rose from 1 to 12; with the ratio kept it is 1.)"""

_IN_COMMON = {
    Hypothesis.TWIN: frozenset({Field.SURNAMES, Field.DATE, Field.MOTHER}),
    Hypothesis.SIBLING: frozenset({Field.SURNAMES, Field.MOTHER}),
}
"""Where a relative's true value is the person's own, so that it suffers from the same carelessness. (A namesake's
names have no numbers apart: they are the person's.)"""

_ALIKE = {Level.PHONE_SAME: Level.PHONE_SHARED, Level.EMAIL_SAME: Level.EMAIL_SHARED}
"""Learnt together: how many claim a contact, pairs of rows do not show."""

_PRIOR = 20.0  # pairs' worth of belief in the shipped numbers: no probability becomes 0
_SHIPPED_SHARE = 0.05  # of m: clients' records are typed more carelessly than any source, whatever sources show
_LEAST = 1e-12

Vector = NDArray[np.float64]


class Estimate(NamedTuple):
    """By outcome: ``m`` among matches, ``u`` among strangers, ``occasions`` on which matches answered its question.
    ``coverage`` is the share of the records asked for that the other sources hold too."""

    m: Vector
    u: Vector
    occasions: Vector
    coverage: float


def strangers(counts: Vector) -> Vector:
    """u of every outcome from its counts over random pairs, which are as good as never the same person."""
    share = np.ones(OUTCOMES)
    for question in QUESTIONS:
        place = list(question.outcomes)
        share[place] = (counts[place] + 0.5) / (counts[place] + 0.5).sum()  # Jeffreys: what was never seen can be
    return share


def among(model: Model, counts: Vector) -> tuple[Vector, Vector]:
    """(m, occasions) of every outcome from its counts over pairs that are matches, or probably so; what was never
    asked is as the model says."""
    prior = _prior(model)
    share, occasions = prior.copy(), np.zeros(OUTCOMES)
    for question in QUESTIONS:
        place = list(question.outcomes)
        total = counts[place].sum()
        occasions[place] = total
        share[place] = (counts[place] + _PRIOR * prior[place]) / (total + _PRIOR)
    return share, occasions


def trained(model: Model, found: Estimate) -> Model:
    """The model with what was learnt; what too few matches answered is kept, and its note says so.

    ``coverage`` only grows: sources that do not overlap say nothing of clients' customers. Kept as well: tax ids
    (sources hold valid ones only), u where rarity takes its place, and how many relatives there are.
    """
    levels = dict(model.levels)
    for question in QUESTIONS:
        for outcome in question.outcomes:
            for name in _taught(outcome) & levels.keys():
                learnt = _learnt(levels[name], found, outcome)
                levels[name] = _with_relatives(levels[name], learnt, question.field)
    coverage = _rounded(max(model.coverage, _cautious(found.coverage, model.coverage)))
    return msgspec.structs.replace(model, version=f"{model.version}, trained", coverage=coverage, levels=levels)


def _taught(outcome: int) -> set[str]:
    """The names of the levels that learn from an outcome."""
    levels = {Level(outcome), _ALIKE.get(Level(outcome), Level(outcome))} if outcome < LEVELS else set()
    return {level.name.lower() for level in levels}


def _cautious(learnt: float, shipped: float) -> float:
    return (1 - _SHIPPED_SHARE) * learnt + _SHIPPED_SHARE * shipped


def _learnt(shipped: LevelModel, found: Estimate, outcome: int) -> LevelModel:
    occasions = found.occasions[outcome]
    if occasions < ENOUGH:
        return msgspec.structs.replace(
            shipped, note=f"kept, only {occasions:.0f} matches to learn from; {shipped.note}"
        )
    m = _rounded(_cautious(float(found.m[outcome]), shipped.m))
    u = None if shipped.u is None else _rounded(float(found.u[outcome]))
    return msgspec.structs.replace(shipped, m=m, u=u, note=f"learnt from {occasions:.0f} matches")


def _with_relatives(shipped: LevelModel, learnt: LevelModel, field: Field) -> LevelModel:
    """The same with relatives' numbers moved along, where they have reason to."""
    moved = {}
    for kin in Hypothesis:
        p = getattr(shipped, kin.name.lower(), None)
        if p is not None and field in _HOUSEHOLD:
            moved[kin.name.lower()] = _rounded(min(p * learnt.m / shipped.m, 0.99))
        elif p is not None and field in _IN_COMMON.get(kin, ()):
            moved[kin.name.lower()] = _rounded(_as_careless(p, shipped.m, learnt.m))
    return msgspec.structs.replace(learnt, **moved)


def _as_careless(p: float, before: float, after: float) -> float:
    """A probability ``p`` under what changed another from ``before`` to ``after``: agreement is lost in proportion,
    and so is the absence of damage."""
    return p * after / before if after < before else 1 - (1 - p) * (1 - after) / (1 - before)


def _rounded(probability: float) -> float:
    return float(f"{probability:.4g}")


def _prior(model: Model) -> Vector:
    """m of every outcome as the model has it."""
    levels, found = np.full(LEVELS, _LEAST), np.ones(OUTCOMES)
    for level in Level:
        row = model.levels.get(level.name.lower())
        if row is not None:
            levels[level] = row.m
    for question in QUESTIONS:
        found[list(question.outcomes)] = answers(question, levels)
    return found
