"""How the words of two names correspond, in plain Python: what ``align`` and ``tokens`` are the compiled twins of."""

from collections.abc import Sequence

import msgspec
from rapidfuzz.distance import OSA

from bureau.normalise.names import sound

LETTERS = 16


def token_likeness(a: str, b: str) -> int:
    """0 identical, 1 alike in sound, 2 one edit, 3 two edits, 4 an initial, 5 unlike."""
    if a == b:
        return 0
    if len(a) == 1 or len(b) == 1:
        return 4 if a[0] == b[0] else 5
    if sound(a) == sound(b):
        return 1
    a, b = a[:LETTERS], b[:LETTERS]
    distance, (shorter, longer) = OSA.distance(a, b), sorted([len(a), len(b)])
    if shorter >= 2 and longer >= 3 and distance <= 1:
        return 2
    return 3 if shorter >= 7 and distance == 2 else 5


def align(asked: Sequence[str], found: Sequence[str]) -> dict[int, tuple[int, int]]:
    """Which token asked for stands for which found: {index: (index found, likeness)}."""
    pairs: dict[int, tuple[int, int]] = {}
    free = set(range(len(found)))

    def pair(i: int, j: int, alike: int) -> None:
        pairs[i] = (j, alike)
        free.discard(j)

    if (alike := token_likeness(asked[0], found[0])) < 5:
        pair(0, 0, alike)
    for i in range(1, len(asked)):
        same = [j for j in sorted(free - {0}, key=lambda j: (j != i, j)) if found[j] == asked[i]]
        if same:
            pair(i, same[0], 0)
    for i in range(1, len(asked)):
        if i not in pairs and free - {0}:
            alike, j = min((token_likeness(asked[i], found[j]), j) for j in free - {0})
            if alike < 5:
                pair(i, j, alike)
    if 0 not in pairs and (moved := [j for j in sorted(free - {0}) if found[j] == asked[0]]):
        pair(0, moved[0], 0)
    if 0 in free and (moved := [i for i in range(1, len(asked)) if i not in pairs and asked[i] == found[0]]):
        pair(moved[0], 0, 0)
    return pairs


class Joined(msgspec.Struct, frozen=True):
    """Two tokens written as one: ``at`` (index asked, index found), ``mine`` and ``parts`` the tokens it takes."""

    at: tuple[int, int]
    mine: tuple[int, ...]
    parts: tuple[int, ...]


def joined_tokens(asked: Sequence[str], found: Sequence[str], pairs: dict[int, tuple[int, int]]) -> Joined | None:
    """The first pair of unmatched neighbours, on either side, that are one token on the other."""
    taken = {j for j, _ in pairs.values()}
    mine = [i for i in range(len(asked)) if i not in pairs]
    theirs = [j for j in range(len(found)) if j not in taken]
    for i in mine:
        for j in theirs:
            if j + 1 in theirs and _runs_together(asked[i], found[j], found[j + 1]):
                return Joined((i, j), (i,), (j, j + 1))
            if i + 1 in mine and _runs_together(found[j], asked[i], asked[i + 1]):
                return Joined((i, j), (i, i + 1), (j,))
    return None


def _runs_together(whole: str, left: str, right: str) -> bool:
    """Only as far as the population keeps letters: a longer token is not compared."""
    return len(whole) <= LETTERS and left[:LETTERS] + right[:LETTERS] == whole
