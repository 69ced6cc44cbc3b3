"""How many relatives a person has who could turn up in their stead, told from those who share the person's address.

Who lives at the same postal code and house number is found whatever else differs, so that there, and only there, the
number of namesakes, twins and siblings found can be set against the number the model expects. Where registers hold no
families (only one member of a household is a customer, say), wrong dates and other given names are mere damage.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from bureau.matching.engine import FEMALE
from bureau.matching.layout import FLAGS, POSTAL_CODE
from bureau.matching.levels import HYPOTHESES, LEVELS, Hypothesis, Level
from bureau.matching.model import Model
from bureau.matching.patterns import Compared, patterns
from bureau.population.expectation import LookUp, candidates

_RELATIVES = [hypothesis for hypothesis in Hypothesis if hypothesis is not Hypothesis.SAME]
_UNHEARD = [
    Level.PHONE_SAME, Level.PHONE_SHARED, Level.EMAIL_SAME, Level.EMAIL_SHARED, Level.TAX_SAME, Level.TAX_DIFFERENT
]  # fmt: skip
_PRIOR = 5.0  # relatives' worth of belief in the shipped numbers
_ENOUGH = 10_000  # rows whose relatives are looked for: a thorough look is a long one


class Relatives(NamedTuple):
    """By hypothesis: relatives ``found`` at the address asked for (the sum of probabilities), and how many would be
    ``expected`` if everybody had one such relative."""

    found: NDArray[np.float64]
    expected: NDArray[np.float64]


def relatives_at_home(rows: Compared, look_up: LookUp, coverage: float, model: Model) -> Relatives:
    """Look for them; ``coverage`` is the share of people, and of relatives alike, that the source holds."""
    look_up = look_up._replace(asked=look_up.asked[:_ENOUGH])
    asked, found, bits = candidates(rows, look_up, model)
    outcomes = patterns(rows, asked, found)
    entities = np.log2(len(look_up.held))
    same = bits + np.log2(coverage / (1 - coverage)) - entities
    explained = bits[:, None] + _advantage(rows, found, outcomes, model) - entities  # by relatives, against a stranger
    kin, at_home = np.exp2(explained.clip(-500, 500)), outcomes[:, Level.PLACE_HOUSE] > 0
    # Each candidate by itself: beside the person found, a second row of theirs is no relative.
    seen = (at_home / (1 + kin.sum(axis=1) + np.exp2(same.clip(-500, 500)))) @ kin
    return Relatives(seen, _expected(rows, look_up, model) * coverage)


def counted(model: Model, shipped: Model, seen: list[Relatives]) -> Model:
    """The model with the share of all shipped relatives that was found, at most all of them.

    One share for every kind: whether a register holds families does not depend on the kind, while a kind alone can be
    mistaken for damage that looks like it. (Counted apart and without bound, given names replaced in 9 % of all copies
    were taken for 0.9 twins a person.)
    """
    found = expected = _PRIOR
    for one in seen:
        found += float(one.found.sum())
        expected += sum(float(one.expected[kin]) * shipped.relatives[kin.name.lower()] for kin in _RELATIVES)
    share = min(found / expected, 1.0)
    return msgspec.structs.replace(
        model, relatives={name: float(f"{count * share:.4g}") for name, count in shipped.relatives.items()}
    )


def _advantage(
    rows: Compared, found: NDArray[np.int64], outcomes: NDArray[np.uint8], model: Model
) -> NDArray[np.float64]:
    """By pair and hypothesis, in bits: how much better than identity it explains what was seen, one relative each."""
    table = model.weights()
    table[_UNHEARD] = 0.0
    better: NDArray[np.float64] = outcomes[:, :LEVELS] @ (table - table[:, :1]) + model.relative_bits()
    better[:, Hypothesis.NAMESAKE] += _women(rows, found) * np.log2(model.namesake_women)
    better[:, Hypothesis.SAME] = -1000.0
    return better


def _expected(rows: Compared, look_up: LookUp, model: Model) -> NDArray[np.float64]:
    home = model.levels[Level.PLACE_HOUSE.name.lower()]
    asked, held = _housed(rows, look_up.asked), _housed(rows, look_up.held)
    expected = np.zeros(HYPOTHESES)
    for kin in _RELATIVES:
        expected[kin] = asked.sum() * held.mean() * (getattr(home, kin.name.lower()) or home.m)
    women = _women(rows, look_up.held).mean()
    expected[Hypothesis.NAMESAKE] *= 1 - women + women * model.namesake_women
    return expected


def _housed(rows: Compared, number: NDArray[np.int64]) -> NDArray[np.bool_]:
    records = rows.records[number]
    found: NDArray[np.bool_] = (records[:, POSTAL_CODE] > 0) & ((records[:, FLAGS] >> 16) & 0xFFFF > 0)
    return found


def _women(rows: Compared, number: NDArray[np.int64]) -> NDArray[np.bool_]:
    women: NDArray[np.bool_] = (rows.records[number, FLAGS] >> 8) & 3 == FEMALE
    return women
