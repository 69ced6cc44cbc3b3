"""Valid tax ids one slip away from what was typed: check digits make a typing error correctable."""

import re

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.normalise.tax_id_digits import WIDTH, tax_id_number

CPF_DIGITS = 11
_DIGITS, _CHARACTERS = 10, 36


def cpf_neighbours(text: str) -> tuple[int, ...]:
    """CPFs one error away from ``text``: one digit wrong, two adjacent ones swapped, one missing, one too many.

    On average 1.3 for a number with one wrong digit. What was typed is not among them, valid or not.
    """
    return _neighbours(re.sub("[^0-9]", "", text), CPF_DIGITS, _DIGITS)


def cnpj_neighbours(text: str) -> tuple[int, ...]:
    """As :func:`cpf_neighbours`, for CNPJs. Letters are only tried when ``text`` itself has one."""
    typed = re.sub("[^0-9A-Z]", "", text.upper())
    return _neighbours(typed, WIDTH, _DIGITS if typed.isdecimal() else _CHARACTERS)


def _neighbours(typed: str, width: int, alphabet: int) -> tuple[int, ...]:
    if abs(len(typed) - width) > 1:
        return ()
    values = np.frombuffer(typed.encode("ascii"), np.uint8).astype(np.int64) - 48
    return tuple(_slips(values, width, alphabet).tolist())


@compiled
def _slips(typed: NDArray[np.int64], width: int, alphabet: int) -> NDArray[np.int64]:
    """The valid numbers among all slips, ascending, each once; ``typed`` in ASCII codes less 48."""
    found, count = np.zeros(width * (alphabet + 1), np.int64), 0
    slip = np.zeros(width, np.int64)
    for place in range(max(width, len(typed))):
        if len(typed) > width:  # one too many
            slip[:place], slip[place:] = typed[:place], typed[place + 1 :]
            count = _keep(slip, found, count)
            continue
        missing = width - len(typed)
        slip[:place], slip[place + 1 :] = typed[:place], typed[place + 1 - missing :]
        for choice in range(alphabet):
            slip[place] = choice if choice < 10 else choice + 7  # seven characters lie between digits and letters
            if missing or slip[place] != typed[place]:
                count = _keep(slip, found, count)
        if not missing and place + 1 < width and typed[place] != typed[place + 1]:
            slip[place], slip[place + 1] = typed[place + 1], typed[place]
            count = _keep(slip, found, count)
    return np.unique(found[:count])


@compiled
def _keep(slip: NDArray[np.int64], found: NDArray[np.int64], count: int) -> int:
    found[count] = number = tax_id_number(slip, len(slip))
    return count + 1 if number else count


def near_cpfs(broken: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(offsets, CPFs): the columnar form of :func:`cpf_neighbours`. A broken CPF is written as a number with a 1 before
    its digits, which keeps the zeros that it begins with; 0 is none."""
    return _near_each(broken)


@compiled
def _near_each(broken: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    offsets, total = np.zeros(len(broken) + 1, np.int64), 0
    found = np.zeros(64, np.int64)
    for row in range(len(broken)):
        near = _slips_of(broken[row])
        if total + len(near) > len(found):
            found = np.concatenate((found, np.zeros(len(found) + len(near), np.int64)))
        found[total : total + len(near)] = near
        total += len(near)
        offsets[row + 1] = total
    return offsets, found[:total].copy()


@compiled
def is_slip(broken: int, tax_id: int) -> bool:
    """Whether a CPF is one error away from a broken one, written as for :func:`near_cpfs`."""
    for near in _slips_of(broken):  # noqa: SIM110  # a compiled loop
        if near == tax_id:
            return True
    return False


@compiled
def _slips_of(number: int) -> NDArray[np.int64]:
    """Of the digits behind the leading 1; none where they are too few or too many."""
    digits, count = np.zeros(CPF_DIGITS + 1, np.int64), 0
    while number > 1 and count < len(digits):
        digits[count] = number % 10
        number //= 10
        count += 1
    if number != 1 or count < CPF_DIGITS - 1:
        return digits[:0].copy()
    return _slips(digits[:count][::-1].copy(), CPF_DIGITS, _DIGITS)
