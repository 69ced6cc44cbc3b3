"""Tax ids: valid, unique, and distributed as the real ones are (IN RFB 2.229/2024 for CNPJs with letters)."""

import numpy as np

from bureau.reference.places import states
from loaders.synthetic.chance import Bijection, Generator, Ints, Mask
from loaders.synthetic.lettering import Letters, digits

# The states of fiscal region 0, 1, … 9: the ninth digit of a CPF tells where it was first registered.
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
_SAME_REGION = 0.87  # plus the one in ten that agrees by chance: 88 % live in the state of registration

_ROOT_LETTERS = np.frombuffer(b"0123456789ABCDEGHJKLMNPRSTUVWXYZ", dtype=np.uint8)  # Receita advises against I O Q F
_CNPJ_WEIGHTS = np.array([6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])


class CpfRegister:
    """Issues CPFs: the same running number always gets the same serial, and no two share one.

    30 % of the serials begin with 0, as 30.3 % of the real ones do.
    """

    def __init__(self, seed: int) -> None:
        self._low = Bijection([seed, 101], 1_000, 10_000)
        self._high = Bijection([seed, 102], 9_000, 10_000)
        region = {state: digit for digit, group in enumerate(_REGIONS) for state in group.split()}
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


def company_roots(number: Ints, permutation: Bijection, with_letters: Mask) -> Letters:
    """Eight root characters of each company, unique; those ``with_letters`` begin with one."""
    roots = digits(permutation(number), 8)
    # The first and the last four characters spell the number: an odd factor scatters it and loses nothing.
    window, rest = np.divmod(number, 32**4)
    rest = rest * 7_368_787 % 32**4
    for column in range(7, 3, -1):
        rest, character = np.divmod(rest, 32)
        roots[with_letters, column] = _ROOT_LETTERS[character[with_letters]]
    roots[with_letters, 0] = _ROOT_LETTERS[10 + window[with_letters] % 22]
    return roots


def cnpj_check_digits(base: Letters) -> Letters:
    """The two check digits of twelve base characters: value is ASCII - 48, weights 2…9 from the right, mod 11."""
    values = base.astype(np.int64) - 48
    for first in (1, 0):
        rest = values @ _CNPJ_WEIGHTS[first:] % 11
        values = np.column_stack([values, np.where(rest < 2, 0, 11 - rest)])
    return (values[:, 12:] + 48).astype(np.uint8)
