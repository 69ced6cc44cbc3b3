"""Weighted draws, random-looking bijections and hashes, vectorised."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Generator = np.random.Generator


class Weighted:
    """Draws of a row number, each group of rows with weights of its own (one group unless a matrix is given).

    All groups lie on one cumulative line, group g on [g, g + 1), so that a draw for any mix of groups is one search.
    """

    def __init__(self, weights: ArrayLike) -> None:
        matrix = np.atleast_2d(np.asarray(weights, dtype=np.float64))
        self._width = matrix.shape[1]
        shares = np.cumsum(matrix, axis=1)
        shares /= shares[:, -1:]
        self._line = (shares + np.arange(len(matrix))[:, None]).ravel()

    def draw(self, rng: Generator, groups: Ints) -> Ints:
        """One row for each entry of ``groups``."""
        return self.pick(rng.random(groups.shape), groups)

    def pick(self, chance: Floats, groups: Ints) -> Ints:
        """The row at each ``chance`` (0 to 1) of its group."""
        found = np.searchsorted(self._line, chance + groups, side="right") - groups * self._width
        result: Ints = np.minimum(found, self._width - 1)
        return result

    def sample(self, rng: Generator, count: int) -> Ints:
        """``count`` rows of the only group."""
        return self.draw(rng, np.zeros(count, dtype=np.int64))


class Bijection:
    """A seeded permutation of ``range(high * low)``: unequal numbers stay unequal, neighbours are scattered.

    A Feistel network with modular addition over the two "digits" of the number; six rounds.
    """

    def __init__(self, seed: list[int], high: int, low: int) -> None:
        rng = np.random.default_rng(seed)
        self._high, self._low = high, low
        self._of_high = rng.integers(0, low, (3, high))
        self._of_low = rng.integers(0, high, (3, low))

    def __call__(self, numbers: Ints) -> Ints:
        left, right = np.divmod(numbers, self._low)
        for of_high, of_low in zip(self._of_high, self._of_low, strict=True):
            right = (right + of_high[left]) % self._low
            left = (left + of_low[right]) % self._high
        result: Ints = left * self._low + right
        return result


def hashed(*keys: Ints) -> Ints:
    """A non-negative hash of equally long keys: stable facts about a place without storing them (as in splitmix64)."""
    state = np.zeros(len(keys[0]), dtype=np.uint64)
    for key in keys:
        state = (state ^ key.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
        state ^= state >> np.uint64(32)
    return (state >> np.uint64(2)).astype(np.int64)


def chances(*keys: Ints) -> Floats:
    """Numbers between 0 and 1 that look random and follow from the keys."""
    result: Floats = np.ldexp((hashed(*keys) >> 9).astype(np.float64), -53)
    return result


def some(rng: Generator, count: int, share: float | Floats) -> Mask:
    """A mask of which ``share`` is true."""
    result: Mask = rng.random(count) < share
    return result
