"""EM on simulated pairs whose classes are known to the simulation only."""

from collections.abc import Sequence

import msgspec
import numpy as np
import pytest

from bureau.matching.levels import LEVELS, Hypothesis, Level
from bureau.matching.model import Model, default_model
from bureau.matching.patterns import Patterns, grouped
from bureau.matching.questions import OUTCOMES, QUESTIONS, Field, Question, answers
from bureau.matching.train import CLASSES, Sample, among, estimate, strangers, trained

MODEL = default_model("people")
BLOCKED = (
    frozenset({Field.DATE, Field.GIVEN}),
    frozenset({Field.DATE, Field.SURNAMES}),
    frozenset({Field.GIVEN, Field.MOTHER}),
)
SHARES = np.array([0.45, 0.04, 0.02, 0.09, 0.4])

Answers = list[np.ndarray]
"""By question, the probability of each of its outcomes."""


def model_answers(what: str) -> Answers:
    levels = np.full(LEVELS, 1e-9)
    for level in Level:
        row = MODEL.levels.get(level.name.lower())
        if row:
            own = getattr(row, what)
            levels[level] = row.m if own is None else own
    return [answers(question, levels) for question in QUESTIONS]


def unlike(draw: np.random.Generator, given: Answers, how: float) -> Answers:
    """Probabilities away from ``given``: every outcome's odds change, by a factor of up to ``how``."""
    changed = [p * how ** draw.uniform(-1, 1, len(p)) for p in given]
    return [p / p.sum() for p in changed]


def stranger_answers(draw: np.random.Generator) -> Answers:
    """Agreement, the first outcome of most questions, is rare among strangers, and "otherwise" is not."""
    found = []
    for question in QUESTIONS:
        rates = draw.uniform(0.5, 1.5, len(question.outcomes))
        rates[: len(rates) // 2] *= 0.02
        found.append(rates / rates.sum())
    return found


def simulated(draw: np.random.Generator, count: int, classes: Sequence[Answers], shares: np.ndarray) -> np.ndarray:
    member = draw.choice(len(classes), count, p=shares)
    outcomes = np.zeros((count, OUTCOMES), np.uint8)
    for number, question in enumerate(QUESTIONS):
        for k, probability in enumerate(classes):
            asked = np.flatnonzero((member == k) & (draw.random(count) < 0.85))  # the rest lacks a value
            given = draw.choice(len(question.outcomes), len(asked), p=probability[number])
            outcomes[asked, np.array(question.outcomes)[given]] = 1
    return outcomes


@pytest.mark.parametrize("seed", [1, 2])
def test_m_and_u_are_recovered(seed: int) -> None:
    draw = np.random.default_rng(seed)
    m, u = unlike(draw, model_answers("m"), 3.0), stranger_answers(draw)
    relatives = [model_answers(h.name.lower()) for h in Hypothesis if h is not Hypothesis.SAME]
    drawn = simulated(draw, 60_000, [u], np.ones(1))
    samples = [Sample(grouped_pairs(simulated(draw, 8_000, [m, *relatives, u], SHARES)), fields) for fields in BLOCKED]
    found = estimate(MODEL, strangers(grouped_pairs(drawn)), samples)
    for number, question in enumerate(QUESTIONS):
        place = list(question.outcomes)
        np.testing.assert_allclose(u[number], found.u[place], atol=0.01)
        np.testing.assert_allclose(m[number], found.m[place], atol=0.03, err_msg=str(question))
    np.testing.assert_allclose(np.tile(SHARES, (len(samples), 1)), found.shares, atol=0.03)
    assert len(CLASSES) == found.shares.shape[1]


def test_a_rule_says_nothing_of_its_own_fields() -> None:
    draw = np.random.default_rng(4)
    pairs = grouped_pairs(simulated(draw, 20_000, [model_answers("m")], np.ones(1)))
    found = estimate(MODEL, strangers(pairs), [Sample(pairs, frozenset({Field.DATE}))])
    assert 0 == found.occasions[Level.DATE_SAME]
    assert found.occasions[Level.SEX_SAME] > 0
    assert MODEL.levels["date_day"] == without_note(trained(MODEL, found), "date_day")


def test_nothing_to_learn_from_keeps_every_number() -> None:
    nothing = Patterns(np.zeros((0, OUTCOMES), np.uint8), np.zeros(0, np.int64))
    kept = trained(MODEL, estimate(MODEL, strangers(nothing), [Sample(nothing, frozenset())]))
    for name in MODEL.levels:
        assert MODEL.levels[name] == without_note(kept, name)
    assert "only 0 matches" in kept.levels["date_day"].note
    assert MODEL.levels["tax_same"] == kept.levels["tax_same"]
    assert MODEL.coverage == kept.coverage


def test_what_was_never_seen_stays_possible() -> None:
    outcomes = np.zeros((1, OUTCOMES), np.uint8)
    outcomes[0, [question.outcomes[0] for question in QUESTIONS]] = 1
    alike, unlike = Patterns(outcomes, np.array([100_000])), np.zeros((1, OUTCOMES), np.uint8)
    unlike[0, [question.outcomes[-1] for question in QUESTIONS]] = 1
    u = strangers(Patterns(unlike, np.array([100_000])))
    learnt = trained(MODEL, estimate(MODEL, u, [Sample(alike, frozenset())]))
    for level in learnt.levels.values():
        assert level.m > 0
        assert level.u is None or level.u > 0
    assert learnt.levels["date_day"].m < MODEL.levels["date_day"].m
    assert learnt.levels["date_day"].namesake == MODEL.levels["date_day"].namesake
    assert np.isfinite(learnt.weights()).all()
    for name in ("place_postal", "place_city"):  # a household's: relatives live where the person does
        before, after = MODEL.levels[name], learnt.levels[name]
        assert before.m != after.m
        assert (before.namesake or 0) / before.m == pytest.approx((after.namesake or 0) / after.m, rel=0.01)


def test_the_check_counts_only_pairs_that_show_it() -> None:
    outcomes = np.zeros((2, OUTCOMES), np.uint8)
    outcomes[0, [Level.TAX_SAME, Level.SEX_SAME]] = 1
    outcomes[1, [Level.TAX_DIFFERENT, Level.SEX_DIFFERENT]] = 1
    sample = Sample(Patterns(outcomes, np.array([90_000, 10_000])), frozenset({Field.PHONE}))
    m, occasions = among(MODEL, [sample], Level.TAX_SAME)
    assert 90_000 == occasions[Level.SEX_SAME]
    assert m[Level.SEX_SAME] == pytest.approx(1, abs=1e-3)


def grouped_pairs(outcomes: np.ndarray) -> Patterns:
    return grouped(outcomes, np.ones(len(outcomes), np.int64))


def without_note(model: Model, name: str) -> object:
    return msgspec.structs.replace(model.levels[name], note=MODEL.levels[name].note)


def test_answers_add_up() -> None:
    question = Question(Field.SURNAMES, (Level.LAST_DROPPED, Level.LAST_REPLACED, LEVELS + 4))
    levels = np.zeros(LEVELS)
    levels[[Level.LAST_DROPPED, Level.LAST_REPLACED]] = 0.01, 0.006
    assert [0.01, 0.006, 0.984] == pytest.approx(answers(question, levels))
