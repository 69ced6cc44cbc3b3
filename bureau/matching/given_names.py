"""Twins called MARIA CLARA and MARIA LUIZA, one of them written MARIA: what to think of a second given name."""

import numpy as np
from numpy.typing import NDArray

from bureau.compiled import compiled, inlined, signed
from bureau.matching.layout import NAME, NAME_TOKENS, Register, Vocabulary
from bureau.matching.tokens import UNLIKE, is_given_name, likeness


@compiled
def second_names_differ(register: Register, low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.bool_]:
    """By pair of entities: whether all their records have it that one bears a second given name that the other lacks.

    With everything else equal that is a twin as often as one person: among 1 million synthetic people it is said of
    one in 200 pairs that the engine is sure of, half of them two people, and these are half of all its mistakes.
    """
    differ = np.ones(len(low), np.bool_)
    for p in range(len(low)):
        for a in range(register.first_record[low[p]], register.first_record[low[p] + 1]):
            for b in range(register.first_record[high[p]], register.first_record[high[p] + 1]):
                if not seconds_differ(register.records[a], register.records[b], register.vocabulary):
                    differ[p] = False
    return differ


@inlined
def seconds_differ(one: NDArray[np.int32], other: NDArray[np.int32], vocabulary: Vocabulary) -> bool:
    """Whether one of two records bears a second given name that the other lacks."""
    x, y = one[NAME : NAME + NAME_TOKENS], other[NAME : NAME + NAME_TOKENS]
    return _lacks_second(x, y, vocabulary) or _lacks_second(y, x, vocabulary)


@inlined
def _lacks_second(name: NDArray[np.int32], other: NDArray[np.int32], vocabulary: Vocabulary) -> bool:
    """Whether ``other`` has a second given name, before its last token, that no token of ``name`` is like."""
    second = signed(other[1])
    if second == 0 or other[2] == 0 or name[0] == 0:
        return False
    if not is_given_name(vocabulary.as_first[second], vocabulary.as_other[second]):
        return False
    for i in range(NAME_TOKENS):
        token = signed(name[i])
        if token == second or (token != 0 and _alike(token, second, vocabulary)):
            return False
    return True


@inlined
def _alike(a: int, b: int, vocabulary: Vocabulary) -> bool:
    found = likeness(
        vocabulary.letters[a],
        signed(vocabulary.length[a]),
        vocabulary.sound[a],
        vocabulary.letters[b],
        signed(vocabulary.length[b]),
        vocabulary.sound[b],
    )
    return bool(found != UNLIKE)
