"""How large the blocks are that queries look into, recipe by recipe: what makes candidates grow with the population."""

from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bureau.matching import blocking
from bureau.matching.layout import (
    ALIAS,
    ALIAS_TOKENS,
    DATE,
    MUNICIPALITY,
    NAME,
    NAME_TOKENS,
    POSTAL_CODE,
    Register,
)
from bureau.matching.retrieve import block_sizes
from bureau.matching.subject import Subjects


class Heard(NamedTuple):
    """The sounds of a person's name and mother's name, and which later token of the name is the rarest."""

    name: list[int]
    mother: list[int]
    rarest: int


def sizes_by_recipe(subjects: Subjects, register: Register, sample: int) -> dict[str, dict[str, float]]:
    """Sizes of the blocks that the first ``sample`` queries look into: how many queries have such a key, mean and
    percentiles."""
    keys: dict[str, list[np.uint64]] = defaultdict(list)
    for row in subjects.rows[:sample]:
        for recipe, key in keys_of(row, heard(row, subjects, register)):
            keys[recipe].append(key)
    return {recipe: _summary(block_sizes(register.blocks, np.array(some, np.uint64))) for recipe, some in keys.items()}


def heard(row: NDArray[np.int32], subjects: Subjects, register: Register) -> Heard:
    tokens = [int(token) for token in row[NAME : NAME + NAME_TOKENS] if token]
    aliases = [int(token) for token in row[ALIAS : ALIAS + ALIAS_TOKENS] if token]
    borne = register.vocabulary.as_other
    bearers = [int(borne[token]) if token < len(borne) else 0 for token in tokens]
    rarest = min(range(1, len(tokens)), key=lambda i: (bearers[i], -i), default=0)
    sounds = [[_sound(token, subjects, register) for token in some] for some in (tokens, aliases)]
    return Heard(sounds[0], sounds[1], rarest)


def keys_of(row: NDArray[np.int32], person: Heard) -> Iterator[tuple[str, np.uint64]]:
    """The keys of ``blocking.sure_key``, ``person_keys`` and ``second_keys`` by latest place, each with its recipe (a
    test holds them equal)."""
    name, mother = person.name, person.mother
    if not name:
        return
    first, last = name[0], name[-1]
    date, postal_code, city = int(row[DATE]), int(row[POSTAL_CODE]), int(row[MUNICIPALITY] & 0xFFFF)
    if date:
        sounds = np.array([*name, 0], np.uint32)
        yield "date, first, last", blocking.sure_key(date, blocking.Sounds(sounds, len(name), 0, sounds, 0))
        yield "date, first", blocking.key(blocking.BIRTH_FIRST, date, first, 0)
    if date and len(name) > 1:
        yield "date, last", blocking.key(blocking.BIRTH_LAST, date, last, 0)
        yield "first, last, year", blocking.key(blocking.NAME_YEAR, first, last, date // 10_000)
        yield "first, last, day", blocking.key(blocking.NAME_DAY, first, last, date % 10_000)
    if date and len(name) > 2:
        yield "first, second, year", blocking.key(blocking.MIDDLE_YEAR, first, name[1], date // 10_000)
    if len(name) > 1:
        yield "whole name", blocking.whole_name_key(np.array(name, np.uint32), len(name))
        yield "first, rarest", blocking.key(blocking.FIRST_RARE, first, name[person.rarest], 0)
    if len(name) > 1 and len(mother) > 1:
        yield "first, mother", blocking.key(blocking.MOTHER, first, mother[0], mother[-1])
    if city and len(name) > 1:
        yield "first, last, city", blocking.key(blocking.NAME_PLACE, first, last, city)
    if postal_code:
        yield "first, CEP", blocking.key(blocking.FIRST_POSTAL, first, postal_code, 0)
        yield "last, CEP", blocking.key(blocking.LAST_POSTAL, last, postal_code, 0)
    if postal_code and date:
        yield "date, CEP", blocking.key(blocking.DATE_POSTAL, date, postal_code, 0)
    if city and date:
        yield "date, city", blocking.key(blocking.DATE_CITY, date, city, 0)


def _sound(token: int, subjects: Subjects, register: Register) -> int:
    known = len(register.vocabulary.sound)
    return int(register.vocabulary.sound[token] if token < known else subjects.unknown_sound[token - known])


def _summary(sizes: NDArray[np.int64]) -> dict[str, float]:
    p50, p90, p99 = np.percentile(sizes, [50, 90, 99]).tolist()
    return {"queries": len(sizes), "mean": round(float(sizes.mean()), 2), "p50": p50, "p90": p90, "p99": p99}
