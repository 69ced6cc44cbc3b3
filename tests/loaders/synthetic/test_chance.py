import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from loaders.synthetic.chance import Bijection, Weighted, hashed, some


@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, 40))
def test_a_bijection_keeps_numbers_apart(seed: int, high: int, low: int) -> None:
    image = Bijection([seed], high, low)(np.arange(high * low))
    assert list(range(high * low)) == sorted(image.tolist())


def test_neighbours_are_scattered() -> None:
    steps = np.diff(Bijection([1], 1_000, 1_000)(np.arange(1_000)))
    assert len(set(steps.tolist())) > 900


@given(st.lists(st.lists(st.sampled_from([0.0, 1.0, 5.0]), min_size=4, max_size=4), min_size=1, max_size=5))
def test_draws_stay_in_their_group_and_never_hit_weight_zero(weights: list[list[float]]) -> None:
    weights = [row if any(row) else [1.0, 0, 0, 0] for row in weights]
    groups = np.repeat(np.arange(len(weights)), 50)
    found = Weighted(weights).draw(np.random.default_rng(1), groups)
    assert all(weights[group][row] > 0 for group, row in zip(groups.tolist(), found.tolist(), strict=True))


def test_draws_follow_the_weights() -> None:
    found = Weighted([[1, 3], [9, 1]]).draw(np.random.default_rng(2), np.repeat([0, 1], 20_000))
    assert abs(0.75 - found[:20_000].mean()) < 0.02
    assert abs(0.10 - found[20_000:].mean()) < 0.02


def test_hashes_are_stable_and_depend_on_every_key() -> None:
    one, two = np.arange(1_000), np.zeros(1_000, dtype=np.int64)
    assert hashed(one, two).tolist() == hashed(one, two).tolist()
    assert 1_000 == len(set(hashed(one, two).tolist()))
    assert not set(hashed(one, two).tolist()) & set(hashed(one, two + 1).tolist())
    assert (hashed(one, two) >= 0).all()


def test_some_takes_its_share() -> None:
    assert abs(0.3 - some(np.random.default_rng(3), 20_000, 0.3).mean()) < 0.02
