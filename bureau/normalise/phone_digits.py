"""The digits of a dialled number → national number: integer arithmetic only, shared by the scalar and the column.

A number is its digits read as one integer and how many they are (leading zeros count). Prefixes are taken off until
an area code and a subscriber number, or a subscriber number alone, is left.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.reference.places import area_codes

COUNTRY, COLLECT, TRUNK, CARRIER, DUPLICATE, AREA, NINTH, LEGACY = 1, 2, 4, 8, 16, 32, 64, 128

REPAIRS = {
    COUNTRY: "country_code_removed",
    COLLECT: "collect_prefix_removed",
    TRUNK: "trunk_zero_removed",
    CARRIER: "carrier_code_removed",
    DUPLICATE: "duplicate_area_code_removed",
    AREA: "area_code_added",
    NINTH: "ninth_digit_added",
    LEGACY: "legacy_trunk",  # an old number starting with 7 may have been trunking radio, never moved to nine digits
}
"""Bit of the repair mask → name, in the order in which they are reported."""

# Codes of PhoneProblem (phones.py), written out because compiled code knows only numbers; a test holds them equal.
MISSING, NOT_A_NUMBER, TOO_SHORT, TOO_LONG, BAD_DDD, MISSING_DDD, BAD_FIRST_DIGIT = 1, 2, 3, 4, 5, 6, 7
NON_GEOGRAPHIC, EMERGENCY_OR_SERVICE, REPEATED_DIGITS, SEQUENTIAL, FOREIGN = 8, 9, 10, 11, 12

MOST_DIGITS = 18  # what an int64 holds


@cache
def area_code_table() -> NDArray[np.bool_]:
    """Whether each number 0..99 is an area code."""
    table = np.zeros(100, np.bool_)
    table[list(area_codes())] = True
    return table


@compiled
def national(
    value: int, count: int, international: bool, default_ddd: int, table: NDArray[np.bool_]
) -> tuple[int, int, int]:
    """(national number, problem code, repair mask); the number is 0 when there is a problem.

    ``international`` says that a plus led the number; ``default_ddd`` is the area code to assume, 0 for none.
    """
    start = count
    count = _significant(value, count)
    zeros, mask = start - count, 0
    if international and zeros == 0:
        if count < 10 or value // 10 ** (count - 2) != 55:
            return 0, FOREIGN, 0
        value, count = value % 10 ** (count - 2), count - 2
    while count >= 12 and value // 10 ** (count - 2) == 55:
        value, count, mask = value % 10 ** (count - 2), count - 2, COUNTRY
    start = count
    count = _significant(value, count)
    if start > count or (zeros and not mask):
        mask |= TRUNK
    if value == 0:
        return 0, MISSING, 0
    value, count, more = _without_prefix(value, count, mask & TRUNK > 0, table)
    mask = (mask & ~TRUNK if more & CARRIER else mask) | more
    number, problem, last = _plain(value, count, default_ddd if 0 < default_ddd < 100 else 0, table)
    if zeros > 1 and not mask & COUNTRY and problem in (TOO_LONG, BAD_DDD, BAD_FIRST_DIGIT):
        problem = FOREIGN
    return number, problem, 0 if problem else mask | last


@compiled
def _significant(value: int, count: int) -> int:
    """How many digits are left without leading zeros."""
    while count > 0 and value // 10 ** (count - 1) == 0:
        count -= 1
    return count


@compiled
def _without_prefix(value: int, count: int, trunk: bool, table: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Collect-call prefix, carrier code and doubled area code taken off; ``trunk`` says that a zero came before."""
    mask = 0
    if count >= 12 and value // 10 ** (count - 2) == 90:
        local = count <= 13 and value // 10 ** (count - 4) == 9090
        taken = 4 if local or count >= 14 else 2
        value, count, mask = value % 10 ** (count - taken), count - taken, COLLECT
    if count in (12, 13):
        first, second = value // 10 ** (count - 2), value // 10 ** (count - 4) % 100
        doubled = table[first] and first == second
        if doubled or trunk or (_is_carrier(first) and table[second]):
            value, count, mask = value % 10 ** (count - 2), count - 2, mask | (DUPLICATE if doubled else CARRIER)
    return value, count, mask


@compiled
def _is_carrier(code: int) -> bool:
    """Codes that long-distance carriers have had (Anatel's list of CSP)."""
    return code in (12, 13, 14, 15, 17, 21, 23, 24, 25, 26, 27, 29, 31, 32, 34, 35, 36, 37, 41, 42, 43, 45, 46, 49, 91)


@compiled
def _is_shared_cost(value: int, count: int) -> bool:
    """0800, 0300, 0303, 0500 and 0900 with six or seven digits more, their zero already gone."""
    return count in (9, 10) and value // 10 ** (count - 3) in (300, 303, 500, 800, 900)


@compiled
def _plain(value: int, count: int, default_ddd: int, table: NDArray[np.bool_]) -> tuple[int, int, int]:
    """A number without prefixes: area code and subscriber, or the subscriber alone."""
    mask, problem = 0, _local_problem(value, count, table) if count <= 9 else 0
    if count <= 9 and problem == 0:
        problem = 0 if table[default_ddd] else MISSING_DDD
        value, count, mask = default_ddd * 10**count + value, count + 2, AREA
    if problem == 0:
        problem = _whole_problem(value, count, table)
    if problem:
        return 0, problem, 0
    ddd, subscriber = value // 10 ** (count - 2), value % 10 ** (count - 2)
    if count == 10 and subscriber >= 60_000_000:
        mask |= NINTH | (LEGACY if subscriber // 10_000_000 == 7 else 0)
        value = ddd * 10**9 + 900_000_000 + subscriber
    return value, 0, mask


@compiled
def _local_problem(value: int, count: int, table: NDArray[np.bool_]) -> int:
    """What is wrong with a number of up to nine digits, apart from having no area code."""
    first = value // 10 ** (count - 1)
    if count < 8:
        service = count == 3 or (3 < count <= 5 and first == 1)
        return EMERGENCY_OR_SERVICE if service else TOO_SHORT
    if _is_shared_cost(value, count) or (count == 8 and (value // 10**5 in (300, 400) or value // 10**4 == 4020)):
        return NON_GEOGRAPHIC
    if count == 9 and first != 9:
        return TOO_SHORT if table[value // 10**7] else BAD_FIRST_DIGIT  # area code and seven digits: before 2006
    return _subscriber_problem(value, count)


@compiled
def _whole_problem(value: int, count: int, table: NDArray[np.bool_]) -> int:
    """What is wrong with an area code and subscriber number."""
    if _is_shared_cost(value, count):
        return NON_GEOGRAPHIC
    if count > 11:
        return TOO_LONG
    if not table[value // 10 ** (count - 2)]:
        return BAD_DDD
    return _subscriber_problem(value % 10 ** (count - 2), count - 2)


@compiled
def _subscriber_problem(subscriber: int, count: int) -> int:
    """What is wrong with the 8 or 9 digits after the area code."""
    last = subscriber % 10**8
    pair = last // 10**6
    if last == pair * 1_010_101:
        return REPEATED_DIGITS  # 2136363636 stands in the company register; a real one is a chance in a million
    if last in (1_234_567, 12_345_678, 23_456_789):
        return SEQUENTIAL
    first = subscriber // 10 ** (count - 1)
    if count == 9 and first != 9:
        return TOO_LONG if first >= 2 else BAD_FIRST_DIGIT
    if count == 8 and first < 2:
        return BAD_FIRST_DIGIT
    if count == 8 and subscriber // 10**4 in (3003, 4003, 4004, 4020):
        return NON_GEOGRAPHIC  # national access numbers; libphonenumber takes them for landlines
    return 0


@compiled
def national_column(
    data: NDArray[np.uint8], offsets: NDArray[np.int32], default_ddds: NDArray[np.int64], table: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.uint8], NDArray[np.bool_]]:
    """(numbers, problem codes, rows with anything but digits and plain punctuation: for the scalar function)."""
    rows = len(offsets) - 1
    numbers, problems, odd = np.zeros(rows, np.int64), np.zeros(rows, np.uint8), np.zeros(rows, np.bool_)
    for row in range(rows):
        if offsets[row] == offsets[row + 1]:
            problems[row] = MISSING
            continue
        value, count, run, head, plus = 0, 0, 0, True, False
        for place in range(offsets[row], offsets[row + 1]):
            byte = data[place]
            if 48 <= byte <= 57 and count < MOST_DIGITS:
                value, count, run, head = value * 10 + (byte - 48), count + 1, run + 1, False
                continue
            if byte == 43:  # +
                plus = plus or head
            elif (byte == 46 and run >= 8) or byte not in (32, 40, 41, 45, 46):  # a decimal point, perhaps
                odd[row] = True
            head, run = head and byte in (32, 40), 0
        if odd[row] or count < 8:
            odd[row] = True
            continue
        default = default_ddds[row if len(default_ddds) > 1 else 0]
        numbers[row], problems[row], _ = national(value, count, plus, default, table)
    return numbers, problems, odd
