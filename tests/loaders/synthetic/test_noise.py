from datetime import date, timedelta

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from loaders.synthetic.noise import Wear, mistyped, with_typos, worn_names, wrong_births
from loaders.synthetic.population import Block, World

NO_WEAR = Wear(0, 0, 0, 0, 0)


@given(st.integers(0, 2**32), st.text("ABCEJKLMSZ ", min_size=1, max_size=20))
def test_a_typo_is_one_slip_away(seed: int, text: str) -> None:
    slip = mistyped(np.random.default_rng(seed), text)
    assert 1 == OSA.distance(text, slip)
    assert slip == slip.upper()


def test_only_a_share_of_the_texts_is_mistyped_and_nulls_stay() -> None:
    texts = pa.array(["MARIA DA SILVA", None] * 10_000)
    found = with_typos(np.random.default_rng(1), texts, 0.05)
    assert 10_000 == found.null_count
    wrong = sum(a != b for a, b in zip(texts.to_pylist(), found.to_pylist(), strict=True))
    assert abs(0.05 - wrong / 10_000) < 0.01


@given(st.integers(0, 2**32), st.lists(st.dates(date(1930, 1, 1), date(2026, 1, 1)), min_size=1, max_size=50))
def test_wrong_births_are_real_dates_near_the_true_one(seed: int, births: list[date]) -> None:
    days = np.array([(birth - date(1970, 1, 1)).days for birth in births])
    for true, found in zip(births, wrong_births(np.random.default_rng(seed), days, 1.0).tolist(), strict=True):
        written = date(1970, 1, 1) + timedelta(days=found)
        same = [true.year == written.year, true.month == written.month, true.day == written.day]
        assert any(same)
        assert abs(true.year - written.year) <= 10


def test_the_right_share_of_births_is_wrong() -> None:
    days = np.arange(20_000) % 9_000
    assert abs(0.02 - (days != wrong_births(np.random.default_rng(1), days, 0.02)).mean()) < 0.005


def test_without_wear_names_are_as_they_were(world: World, block: Block) -> None:
    units = block.families.names(block.people, np.full(len(block.people), world.today))
    assert (units == worn_names(np.random.default_rng(1), world.stock, units, NO_WEAR)).all()


def test_wear_touches_what_it_names(world: World, block: Block) -> None:
    units = block.families.names(block.people, np.full(len(block.people), world.today))
    rng = np.random.default_rng(1)
    bare = world.stock.written(worn_names(rng, world.stock, units, NO_WEAR._replace(bare=1.0))[:, 2:6]).to_pylist()
    assert not any(" DA " in name or " DOS " in name for name in bare)
    abbreviated = worn_names(rng, world.stock, units, NO_WEAR._replace(abbreviated=1.0))
    assert (units[:, [0, 5, 6]] == abbreviated[:, [0, 5, 6]]).all()
    middle = world.stock.written(abbreviated[:, 1:5]).to_pylist()
    assert all(len(token) == 1 for name in middle if name for token in name.split())
    assert not worn_names(rng, world.stock, units, NO_WEAR._replace(unsuffixed=1.0))[:, 6].any()
