"""Verdicts on whole columns of phones, as small codes; a property test holds them equal to ``check_phone``."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled
from bureau.deliverability.phone.reasons import JUDGEMENTS, Reason
from bureau.model.answer import VerdictStatus
from bureau.normalise import phone_digits
from bureau.normalise.phones import PhoneProblem

REASONS: tuple[Reason, ...] = tuple(Reason)
"""Reason of each code."""

STATUSES: tuple[VerdictStatus, ...] = tuple(JUDGEMENTS[reason].status for reason in REASONS)
"""Status of each reason code."""

_OF_PROBLEM = np.array(
    [0, *(REASONS.index(Reason("not_a_number" if p is PhoneProblem.MISSING else p.value)) for p in PhoneProblem)],
    np.uint8,
)
_WELL_FORMED, _NINTH, _LEGACY, _UNASSIGNED = (
    REASONS.index(reason)
    for reason in (Reason.WELL_FORMED, Reason.NINTH_DIGIT_ADDED, Reason.LEGACY_TRUNK, Reason.ASSIGNED_RANGE_UNKNOWN)
)


class PhoneCodes(NamedTuple):
    """``numbers`` are national numbers after repair, 0 where there is none; ``reasons`` index :data:`REASONS`."""

    numbers: NDArray[np.int64]
    reasons: NDArray[np.uint8]


def check_numbers(numbers: NDArray[np.int64]) -> PhoneCodes:
    """Judge national numbers, such as a snapshot's claim values; 0 is "no number"."""
    found = np.zeros(len(numbers), np.int64)
    reasons = np.zeros(len(numbers), np.uint8)
    _check(numbers, phone_digits.area_code_table(), _OF_PROBLEM, found, reasons)
    return PhoneCodes(found, reasons)


@compiled
def _check(
    numbers: NDArray[np.int64],
    areas: NDArray[np.bool_],
    of_problem: NDArray[np.uint8],
    found: NDArray[np.int64],
    reasons: NDArray[np.uint8],
) -> None:
    for row in range(len(numbers)):
        value, count = max(numbers[row], 0), 0
        rest = value
        while rest:
            rest, count = rest // 10, count + 1
        if count > 18:
            reasons[row] = of_problem[phone_digits.TOO_LONG]
            continue
        number, problem, repairs = phone_digits.national(value, count, False, 0, areas)
        found[row] = number
        if problem:
            reasons[row] = of_problem[problem]
        elif repairs & phone_digits.LEGACY:
            reasons[row] = _LEGACY
        elif number >= 10_000_000_000 and number // 10_000_000 % 10 <= 4:
            reasons[row] = _UNASSIGNED
        elif repairs & phone_digits.NINTH:
            reasons[row] = _NINTH
        else:
            reasons[row] = _WELL_FORMED
