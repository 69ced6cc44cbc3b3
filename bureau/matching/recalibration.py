"""Recalibration: what scores turned out to mean, from outcomes that clients report (right person, wrong person).

Platt (1999) in bits: the true log2 odds are ``scale`` times the score plus ``shift``, fitted by penalised likelihood,
so that few outcomes move little. Nothing reports outcomes yet; the seam is a sequence of (score bits, right person),
which the store's events will fill.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.evidence import bits, probability
from bureau.matching.model import Model

_LN2 = float(np.log(2.0))
_SHIFT_DEVIATION = 1.0  # bits: how far off, before any outcome, the scores may well be
_SCALE_DEVIATION = 0.1
_ROUNDS, _SETTLED = 100, 1e-9
_FARTHEST = 60.0  # bits; beyond, exponentials say nothing more


class Outcome(NamedTuple):
    """``bits`` is the log2 odds of an answer that was given, ``right`` what came of it."""

    bits: float
    right: bool


class Calibration(NamedTuple):
    """True log2 odds = ``scale`` · score + ``shift``."""

    scale: float = 1.0
    shift: float = 0.0

    def apply(self, score: float) -> float:
        return self.scale * score + self.shift


def calibration(outcomes: Sequence[Outcome], *, scale: bool = True) -> Calibration:
    """The calibration that outcomes suggest; without ``scale`` the shift alone. Without outcomes nothing changes."""
    score = np.array([outcome.bits for outcome in outcomes]).clip(-_FARTHEST, _FARTHEST)
    right = np.array([outcome.right for outcome in outcomes], np.float64)
    features = np.stack([score, np.ones(len(score))])
    precision = np.diag([1 / _SCALE_DEVIATION**2 if scale else 1e12, 1 / _SHIFT_DEVIATION**2])
    start = np.array([1.0, 0.0])
    found = start
    for _ in range(_ROUNDS):
        step = _newton_step(features, right, found, precision, found - start)
        found = found + step * min(1.0, 1.0 / max(float(np.abs(step).max()), 1e-12))  # a bit at a time, at most
        if np.abs(step).max() < _SETTLED:
            break
    return Calibration(float(found[0]), float(found[1]))


def recalibrate(model: Model, outcomes: Sequence[Outcome]) -> Model:
    """The model whose scores are right on average: the shift that outcomes suggest goes into ``coverage``.

    A model has no place for a scale; :func:`calibration` says whether one is wanted, and then it is time to train.
    """
    shift = calibration(outcomes, scale=False).shift
    return msgspec.structs.replace(model, coverage=probability(bits(model.coverage) + shift))


def _newton_step(
    features: NDArray[np.float64],
    right: NDArray[np.float64],
    found: NDArray[np.float64],
    precision: NDArray[np.float64],
    moved: NDArray[np.float64],
) -> NDArray[np.float64]:
    expected = 1.0 / (1.0 + np.exp2(-(found @ features).clip(-_FARTHEST * 4, _FARTHEST * 4)))
    gradient = _LN2 * (features @ (right - expected)) - precision @ moved
    curvature = _LN2**2 * (features * (expected * (1.0 - expected))) @ features.T + precision
    step: NDArray[np.float64] = np.linalg.solve(curvature, gradient)
    return step
