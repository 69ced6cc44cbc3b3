"""Valid tax ids one slip away from what was typed: check digits make a typing error correctable."""

import re
from collections.abc import Iterator

import numpy as np

from bureau.normalise.tax_id_digits import WIDTH, valid_tax_ids

_DIGITS = "0123456789"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def cpf_neighbours(text: str) -> tuple[int, ...]:
    """CPFs one error away from ``text``: one digit wrong, two adjacent ones swapped, one missing, one too many.

    On average 1.3 for a number with one wrong digit. What was typed is not among them, valid or not.
    """
    typed = re.sub("[^0-9]", "", text)
    return _valid(_slips(typed, 11, _DIGITS), 11)


def cnpj_neighbours(text: str) -> tuple[int, ...]:
    """As :func:`cpf_neighbours`, for CNPJs. Letters are only tried when ``text`` itself has one."""
    typed = re.sub("[^0-9A-Z]", "", text.upper())
    alphabet = _DIGITS if typed.isdecimal() else _DIGITS + _LETTERS
    return _valid(_slips(typed, WIDTH, alphabet), WIDTH)


def _valid(slips: Iterator[str], width: int) -> tuple[int, ...]:
    """Those with right check digits: two in a hundred, so they are told apart in compiled code."""
    spelled = np.frombuffer("".join(slips).encode("ascii"), np.uint8).reshape(-1, width)
    numbers = valid_tax_ids(spelled, company=width == WIDTH)
    return tuple(sorted(set(numbers[numbers > 0].tolist())))


def _slips(typed: str, width: int, alphabet: str) -> Iterator[str]:
    if len(typed) == width:
        for place, was in enumerate(typed):
            yield from (typed[:place] + c + typed[place + 1 :] for c in alphabet if c != was)
        for place in range(width - 1):
            if typed[place] != typed[place + 1]:
                yield typed[:place] + typed[place + 1] + typed[place] + typed[place + 2 :]
    elif len(typed) == width - 1:
        for place in range(width):
            yield from (typed[:place] + c + typed[place:] for c in alphabet)
    elif len(typed) == width + 1:
        yield from (typed[:place] + typed[place + 1 :] for place in range(width + 1))
