"""Addresses: street type and name written out, house number, complement, municipality and postal code (CEP)."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bureau.normalise.columns import Column, as_strings, map_distinct, text_bytes
from bureau.normalise.plain_digits import plain_postal_codes
from bureau.normalise.text import clean
from bureau.reference.addresses import address_abbreviations
from bureau.reference.places import municipalities, postal_code_ranges, states
from bureau.reference.register import register_municipalities

_ORDINAL_TYPE = re.compile(r"^\d{1,3}\s?[AOª]\.?\s(?=RUA|AVENIDA|TRAVESSA|VIELA|ALAMEDA|BECO)")
_WORD = re.compile("[A-Z0-9/]+")
_THOUSANDS = re.compile(r"(?<=\d)\.(?=\d{3}\b)")
_NO_NUMBER = re.compile(r"S\W*(?:N\W*(?:O|R|RO|UM|UMERO)?\W*)?|SEM (?:NUMERO|NUM|NRO|NR)|[0\W]+|I{2,}|N\W*")
_NUMBER = re.compile(r"(?:N|NO|NR|NRO|NUM|NUMERO)?[\s.:]*0*(\d{1,6})(?:[\s\-/]*([A-Z]))?")
_OUR_LADY = re.compile(r"\bN (?:S(?= D[AEO])|SRA|SENHORA)\b")
# Former or popular names that still stand in files: (name, state) → present name.
_CITY_SYNONYMS = {
    ("BRAZOPOLIS", "MG"): "BRASOPOLIS",
    ("EMBU", "SP"): "EMBU DAS ARTES",
    ("SAO PAULO CAPITAL", "SP"): "SAO PAULO",
    ("RIO", "RJ"): "RIO DE JANEIRO",
    ("BH", "MG"): "BELO HORIZONTE",
    ("SBC", "SP"): "SAO BERNARDO DO CAMPO",
}
_CITY_AND_STATE = re.compile(r"(.+?)[\s/(-]+([A-Z]{2})\)?")
_LEAST_POSTAL_CODE = 1_000_000  # 01000-000, São Paulo's first
_LONGEST_CITY = 80  # characters; the longest name has 32
_CITY_LINKS = frozenset(["D", "DA", "DE", "DO", "DAS", "DOS"])
_CITY_WORDS = {"STA": "SANTA", "STO": "SANTO", "S": "SAO"}


def street(text: str | None) -> str | None:
    """Street type and abbreviated words written out: ``R. CEL. FULANO`` → ``RUA CORONEL FULANO``."""
    cleaned = clean(text)
    if cleaned is None:
        return None
    words = _WORD.findall(_THOUSANDS.sub("", _ORDINAL_TYPE.sub("", cleaned)))
    types, names = address_abbreviations("type"), address_abbreviations("name")
    first = words[0]
    if first in types and len(words) > 1 and not (first == "AL" and words[1].isdigit()):
        words[0] = types[first]
    rest = [names.get(word, word) if word != "BR" else word for word in words[1:]]
    written = " ".join([words[0], *rest])
    return _OUR_LADY.sub("NOSSA SENHORA", written) if "N" in words else written


def house_number(text: str | None) -> str | None:
    """The number without leading zeros, thousands dot or "Nº", its letter joined (``12-A`` → ``12A``).

    None for S/N, 0 and the like; anything else (``KM 12``, ``QUADRA 3``) stays as it is.
    """
    cleaned = clean(text)
    if cleaned is None or _says_no_number(cleaned):
        return None
    plain = _THOUSANDS.sub("", cleaned).removesuffix(".0").strip()
    match = _NUMBER.fullmatch(plain)
    if match is None:
        return plain
    return f"{match[1]}{match[2] or ''}" if int(match[1]) else None


def _says_no_number(text: str) -> bool:
    return len(text) <= 20 and _NO_NUMBER.fullmatch(text) is not None


def complement(text: str | None) -> str | None:
    """Abbreviations written out: ``AP 12 BL B`` → ``APARTAMENTO 12 BLOCO B``."""
    cleaned = clean(text)
    if cleaned is None or _says_no_number(cleaned):
        return None
    table = address_abbreviations("complement")
    separated = re.sub(r"\b(AP|APT|APTO|BL|LT|CS|LJ|SL|QD|CJ)\.?(?=\d)", r"\1 ", cleaned)
    words = _WORD.findall(separated)
    return " ".join(table.get(word, word) for word in words) or None


def district(text: str | None) -> str | None:
    """Leading abbreviations written out: ``JD. STA. RITA`` → ``JARDIM SANTA RITA``."""
    cleaned = clean(text)
    if cleaned is None:
        return None
    words = _WORD.findall(cleaned)
    types, names = address_abbreviations("type"), address_abbreviations("name")
    if len(words) > 1 and len(words[0]) > 1:
        words[0] = types.get(words[0], words[0])
    return " ".join([*words[:1], *(names.get(word, word) for word in words[1:])]) or None


def municipality(city: str | None, state: str | None) -> int:
    """Index of the municipality (see ``reference.places``), 0 when unknown. ``state`` is UF or the state's name.

    Without a state only a name that no two states share is answered.
    """
    if city is None or len(city) > _LONGEST_CITY or len(state or "") > _LONGEST_CITY:
        return 0
    return _municipality(city, state or "")


@lru_cache(maxsize=1 << 16)
def _municipality(city: str, state: str) -> int:
    name, uf = clean(city), _states().get(clean(state) or "", "")
    if name is None:
        return 0
    if not uf and (tail := _CITY_AND_STATE.fullmatch(name)) and tail[2] in _states():
        name, uf = tail[1], tail[2]
    name = _CITY_SYNONYMS.get((name, uf), name)
    return _municipalities().get((_city_key(name), uf), 0)


def _city_key(name: str) -> str:
    """What two spellings of one town share: without blanks, hyphens and links, Z as S, J as G, Y as I."""
    words = _WORD.findall(name.replace("D'", "D "))
    joined = "".join(_CITY_WORDS.get(word, word) for word in words if word not in _CITY_LINKS)
    return joined.replace("Z", "S").replace("J", "G").replace("Y", "I").replace("SS", "S")


@cache
def _municipalities() -> Mapping[tuple[str, str], int]:
    """(key, state) → index, by IBGE's name and by the company register's; (key, "") where no two states share it."""
    register = register_municipalities()
    found: dict[tuple[str, str], int] = {}
    for place in municipalities():
        key = _city_key(clean(place.name) or "")
        found[key, place.state] = place.index
        found[key, ""] = 0 if (key, "") in found else place.index
    for place in municipalities():
        found.setdefault((_city_key(register[f"{place.siafi_code:04d}"]), place.state), place.index)
    return MappingProxyType(found)


@cache
def _states() -> Mapping[str, str]:
    by_name = {clean(state.name) or "": state.abbreviation for state in states()}
    return MappingProxyType(by_name | {state.abbreviation: state.abbreviation for state in states()})


def postal_code(text: str | None) -> int:
    """A CEP as a number; seven digits get their leading zero back; 0 for what cannot be one."""
    digits = text or ""
    if len(digits) != 8 or not digits.isdigit():
        digits = re.sub(r"[\s.\-]", "", digits.strip().removesuffix(".0"))
    if not digits.isdecimal() or not digits.isascii() or len(digits) not in {7, 8}:
        return 0
    number = int(digits)
    return number if number >= _LEAST_POSTAL_CODE and len(set(digits)) > 1 else 0


def municipality_of_postal_code(number: int) -> int:
    """Index of the municipality whose range holds the CEP, 0 when none does (98.4 % right on real addresses)."""
    firsts, lasts, indices = _ranges()
    position = bisect_right(firsts, number) - 1
    return indices[position] if position >= 0 and number <= lasts[position] else 0


@cache
def _ranges() -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    found = postal_code_ranges()
    return tuple(r.first for r in found), tuple(r.last for r in found), tuple(r.municipality for r in found)


def streets(column: Column) -> pa.Array:
    """The columnar form of :func:`street`."""
    return map_distinct(column, street, pa.string())


def house_numbers(column: Column) -> pa.Array:
    """The columnar form of :func:`house_number`."""
    return map_distinct(column, house_number, pa.string())


def complements(column: Column) -> pa.Array:
    """The columnar form of :func:`complement`."""
    return map_distinct(column, complement, pa.string())


def districts(column: Column) -> pa.Array:
    """The columnar form of :func:`district`."""
    return map_distinct(column, district, pa.string())


def postal_codes(column: Column) -> NDArray[np.int32]:
    """The columnar form of :func:`postal_code`."""
    texts = as_strings(column)
    numbers = plain_postal_codes(*text_bytes(texts))
    few = (numbers < _LEAST_POSTAL_CODE) | (numbers % 11_111_111 == 0)
    rows = np.flatnonzero(few)
    numbers[rows] = map_distinct(texts.take(pa.array(rows)), postal_code, pa.int32()).fill_null(0).to_numpy()
    return numbers


def municipalities_of(cities: Column, states_: Column) -> NDArray[np.uint16]:
    """The columnar form of :func:`municipality`."""
    pairs = pc.binary_join_element_wise(as_strings(cities).fill_null(""), as_strings(states_).fill_null(""), "\x1f")
    found = map_distinct(pairs, lambda pair: municipality(*pair.split("\x1f")[:2]), pa.uint16())
    indices: NDArray[np.uint16] = found.to_numpy()
    return indices
