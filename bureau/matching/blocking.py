"""Blocking keys: the 64-bit hashes under which a record is filed and a query looks it up.

One set of recipes serves the builder (every record) and the engine (every query), so the two cannot drift. Names
enter by sound, so a spelling variant lands in the same block; each recipe leaves out a different field, so a record
with one damaged field, and nearly every record with two, still shares a key with what the client typed.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, inlined
from bureau.matching.layout import (
    ALIAS,
    ALIAS_TOKENS,
    DATE,
    MUNICIPALITY,
    NAME,
    NAME_TOKENS,
    NO_TAX_ID,
    POSTAL_CODE,
    Vocabulary,
)

# One number a recipe; they are part of the snapshot's format.
BIRTH_FIRST = 1  # birth date, first name
BIRTH_LAST = 2  # birth date, last surname
NAME_YEAR = 3  # first, last, birth year: a wrong day or month
NAME_DAY = 4  # first, last, day and month of birth: a wrong year
MIDDLE_YEAR = 5  # first, second token, birth year: the last surname changed on marriage and the day is wrong
WHOLE_NAME = 6  # all tokens in any order; its length is the number of homonyms
NAME_PLACE = 7  # first, last, municipality
FIRST_POSTAL = 8  # first, CEP
MOTHER = 9  # first, mother's first and last
FIRST_RARE = 10  # first and the rarest other token: a surname dropped and no birth date
MASKED = 11  # first, the six visible digits of a masked CPF
PHONE = 12
EMAIL = 13
ROOT = 14  # the eight root characters of a CNPJ
RARE_PLACE = 15  # companies: the rarest token and the municipality
RARE_POSTAL = 16  # companies: the rarest token and the CEP
DATE_POSTAL = 17  # birth date, CEP: the given name is another (a social name, a slip beyond its sound)
LAST_POSTAL = 18  # last surname, CEP: given name and date are wrong
BIRTH_NAMES = 20  # birth date, first, last: what most queries are decided by, small at any size
DATE_CITY = 19  # birth date, municipality: name and CEP are wrong

MAX_KEYS = 21
"""Most keys one record is filed under, claims (phones, e-mails) aside."""

MAX_EXCHANGED = 5
"""Most keys that are only asked for: see :func:`exchanged_keys`."""

_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)  # the finaliser of SplitMix64 (Steele, Lea and Flood 2014)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_STEP = np.uint64(0x9E3779B97F4A7C15)
_S30, _S27, _S31, _S40 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(40)


@inlined
def mixed(value: np.uint64) -> np.uint64:
    """A bijection of 64 bits that spreads every input bit over the output."""
    value = (value ^ (value >> _S30)) * _MIX_1
    value = (value ^ (value >> _S27)) * _MIX_2
    return np.uint64(value ^ (value >> _S31))


@inlined
def key(recipe: int, a: int, b: int, c: int) -> np.uint64:
    """The blocking key of up to three parts under a recipe."""
    value = mixed(np.uint64(recipe) * _STEP + np.uint64(a))
    value = mixed(value + _STEP + np.uint64(b))
    return np.uint64(mixed(value + _STEP + np.uint64(c)))


class Sounds(NamedTuple):
    """Phonetic codes of one name, in order, and which later token is the rarest."""

    name: NDArray[np.uint32]  # (6,), 0 past the end
    tokens: int
    rarest: int  # index >= 1 into name, or 0 when there is no later token
    alias: NDArray[np.uint32]  # (4,)
    alias_tokens: int


@inlined
def whole_name_key(sounds: NDArray[np.uint32], count: int) -> np.uint64:
    """Order-free: the sum of the mixed tokens, with their number."""
    total = np.uint64(0)
    for i in range(count):
        total += mixed(np.uint64(sounds[i]) + _STEP)
    return np.uint64(mixed(total + np.uint64(WHOLE_NAME) * _STEP + np.uint64(count)))


@inlined
def sure_key(date: int, sounds: Sounds) -> np.uint64:
    """The key of birth date, first and last name; all homonyms of one day share it."""
    return birth_names_key(date, int(sounds.name[0]), int(sounds.name[sounds.tokens - 1]))


@inlined
def birth_names_key(date: int, first: int, last: int) -> np.uint64:
    """:func:`sure_key` of the sounds of first and last name."""
    return np.uint64(key(BIRTH_NAMES, date, first, last))


@inlined
def person_keys(row: NDArray[np.int32], date: int, sounds: Sounds, keys: NDArray[np.uint64]) -> int:
    """Fill ``keys`` with those of one person's row seen under ``date`` (yyyymmdd or 0); their number is returned."""
    n, first = 0, int(sounds.name[0])
    if sounds.tokens == 0:
        return 0
    last = int(sounds.name[sounds.tokens - 1])
    if date > 0:
        keys[n] = key(BIRTH_FIRST, date, first, 0)
        n += 1
        if sounds.tokens > 1:
            keys[n] = key(BIRTH_LAST, date, last, 0)
            keys[n + 1] = key(NAME_YEAR, first, last, date // 10000)
            keys[n + 2] = key(NAME_DAY, first, last, date % 10000)
            n += 3
        if sounds.tokens > 2:
            keys[n] = key(MIDDLE_YEAR, first, int(sounds.name[1]), date // 10000)
            n += 1
    if sounds.tokens > 1:
        keys[n] = whole_name_key(sounds.name, sounds.tokens)
        keys[n + 1] = key(FIRST_RARE, first, int(sounds.name[sounds.rarest]), 0)
        n += 2
        if sounds.alias_tokens > 1:
            keys[n] = key(MOTHER, first, int(sounds.alias[0]), int(sounds.alias[sounds.alias_tokens - 1]))
            n += 1
    return place_keys(row, sounds, keys, n)


@inlined
def place_keys(row: NDArray[np.int32], sounds: Sounds, keys: NDArray[np.uint64], n: int) -> int:
    """Append a person's keys of name and place, for the latest place and the one before."""
    first, last = int(sounds.name[0]), int(sounds.name[sounds.tokens - 1])
    for i in range(2):
        municipality = (row[MUNICIPALITY] >> (16 * i)) & 0xFFFF
        if municipality > 0 and sounds.tokens > 1:
            keys[n] = key(NAME_PLACE, first, last, municipality)
            n += 1
        if row[POSTAL_CODE + i] > 0:
            keys[n] = key(FIRST_POSTAL, first, row[POSTAL_CODE + i], 0)
            n += 1
    return n


@inlined
def second_keys(row: NDArray[np.int32], date: int, sounds: Sounds, keys: NDArray[np.uint64], n: int) -> int:
    """Append a person's keys that only matter when the name itself misleads; queries try them when the others did not
    decide."""
    if sounds.tokens == 0:
        return n
    last = int(sounds.name[sounds.tokens - 1])
    for i in range(2):
        municipality = (row[MUNICIPALITY] >> (16 * i)) & 0xFFFF
        if row[POSTAL_CODE + i] > 0:
            keys[n] = key(LAST_POSTAL, last, row[POSTAL_CODE + i], 0)
            n += 1
        if date > 0 and row[POSTAL_CODE + i] > 0:
            keys[n] = key(DATE_POSTAL, date, row[POSTAL_CODE + i], 0)
            n += 1
        if date > 0 and municipality > 0:
            keys[n] = key(DATE_CITY, date, municipality, 0)
            n += 1
    return n


@inlined
def exchanged_keys(row: NDArray[np.int32], date: int, sounds: Sounds, keys: NDArray[np.uint64], n: int) -> int:
    """Append the keys a person is filed under when the query exchanged day and month, or first and last name."""
    if sounds.tokens == 0:
        return n
    first, last = int(sounds.name[0]), int(sounds.name[sounds.tokens - 1])
    month, day = date // 100 % 100, date % 100
    if date > 0 and day <= 12 and day != month:
        keys[n] = key(BIRTH_FIRST, date // 10000 * 10000 + day * 100 + month, first, 0)
        n += 1
    if date > 0:
        keys[n] = key(BIRTH_FIRST, date, last, 0)
        keys[n + 1] = key(BIRTH_LAST, date, first, 0)
        n += 2
    if row[POSTAL_CODE] > 0:
        keys[n] = key(FIRST_POSTAL, last, row[POSTAL_CODE], 0)
        keys[n + 1] = key(LAST_POSTAL, first, row[POSTAL_CODE], 0)
        n += 2
    return n


@inlined
def company_keys(row: NDArray[np.int32], sounds: Sounds, keys: NDArray[np.uint64]) -> int:
    """Fill ``keys`` with those of one company name; their number is returned."""
    if sounds.tokens == 0:
        return 0
    first, rarest = int(sounds.name[0]), int(sounds.name[sounds.rarest])
    keys[0] = whole_name_key(sounds.name, sounds.tokens)
    keys[1] = key(FIRST_RARE, first, rarest, 0)
    n = 2
    for i in range(2):
        municipality = (row[MUNICIPALITY] >> (16 * i)) & 0xFFFF
        if municipality > 0:
            keys[n] = key(RARE_PLACE, rarest, municipality, 0)
            n += 1
        if row[POSTAL_CODE + i] > 0:
            keys[n] = key(RARE_POSTAL, rarest, row[POSTAL_CODE + i], 0)
            n += 1
    return n


@inlined
def masked_key(first: int, visible: int) -> np.uint64:
    """The key of a masked CPF ``***NNNNNN**`` (``visible`` its six digits) with a first name."""
    return np.uint64(key(MASKED, first, visible, 0))


@inlined
def root_key(tax_id: int) -> np.uint64:
    """The key shared by all establishments of a company; ``tax_id`` is the 12-character CNPJ base in base 36."""
    return np.uint64(key(ROOT, tax_id // 1679616, 0, 0))  # 36**4: the order number is cut off


@compiled
def _fill(
    records: NDArray[np.int32],
    tax_ids: NDArray[np.int64],
    vocabulary: Vocabulary,
    people: bool,
    first_record: int,
) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    keys = np.empty(len(records) * MAX_KEYS, np.uint64)
    numbers = np.empty(len(records) * MAX_KEYS, np.uint32)
    one = np.empty(MAX_KEYS, np.uint64)
    name, alias = np.empty(NAME_TOKENS, np.uint32), np.empty(ALIAS_TOKENS, np.uint32)
    total = 0
    for r in range(len(records)):
        row = records[r]
        sounds = _record_sounds(row, vocabulary, name, alias)
        if people:
            n = second_keys(row, row[DATE], sounds, one, person_keys(row, row[DATE], sounds, one))
            if row[DATE] > 0 and sounds.tokens > 0:
                one[n] = sure_key(row[DATE], sounds)
                n += 1
        else:
            n = company_keys(row, sounds, one)
        if tax_ids[r] != NO_TAX_ID:
            if not people:
                one[n] = root_key(tax_ids[r])
                n += 1
            elif sounds.tokens > 0:
                one[n] = masked_key(int(sounds.name[0]), tax_ids[r] // 100 % 1000000)
                n += 1
        for i in range(n):
            keys[total] = one[i]
            numbers[total] = first_record + r
            total += 1
    return keys[:total].copy(), numbers[:total].copy()


@inlined
def _record_sounds(
    row: NDArray[np.int32], vocabulary: Vocabulary, name: NDArray[np.uint32], alias: NDArray[np.uint32]
) -> Sounds:
    count, alias_count, rarest, fewest = 0, 0, 0, np.int64(2**40)
    for i in range(NAME_TOKENS):
        token = row[NAME + i]
        if token == 0:
            break
        name[i] = vocabulary.sound[token]
        count += 1
        seen = np.int64(vocabulary.as_other[token])
        if i > 0 and seen <= fewest:
            rarest, fewest = i, seen
    for i in range(ALIAS_TOKENS):
        token = row[ALIAS + i]
        if token == 0:
            break
        alias[i] = vocabulary.sound[token]
        alias_count += 1
    return Sounds(name, count, rarest, alias, alias_count)


def record_keys(
    records: NDArray[np.int32],
    tax_ids: NDArray[np.int64],
    vocabulary: Vocabulary,
    *,
    people: bool,
    first_record: int = 0,
) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """Every (key, record number) under which a slice of records is filed; a pair may come twice.

    ``tax_ids`` holds the tax id of each record's entity, ``first_record`` the number of the slice's first record.
    """
    return _fill(records, tax_ids, vocabulary, people, first_record)


@compiled
def exchanged_keys_of(records: NDArray[np.int32], vocabulary: Vocabulary) -> NDArray[np.uint64]:
    """The :func:`exchanged_keys` of records that are going to be asked for."""
    keys = np.empty(len(records) * MAX_EXCHANGED, np.uint64)
    name, alias = np.empty(NAME_TOKENS, np.uint32), np.empty(ALIAS_TOKENS, np.uint32)
    total = 0
    for row in records:
        sounds = _record_sounds(row, vocabulary, name, alias)
        total += exchanged_keys(row, row[DATE], sounds, keys[total:], 0)
    return keys[:total].copy()


@compiled
def claim_keys(values: NDArray[np.uint64], recipe: int) -> NDArray[np.uint64]:
    """Keys of phones (national numbers, recipe ``PHONE``) or e-mails (``text_hash``, recipe ``EMAIL``)."""
    keys = np.empty(len(values), np.uint64)
    for i in range(len(values)):
        keys[i] = mixed(mixed(np.uint64(recipe) * _STEP + _STEP) ^ values[i])
    return keys


@compiled
def text_hashes(offsets: NDArray[np.int64], data: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """64-bit FNV-1a, mixed, of each UTF-8 text ``data[offsets[i]:offsets[i + 1]]``."""
    hashes = np.empty(len(offsets) - 1, np.uint64)
    for i in range(len(hashes)):
        value = np.uint64(0xCBF29CE484222325)
        for j in range(offsets[i], offsets[i + 1]):
            value = (value ^ np.uint64(data[j])) * np.uint64(0x100000001B3)
        hashes[i] = mixed(value)
    return hashes
