"""Who is meant by a name in the company register: how probable is each person whose CPF fits?

An entrepreneur's legal name ends in a whole CPF; a partner's shows six of its digits. Before names are compared every
holder of fitting digits is as likely as any other, whether the population knows them or not. So each candidate's odds
are against one stranger for all the holders that fit, and candidates are weighed against each other as well: of two
namesakes with the same digits neither is likely.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, inlined, signed
from bureau.matching.layout import DATE, FLAGS, NAME, NAME_TOKENS, Vocabulary
from bureau.normalise.names import SUFFIXES, suffixes_compatible

HOLDERS_OF_A_MASK = 223.8
"""People who share six visible digits: 223.8 million CPFs in use (audit of the TCU, 2020) on a million combinations."""

# Of people met again after four years 3.1 % had another name: 64 of 174 differences were a surname more or less, 18 a
# surname replaced; most of the others sound the same. A partner's name is as of the day they entered, often older.
_SAME = float(np.log2(0.95))
_PART = float(np.log2(0.03)) - 1.0  # one bit off: a stranger has about two ways to agree in part
_REPLACED = float(np.log2(0.015)) - 1.0
_SUFFIX_MISSING = -1.5  # one in three registers leaves it out (assumed)
_SUFFIX_DIFFERS = -7.0  # FILHO is not NETO, but for slips
_NOBODY = -1e9

_GENERATION = tuple(
    min(other for other in {0, *SUFFIXES.values()} if suffixes_compatible(code, other))
    for code in range(max(SUFFIXES.values()) + 1)
)

AGE_BANDS = (0, 0, 13, 21, 31, 41, 51, 61, 71, 81, 200)
"""First age of each of the register's bands 1 to 9; 0 is none, and the last closes the ninth."""
_AGE_AGREES = 0.98  # 2.3 % of birth dates differ between registers, a fifth of those in the year


class Asked(NamedTuple):
    """Names that look for their bearer, one a row; candidates are places ``first[a]..last[a]`` of an order."""

    sounds: NDArray[np.uint32]  # (n, NAME_TOKENS) of the content tokens, 0 none
    suffix: NDArray[np.uint8]
    age_band: NDArray[np.uint8]  # of AGE_BANDS
    first: NDArray[np.int64]
    last: NDArray[np.int64]


class People(NamedTuple):
    """What is compared of people; bits are the information of a token's sound, as first name and as a later one.

    ``first_sound`` is in the order's places: a look into the records of every candidate was 90 % of the time.
    """

    order: NDArray[np.uint32]
    first_sound: NDArray[np.uint32]  # 0 where the records of one person differ in it
    records: NDArray[np.int32]
    first_record: NDArray[np.uint32]
    sound: NDArray[np.uint32]
    first_bits: NDArray[np.float64]
    other_bits: NDArray[np.float64]


class Circumstances(NamedTuple):
    """``prior`` is the log2 odds of one candidate against a stranger; ``today`` is yyyymmdd, 0 when ages are unknown;
    ``age_bits[band]`` what it is worth that an age does not fit, or does."""

    prior: float
    today: int
    age_bits: NDArray[np.float64]  # (10, 2)


def sound_bits(vocabulary: Vocabulary) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By token, the information of its sound as first name and as later name: -log2 of the share of records."""
    _, sound = np.unique(vocabulary.sound, return_inverse=True)
    total = float(vocabulary.as_first.sum())

    def bits(counts: NDArray[np.uint32]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = np.log2(total + 1.0) - np.log2(np.bincount(sound, counts)[sound] + 0.5)
        return found.clip(0.0)

    return bits(vocabulary.as_first), bits(vocabulary.as_other)


def age_band_bits(bands: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(10, 2): bits of an age outside and inside each band, by how common the band is among partners."""
    counts = np.bincount(bands[bands < len(AGE_BANDS) - 1], minlength=len(AGE_BANDS) - 1).astype(np.float64)
    counts[0] = 0.0
    share = (counts + 1.0) / (counts.sum() + len(counts))
    found = np.stack([np.log2((1 - _AGE_AGREES) / (1 - share)), np.log2(_AGE_AGREES / share)], axis=1)
    found[0] = 0.0
    return found


@compiled
def first_sounds(
    records: NDArray[np.int32], first_record: NDArray[np.uint32], sound: NDArray[np.uint32]
) -> NDArray[np.uint32]:
    """The sound of every person's first name; 0 for several."""
    found = np.empty(len(first_record) - 1, np.uint32)
    for person in range(len(found)):
        start = first_record[person]
        found[person] = sound[records[start, NAME]]
        for r in range(start + 1, first_record[person + 1]):
            if sound[records[r, NAME]] != found[person]:
                found[person] = 0
    return found


@compiled
def likeliest(asked: Asked, people: People, known: Circumstances) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The best candidate of every name (-1: nobody fits) and its probability against all others and a stranger."""
    found, chance = np.full(len(asked.first), -1), np.zeros(len(asked.first))
    for a in range(len(found)):
        best, total = 0.0, 1.0
        for c in range(asked.first[a], asked.last[a]):
            if people.first_sound[c] != asked.sounds[a, 0] and people.first_sound[c] != 0:
                continue
            person, bits = signed(people.order[c]), _NOBODY
            for r in range(people.first_record[person], people.first_record[person + 1]):
                bits = max(bits, _name_bits(asked, a, people, r) + _age_bits(asked.age_band[a], people, r, known))
            odds = 2.0 ** (bits + known.prior)
            total += odds
            if odds > best:
                best, found[a] = odds, person
        chance[a] = best / total
    return found, chance


@inlined
def _name_bits(asked: Asked, a: int, people: People, r: int) -> float:
    """The first name must sound the same; the others count wherever they stand."""
    tokens = people.records[r]
    if asked.sounds[a, 0] == 0 or people.sound[tokens[NAME]] != asked.sounds[a, 0]:
        return _NOBODY
    bits: float = people.first_bits[tokens[NAME]]
    shared, theirs, ours, taken = 1, 1, 1, 0
    for j in range(1, NAME_TOKENS):
        theirs += asked.sounds[a, j] != 0
    for i in range(NAME + 1, NAME + NAME_TOKENS):
        if tokens[i] == 0:
            continue
        ours += 1
        for j in range(1, NAME_TOKENS):
            if not taken >> j & 1 and asked.sounds[a, j] == people.sound[tokens[i]]:
                taken |= 1 << j
                shared += 1
                bits += people.other_bits[tokens[i]]
                break
    wanting, extra = theirs - shared, ours - shared
    if wanting + extra == 0:
        bits += _SAME
    elif shared >= 2 and (wanting == 0 or extra == 0):
        bits += _PART
    elif shared >= 2 and wanting == 1 and extra == 1:
        bits += _REPLACED
    else:
        return _NOBODY
    return bits + _suffix_bits(asked.suffix[a], tokens[FLAGS] & 0xFF)


@inlined
def _suffix_bits(one: int, other: int) -> float:
    if _GENERATION[one] == _GENERATION[other]:
        return 0.0
    return _SUFFIX_MISSING if one == 0 or other == 0 else _SUFFIX_DIFFERS


@inlined
def _age_bits(band: int, people: People, r: int, known: Circumstances) -> float:
    birth = people.records[r, DATE]
    if not 0 < band < len(AGE_BANDS) - 1 or birth == 0 or known.today == 0:
        return 0.0
    age = (known.today - birth) // 10000
    fits = AGE_BANDS[band] - 1 <= age <= AGE_BANDS[band + 1]  # a year of grace: the band is as of some day before
    return float(known.age_bits[band, 1 if fits else 0])
