"""The check digits of CPF and CNPJ."""

import re

_BASE = re.compile("[0-9A-Z]{12}[0-9]{2}")


def cpf_check_digits(base: int) -> int:
    """The two check digits (0..99) of the nine base digits of a CPF."""
    first = second = 0
    for weight in range(2, 11):  # from the last digit to the first; in the second sum every weight is one higher
        base, digit = divmod(base, 10)
        first += digit * weight
        second += digit * (weight + 1)
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
