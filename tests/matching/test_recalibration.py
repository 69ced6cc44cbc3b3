from collections.abc import Sequence

import numpy as np
import pytest

from bureau.evidence import bits
from bureau.matching.model import default_model
from bureau.matching.recalibration import Calibration, Outcome, calibration, recalibrate

MODEL = default_model("people")


def reported(count: int, truth: Calibration, seed: int = 1) -> Sequence[Outcome]:
    """Outcomes of answers whose scores are off by ``truth``."""
    draw = np.random.default_rng(seed)
    scores = draw.normal(3, 5, count)
    right = draw.random(count) < 1 / (1 + np.exp2(-(truth.scale * scores + truth.shift)))
    return [Outcome(float(score), bool(one)) for score, one in zip(scores, right, strict=True)]


@pytest.mark.parametrize("truth", [Calibration(), Calibration(0.7, -2.0), Calibration(1.4, 1.5), Calibration(1.0, 4.0)])
def test_a_distortion_is_found(truth: Calibration) -> None:
    assert tuple(truth) == pytest.approx(tuple(calibration(reported(40_000, truth))), abs=0.1)


def test_few_outcomes_move_little_and_none_nothing() -> None:
    assert Calibration() == calibration([])
    wrong = calibration([Outcome(8.0, False)])
    assert -1 < wrong.shift < 0
    assert 0.9 < wrong.scale < 1


def test_outcomes_that_are_all_right_or_impossible_stay_finite() -> None:
    for right in (True, False):
        found = calibration([Outcome(score, right) for score in (-1e6, -30.0, 0.0, 30.0, 1e6) for _ in range(1000)])
        assert np.isfinite(found).all()


def test_more_bits_stay_more_probable() -> None:
    found = calibration(reported(5_000, Calibration(0.7, -2.0)))
    assert found.apply(1.0) < found.apply(2.0)


def test_a_model_that_promises_too_much_expects_less() -> None:
    shy = recalibrate(MODEL, reported(40_000, Calibration(1.0, -1.5)))
    assert bits(MODEL.coverage) - 1.5 == pytest.approx(bits(shy.coverage), abs=0.1)
    assert MODEL.levels == shy.levels
    assert MODEL.coverage == pytest.approx(recalibrate(MODEL, []).coverage)
