from hypothesis import given
from hypothesis import strategies as st

from bureau.deliverability.email.reasons import JUDGEMENTS, Reason
from bureau.model.answer import VerdictStatus
from bureau.overlay.calibration import LEAST_OUTCOMES, Outcomes, calibrated

ACCEPTED, NOBODY, NOT_CHECKED = Reason.ACCEPTED_NOT_CATCH_ALL, Reason.MAILBOX_NOT_FOUND, Reason.NOT_CHECKED


def test_few_outcomes_change_nothing() -> None:
    assert {} == calibrated([Outcomes(ACCEPTED, 0, LEAST_OUTCOMES - 1)])


def test_outcomes_move_the_confidence_from_the_assumed_one_towards_their_share() -> None:
    found = calibrated([Outcomes(ACCEPTED, 800, 200), Outcomes(NOBODY, 100, 900), Outcomes(NOT_CHECKED, 300, 700)])
    assert 0.80 < found[ACCEPTED] < 0.81 < JUDGEMENTS[ACCEPTED].confidence
    assert 0.90 < found[NOBODY] < 0.91 < JUDGEMENTS[NOBODY].confidence  # a bounce proves it right
    assert 0.30 < found[NOT_CHECKED] < 0.33 < JUDGEMENTS[NOT_CHECKED].confidence


@given(st.sampled_from(Reason), st.integers(0, 10_000), st.integers(0, 10_000))
def test_it_is_a_probability_and_risky_is_advice(reason: Reason, delivered: int, bounced: int) -> None:
    found = calibrated([Outcomes(reason, delivered, bounced)])
    assert all(0.0 < confidence <= 1.0 for confidence in found.values())
    if JUDGEMENTS[reason].status is VerdictStatus.RISKY:
        assert {} == found
