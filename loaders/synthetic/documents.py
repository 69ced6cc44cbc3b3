"""Tax ids: valid, unique, and distributed as the real ones are."""

import numpy as np

from bureau.reference.places import states
from loaders.synthetic.chance import Bijection, Generator, Ints
from loaders.synthetic.lettering import Letters, digits

# Ninth digit of a CPF: the fiscal region of first registration (facts: 88 % agree with the state of residence).
_REGIONS = (
    "RS",
    "DF GO MS MT TO",
    "AC AM AP PA RO RR",
    "CE MA PI",
    "AL PB PE RN",
    "BA SE",
    "MG",
    "ES RJ",
    "SP",
    "PR SC",
)
_SAME_REGION = 0.88

_ROOT_LETTERS = np.frombuffer(b"0123456789ABCDEGHJKLMNPRSTUVWXYZ", dtype=np.uint8)  # Receita advises against I O Q F
_CNPJ_WEIGHTS = np.array([6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])


class CpfRegister:
    """Issues CPFs: the same running number always gets the same serial, and no two share one.

    30 % of the serials begin with 0, as 30.3 % of the real ones do.
    """

    def __init__(self, seed: int) -> None:
        self._low = Bijection([seed, 101], 1_000, 10_000)
        self._high = Bijection([seed, 102], 9_000, 10_000)
        region = {uf: digit for digit, ufs in enumerate(_REGIONS) for uf in ufs.split()}
        self._region_of = np.array([region[state.abbreviation] for state in states()])

    def issue(self, rng: Generator, number: Ints, state: Ints) -> Ints:
        """CPFs for running numbers of people first registered in a state (row of ``states()``)."""
        tens, unit = np.divmod(number, 10)
        low = self._low(np.where(unit < 3, tens * 3 + unit, 0))
        high = 10_000_000 + self._high(np.where(unit < 3, 0, tens * 7 + unit - 3))
        serial = np.where(unit < 3, low, high)
        elsewhere = rng.random(len(number)) >= _SAME_REGION
        region = np.where(elsewhere, rng.integers(0, 10, len(number)), self._region_of[state])
        return with_check_digits(serial * 10 + region)


def with_check_digits(base: Ints) -> Ints:
    """CPFs of nine-digit bases: weights 10…2 and 11…2, (sum · 10 mod 11) mod 10."""
    result = base
    for width in (9, 10):
        total = (digits(result, width).astype(np.int64) - 48) @ np.arange(width + 1, 1, -1)
        result = result * 10 + total * 10 % 11 % 10
    return result


def company_roots(number: Ints, permutation: Bijection, alphanumeric: np.ndarray) -> Letters:
    """Eight root characters of each company, unique; ``alphanumeric`` ones carry letters (IN RFB 2.229/2024)."""
    roots = digits(permutation(number), 8)
    rest = number * 7_368_787 % 32**4  # scattered, and different for different numbers up to a million
    for column in range(7, 3, -1):
        rest, character = np.divmod(rest, 32)
        roots[alphanumeric, column] = _ROOT_LETTERS[character[alphanumeric]]
    first = _ROOT_LETTERS[10 + number // 32**4 % 22]
    roots[alphanumeric, 0] = first[alphanumeric]
    return roots


def cnpj_check_digits(base: Letters) -> Letters:
    """The two check digits of twelve base characters: value is ASCII − 48, weights 2…9 from the right, mod 11."""
    values = base.astype(np.int64) - 48
    for first in (1, 0):
        rest = values @ _CNPJ_WEIGHTS[first:] % 11
        values = np.column_stack([values, np.where(rest < 2, 0, 11 - rest)])
    return (values[:, 12:] + 48).astype(np.uint8)
