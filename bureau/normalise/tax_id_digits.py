"""Plain tax ids of a whole column, compiled: digits and letters with ordinary punctuation, valid as they stand.

Whatever is neither plainly valid nor plainly wrong is left to ``documents.parse_tax_id``.
"""

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled

# Codes of TaxIdProblem (documents.py), as compiled code knows only numbers; a test holds them equal.
MISSING, CHECK_DIGITS = 1, 4
WIDTH = 14
_LEAST = 8  # fewer digits are never padded here; see documents


@compiled
def plain_tax_ids(
    data: NDArray[np.uint8], offsets: NDArray[np.int32], company: bool
) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.bool_]]:
    """(numbers, problem codes, rows left over); CPFs, or CNPJ bases in base 36 when ``company``."""
    rows = len(offsets) - 1
    numbers, problems, rest = np.zeros(rows, np.int64), np.zeros(rows, np.uint8), np.zeros(rows, np.bool_)
    values = np.zeros(WIDTH, np.int64)
    for row in range(rows):
        if offsets[row] == offsets[row + 1]:
            problems[row] = MISSING
            continue
        count = _read(data, offsets[row], offsets[row + 1], values)
        plain = count >= _LEAST and not _all_equal(values, count)
        if plain:
            numbers[row] = _cnpj_base(values, count) if company else _cpf(values, count)
        if numbers[row] == 0:
            wrong = plain and _full_length(values, count, company)
            problems[row], rest[row] = CHECK_DIGITS if wrong else 0, not wrong
    return numbers, problems, rest


@compiled
def tax_id_number(values: NDArray[np.int64], width: int) -> int:
    """The number of a tax id of full width (14 is a CNPJ), 0 when its check digits are wrong."""
    if _all_equal(values, width):
        return 0
    return _cnpj_base(values, width) if width == WIDTH else _cpf(values, width)


@compiled
def _full_length(values: NDArray[np.int64], count: int, company: bool) -> bool:
    """Digits only and as many as there should be, so that nothing but a check digit can be wrong."""
    digits = True
    for place in range(count):
        digits = digits and values[place] <= 9
    # 14 digits that begin with three zeros may be somebody's padded CPF.
    return digits and (count == WIDTH and values[0] + values[1] + values[2] > 0 if company else count == 11)


@compiled
def _read(data: NDArray[np.uint8], start: int, stop: int, values: NDArray[np.int64]) -> int:
    """Fill ``values`` (ASCII code less 48) and count them; -1 for a text that is not plain."""
    while start < stop and data[start] == 32:
        start += 1
    while start < stop and data[stop - 1] == 32:
        stop -= 1
    count, separators, run, dot = 0, 0, 0, False
    for place in range(start, stop):
        byte = data[place]
        if 97 <= byte <= 122:
            byte -= 32
        if 48 <= byte <= 57 or 65 <= byte <= 90:
            if count == WIDTH:
                return -1
            values[count] = np.int64(byte) - 48
            count, run = count + 1, run + 1
        elif byte in (39, 45, 46, 47):  # ' - . /
            separators, run, dot = separators + 1, 0, byte == 46
        else:
            return -1
    return -1 if separators == 1 and dot and run <= 2 else count  # 12345678909.0 is a number that was a float


@compiled
def _all_equal(values: NDArray[np.int64], count: int) -> bool:
    equal = 0
    for place in range(count):
        equal += values[place] == values[0]
    return equal == count


@compiled
def _cpf(values: NDArray[np.int64], count: int) -> int:
    """The number, 0 when its check digits (weights 10..2 and 11..2) are wrong or it has letters."""
    if count > 11:
        return 0
    number, first, second = 0, 0, 0
    for place in range(count):
        value, from_end = values[place], count - place  # 11 for the first of eleven digits
        if value > 9:
            return 0
        number = number * 10 + value
        first += value * (from_end - 1) if from_end > 2 else 0
        second += value * from_end if from_end > 1 else 0
    fits = first * 10 % 11 % 10 == values[count - 2] and second * 10 % 11 % 10 == values[count - 1]
    return number if fits else 0


@compiled
def _cnpj_base(values: NDArray[np.int64], count: int) -> int:
    """The base in base 36, 0 when its check digits are wrong; letters only in a number of full length."""
    base, first, second = 0, 0, 0
    for place in range(count):
        value, from_end = values[place], count - place
        if value > 9 and (count < WIDTH or from_end <= 2):
            return 0
        if from_end > 2:
            base = base * 36 + (value if value <= 9 else value - 7)
            first += value * ((from_end - 3) % 8 + 2)
        if from_end > 1:
            second += value * ((from_end - 2) % 8 + 2)
    fits = _check_digit(first) == values[count - 2] and _check_digit(second) == values[count - 1]
    return base if fits else 0


@compiled
def _check_digit(total: int) -> int:
    remainder = total % 11
    return 0 if remainder < 2 else 11 - remainder
