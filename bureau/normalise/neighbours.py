"""Valid tax ids one slip away from what was typed: check digits make a typing error correctable."""

import re

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.normalise.tax_id_digits import WIDTH, tax_id_number

_CPF_WIDTH = 11
_DIGITS, _CHARACTERS = 10, 36


def cpf_neighbours(text: str) -> tuple[int, ...]:
    """CPFs one error away from ``text``: one digit wrong, two adjacent ones swapped, one missing, one too many.

    On average 1.3 for a number with one wrong digit. What was typed is not among them, valid or not.
    """
    return _neighbours(re.sub("[^0-9]", "", text), _CPF_WIDTH, _DIGITS)


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
