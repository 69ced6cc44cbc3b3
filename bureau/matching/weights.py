"""The model as the compiled loops read it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.matching.levels import Hypothesis, Level
from bureau.matching.model import Model
from bureau.matching.statistics import Statistics


class Weights(NamedTuple):
    """``table[level, hypothesis]`` in bits; ``prior`` the log2 odds of one entity before anything was compared;
    ``kin[hypothesis]`` log2 of the chance that a stranger is such a relative (rho / N of the mixture),
    ``namesake_women`` is added where the candidate is a woman."""

    table: NDArray[np.float64]
    kin: NDArray[np.float64]
    namesake_women: float
    prior: float
    entities: float
    mother_limit: float
    city_limit: float
    postal_limit: float
    phone_limit: float
    email_limit: float
    penalty: NDArray[np.float64]  # by likeness: VARIANT, ONE_EDIT, TWO_EDITS
    space: NDArray[np.float64]  # by likeness: log2 of the misspellings that kind of error can produce
    initial: float
    candidate_budget: int
    block_budget: int
    decisive: float
    alone: int  # entities that claim a phone or e-mail of one person's own
    slips: bool  # whether the model knows what a tax id one slip away is worth
    twice: float  # odds that a second candidate is the same person, for each of its own odds


def weights(model: Model, statistics: Statistics) -> Weights:
    """Prepare a model for one register of ``statistics.entities`` entities."""
    limits = model.limits
    entities = float(max(statistics.entities, 1))
    kin = model.relative_bits() - np.log2(entities)
    kin[Hypothesis.SAME] = -1000.0
    edit = limits.edit_space_bits
    return Weights(
        model.weights(),
        kin,
        float(np.log2(model.namesake_women)),
        float(np.log2(model.coverage / (1.0 - model.coverage)) - np.log2(entities)),
        entities,
        limits.mother,
        limits.city,
        limits.postal_code,
        limits.phone,
        limits.email,
        np.array([0.0, limits.variant_penalty, limits.one_edit_penalty, limits.two_edits_penalty]),
        np.array([0.0, 0.0, edit, 2 * edit - 1]),
        limits.initial_bits,
        model.candidate_budget,
        model.block_budget,
        model.decisive_bits,
        1,
        Level.TAX_SLIP.name.lower() in model.levels,
        model.held_twice * (1.0 - model.coverage) / model.coverage,
    )
