"""Blocking keys of one phone or e-mail, in Python's own integers; whole columns have theirs in ``blocking``."""

from bureau.matching.blocking import EMAIL, PHONE

_STEP, _MIX_1, _MIX_2 = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB  # as in ``blocking``
_ALL = 0xFFFFFFFFFFFFFFFF


def text_hash(text: str) -> int:
    """The hash of one text; equal to :func:`~bureau.matching.blocking.text_hashes`, written plainly."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & _ALL
    return _finished(value)


def phone_key(number: int) -> int:
    """The key of one phone, a national number; equal to :func:`~bureau.matching.blocking.claim_keys`."""
    return _claim_key(PHONE, number)


def email_key(address: str) -> int:
    """The key of one e-mail address."""
    return _claim_key(EMAIL, text_hash(address))


def _claim_key(recipe: int, value: int) -> int:
    return _finished(_finished((recipe * _STEP + _STEP) & _ALL) ^ value)


def _finished(value: int) -> int:
    """:func:`~bureau.matching.blocking.mixed`, written plainly."""
    value = ((value ^ (value >> 30)) * _MIX_1) & _ALL
    value = ((value ^ (value >> 27)) * _MIX_2) & _ALL
    return value ^ (value >> 31)
