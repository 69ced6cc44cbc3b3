"""What probable matches teach: the M step, on counts whose origin is known."""

import msgspec
import numpy as np
import pytest

from bureau.matching.levels import LEVELS, Hypothesis, Level
from bureau.matching.model import Model, default_model
from bureau.matching.questions import OUTCOMES, QUESTIONS, Field, Otherwise, Question, answers
from bureau.matching.train import Estimate, among, strangers, trained

MODEL = default_model("people")
NOTHING = np.zeros(OUTCOMES)
SAME, KEPT = Level.GIVEN_SAME, [Level.TAX_SAME, Level.TAX_NEAR, Level.COMMON_NAME]


def drawn(draw: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts of outcomes whose probabilities are given too."""
    counts, known = np.zeros(OUTCOMES), np.zeros(OUTCOMES)
    for question in QUESTIONS:
        place = list(question.outcomes)
        known[place] = draw.dirichlet(np.ones(len(place)))
        counts[place] = draw.multinomial(count, known[place])
    return counts, known


def learnt(matches: np.ndarray, *, random: np.ndarray = NOTHING, coverage: float = 0.0) -> Model:
    return trained(MODEL, Estimate(among(MODEL, matches)[0], strangers(random), among(MODEL, matches)[1], coverage))


@pytest.mark.parametrize("seed", [1, 2])
def test_m_and_u_are_recovered(seed: int) -> None:
    counts, known = drawn(np.random.default_rng(seed), 50_000)
    m, occasions = among(MODEL, counts)
    np.testing.assert_allclose(known[occasions > 0], m[occasions > 0], atol=0.01)
    np.testing.assert_allclose(known, np.where(known > 0, strangers(counts), 0), atol=0.01)
    assert 50_000 == occasions[SAME]


def test_nothing_to_learn_from_keeps_every_number() -> None:
    kept = learnt(NOTHING)
    for name, level in MODEL.levels.items():
        assert level == msgspec.structs.replace(kept.levels[name], note=level.note)
    assert "only 0 matches" in kept.levels["date_day"].note
    assert MODEL.coverage == kept.coverage
    assert MODEL.relatives == kept.relatives


def test_coverage_only_grows() -> None:
    assert MODEL.coverage == learnt(NOTHING, coverage=0.1).coverage
    assert MODEL.coverage < learnt(NOTHING, coverage=0.99).coverage < 0.99


def test_what_was_never_seen_stays_possible() -> None:
    alike, unlike = np.zeros(OUTCOMES), np.zeros(OUTCOMES)
    alike[[question.outcomes[0] for question in QUESTIONS]] = 100_000
    unlike[[question.outcomes[-1] for question in QUESTIONS]] = 100_000
    found = learnt(alike, random=unlike)
    for level in found.levels.values():
        assert level.m > 0
        assert level.u is None or level.u > 0
    assert found.levels["date_day"].m < MODEL.levels["date_day"].m
    assert np.isfinite(found.weights()).all()


def test_relatives_keep_their_distance_where_they_share_a_household() -> None:
    counts, _ = drawn(np.random.default_rng(3), 50_000)
    found = learnt(counts)
    for name in ("place_postal", "place_city"):
        before, after = MODEL.levels[name], found.levels[name]
        assert before.m != after.m
        expected = min((before.namesake or 0) / before.m * after.m, 0.99)
        assert expected == pytest.approx(after.namesake, rel=0.01)


def test_relatives_suffer_from_the_same_carelessness_only_where_their_value_is_the_persons() -> None:
    counts = np.zeros(OUTCOMES)
    counts[[Level.GIVEN_SAME, Level.GIVEN_ONE_EDIT]] = 80_000, 20_000
    counts[[Level.SURNAME_SAME, Level.SURNAME_ONE_EDIT]] = 80_000, 20_000
    found = learnt(counts)
    weights = found.weights()[Level.GIVEN_ONE_EDIT]
    assert weights[Hypothesis.SAME] == weights[Hypothesis.NAMESAKE]  # a son has the name, and the typist
    assert found.levels["given_one_edit"].twin == MODEL.levels["given_one_edit"].twin
    assert found.levels["surname_one_edit"].m == pytest.approx(found.levels["surname_one_edit"].twin, rel=0.05)
    assert (found.levels["surname_same"].twin or 0) < (MODEL.levels["surname_same"].twin or 0)


def test_a_contact_that_several_claim_learns_with_those_of_one() -> None:
    counts = np.zeros(OUTCOMES)
    counts[[Level.PHONE_SAME, Otherwise.PHONE_DIFFERENT]] = 10_000, 10_000
    found = learnt(counts).levels
    assert 0.5 == pytest.approx(found["phone_same"].m, abs=0.01)
    for name in ("phone_same", "phone_shared"):
        assert found["phone_same"].m == found[name].m
        ratio = (MODEL.levels[name].namesake or 0) / MODEL.levels[name].m
        assert ratio * found[name].m == pytest.approx(found[name].namesake, rel=0.01)
    assert found["email_shared"].m == MODEL.levels["email_shared"].m


def test_answers_add_up() -> None:
    question = Question(Field.SURNAMES, (Level.LAST_DROPPED, Level.LAST_REPLACED, LEVELS + 4))
    levels = np.zeros(LEVELS)
    levels[[Level.LAST_DROPPED, Level.LAST_REPLACED]] = 0.01, 0.006
    assert [0.01, 0.006, 0.984] == pytest.approx(answers(question, levels))
