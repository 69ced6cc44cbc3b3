"""The check digits of CPF and CNPJ."""

import re
from operator import mul

_BASE = re.compile("[0-9A-Z]{12}[0-9]{2}")
_WEIGHTS = tuple(range(10, 1, -1))
_OF_ZEROS = ord("0") * sum(_WEIGHTS)  # digits are taken as ASCII codes, and this is what the code of zero adds


def cpf_check_digits(base: int) -> int:
    """The two check digits (0..99) of the nine base digits of a CPF."""
    digits = b"%09d" % base
    first: int = sum(map(mul, digits, _WEIGHTS)) - _OF_ZEROS
    second = first + sum(digits) - 9 * ord("0")  # every weight is one higher
    first = first * 10 % 11 % 10
    return first * 10 + (second + 2 * first) * 10 % 11 % 10


def is_cpf(number: int) -> bool:
    """Whether the check digits fit. They prove little: about one valid number in four or five is somebody's."""
    repeated = number % 11111111111 == 0
    return 0 < number < 10**11 and not repeated and cpf_check_digits(number // 100) == number % 100


def cnpj_check_digits(base: str) -> str:
    """The two check digits of twelve base characters; a character counts as its ASCII code less 48."""
    first = _modulo_11(base, 5)
    return first + _modulo_11(base + first, 6)


def is_cnpj(characters: str) -> bool:
    """Whether 14 upper-case characters are a CNPJ; one character repeated throughout is not."""
    if not _BASE.fullmatch(characters) or len(set(characters)) == 1:
        return False
    return cnpj_check_digits(characters[:12]) == characters[12:]


def _modulo_11(characters: str, weight: int) -> str:
    """Weights fall from ``weight`` to 2 and start again at 9."""
    total = 0
    for character in characters:
        total += (ord(character) - 48) * weight
        weight = weight - 1 if weight > 2 else 9
    remainder = total % 11
    return "0" if remainder < 2 else str(11 - remainder)
