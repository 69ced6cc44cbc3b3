"""Every reason a phone verdict can have. Plain data.

``valid`` says that the number can be a personal line, not that somebody answers it: only a live source or a call can
tell. ``confidence`` is the probability that the status is right (*assumed* until outcomes calibrate it).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

import msgspec

from bureau.model.answer import Action, VerdictStatus


class Reason(StrEnum):
    """Machine-readable and stable; the order is the code of columnar verdicts."""

    WELL_FORMED = "well_formed"
    NINTH_DIGIT_ADDED = "ninth_digit_added"
    LANDLINE_IN_MOBILE_FIELD = "landline_in_mobile_field"
    LEGACY_TRUNK = "legacy_trunk"
    ASSIGNED_RANGE_UNKNOWN = "assigned_range_unknown"
    FOREIGN = "foreign"
    MISSING_DDD = "missing_ddd"
    NOT_A_NUMBER = "not_a_number"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    BAD_DDD = "bad_ddd"
    BAD_FIRST_DIGIT = "bad_first_digit"
    NON_GEOGRAPHIC = "non_geographic"
    EMERGENCY_OR_SERVICE = "emergency_or_service"
    REPEATED_DIGITS = "repeated_digits"
    SEQUENTIAL = "sequential"
    ACTIVE = "active"
    INACTIVE = "inactive"
    ABSENT = "absent"
    PORTED = "ported"
    WRONG_PERSON = "wrong_person"
    SUPPRESSED_COMPLAINT = "suppressed_complaint"
    SUPPRESSED_OPT_OUT = "suppressed_opt_out"
    SUPPRESSED_LEGAL = "suppressed_legal"


class Judgement(msgspec.Struct, frozen=True):
    status: VerdictStatus
    action: Action
    confidence: float


_VALID, _INVALID, _UNKNOWN = VerdictStatus.VALID, VerdictStatus.INVALID, VerdictStatus.UNKNOWN

JUDGEMENTS: Mapping[Reason, Judgement] = MappingProxyType(
    {
        Reason.WELL_FORMED: Judgement(_VALID, Action.SEND, 0.9),
        Reason.NINTH_DIGIT_ADDED: Judgement(_VALID, Action.SEND, 0.85),
        Reason.LANDLINE_IN_MOBILE_FIELD: Judgement(_VALID, Action.SEND_WITH_CARE, 0.8),  # no SMS, no WhatsApp
        Reason.LEGACY_TRUNK: Judgement(
            _UNKNOWN, Action.SEND_WITH_CARE, 0.4
        ),  # trunking radio kept eight digits and died
        Reason.ASSIGNED_RANGE_UNKNOWN: Judgement(_UNKNOWN, Action.SEND_WITH_CARE, 0.3),
        Reason.FOREIGN: Judgement(_UNKNOWN, Action.RECHECK, 0.5),
        Reason.MISSING_DDD: Judgement(_UNKNOWN, Action.RECHECK, 0.5),  # a number all right, but nobody's in particular
        Reason.NOT_A_NUMBER: Judgement(_INVALID, Action.DO_NOT_SEND, 0.999),
        Reason.TOO_SHORT: Judgement(_INVALID, Action.DO_NOT_SEND, 0.99),
        Reason.TOO_LONG: Judgement(_INVALID, Action.DO_NOT_SEND, 0.99),
        Reason.BAD_DDD: Judgement(_INVALID, Action.DO_NOT_SEND, 0.99),
        Reason.BAD_FIRST_DIGIT: Judgement(_INVALID, Action.DO_NOT_SEND, 0.98),
        Reason.NON_GEOGRAPHIC: Judgement(_INVALID, Action.DO_NOT_SEND, 0.99),  # a company's switchboard, not a person
        Reason.EMERGENCY_OR_SERVICE: Judgement(_INVALID, Action.DO_NOT_SEND, 0.999),
        Reason.REPEATED_DIGITS: Judgement(_INVALID, Action.DO_NOT_SEND, 0.97),
        Reason.SEQUENTIAL: Judgement(_INVALID, Action.DO_NOT_SEND, 0.95),
        Reason.ACTIVE: Judgement(_VALID, Action.SEND, 0.98),
        Reason.INACTIVE: Judgement(_INVALID, Action.DO_NOT_SEND, 0.95),
        Reason.ABSENT: Judgement(_VALID, Action.SEND_WITH_CARE, 0.9),  # switched off just now: the line exists
        Reason.PORTED: Judgement(_VALID, Action.SEND, 0.95),
        Reason.WRONG_PERSON: Judgement(_VALID, Action.DO_NOT_SEND, 0.9),  # the line is fine, it is just not theirs
        Reason.SUPPRESSED_COMPLAINT: Judgement(_VALID, Action.DO_NOT_SEND, 1.0),
        Reason.SUPPRESSED_OPT_OUT: Judgement(_VALID, Action.DO_NOT_SEND, 1.0),
        Reason.SUPPRESSED_LEGAL: Judgement(_VALID, Action.DO_NOT_SEND, 1.0),
    }
)

LIVE_REASONS = frozenset({Reason.ACTIVE, Reason.INACTIVE, Reason.ABSENT, Reason.PORTED})
"""What only a live source can say."""

OPPOSED = frozenset({Reason.SUPPRESSED_COMPLAINT, Reason.SUPPRESSED_OPT_OUT, Reason.SUPPRESSED_LEGAL})
"""Reasons not to ring whoever holds the number."""
