import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bureau.population.wanted import are_wanted, none_wanted, want

KEYS = st.lists(st.integers(0, 2**64 - 1), max_size=50)


@given(KEYS, st.integers(0, 200))
def test_whatever_is_wanted_is_found(keys: list[int], expected: int) -> None:
    wanted = none_wanted(expected)
    want(wanted, np.array(keys, np.uint64))
    assert [True] * len(keys) == are_wanted(wanted, np.array(keys, np.uint64)).tolist()


def test_little_else_is_found() -> None:
    draw = np.random.default_rng(1)
    keys, others = (draw.integers(0, 2**64 - 1, 10_000, np.uint64) for _ in range(2))
    wanted = none_wanted(len(keys))
    assert 0 == are_wanted(wanted, others).sum()
    want(wanted, keys)
    assert 0.125 > are_wanted(wanted, others).mean() > 0
