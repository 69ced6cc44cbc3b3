"""Token likeness against rapidfuzz, and the deletion neighbourhood against looking at every token."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bureau.matching.layout import Vocabulary
from bureau.matching.neighbours import MOST, meant, neighbour_index
from bureau.matching.tokens import ONE_EDIT, TWO_EDITS, UNLIKE, alignment_distance, likeness

TOKENS = st.text("ABC", min_size=1, max_size=9)


def letters(token: str) -> np.ndarray:
    return np.frombuffer(token.encode().ljust(16, b"\0"), np.uint8)


@settings(deadline=None, max_examples=1000)
@given(TOKENS, TOKENS)
def test_distance_is_rapidfuzz_osa_up_to_two(a: str, b: str) -> None:
    assert min(OSA.distance(a, b), 3) == alignment_distance(letters(a), len(a), letters(b), len(b))


@st.composite
def misspelt(draw: st.DrawFn) -> tuple[str, str]:
    """A token of many different letters, and what up to four slips made of it."""
    token = draw(st.text("ABCDEFGHIJKL", min_size=2, max_size=12))
    typed = token
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(typed) - 1))
        left, here, right = typed[:place], typed[place], typed[place + 1 :]
        other = draw(st.sampled_from("ABCDEFGHIJKLXYZ"))
        typed = draw(
            st.sampled_from([left + other + right, left + here + other + right, left + right, here + left + right])
        )
        typed = typed or other
    return token, typed


@settings(deadline=None, max_examples=1000)
@given(misspelt())
def test_likeness_is_by_distance_whatever_letters_are_in_common(pair: tuple[str, str]) -> None:
    a, b = pair
    distance, shorter, longer = OSA.distance(a, b), min(map(len, pair)), max(map(len, pair))
    expected = UNLIKE
    if shorter >= 2 and longer >= 3 and distance <= 1:
        expected = ONE_EDIT
    elif shorter >= 7 and distance == 2:
        expected = TWO_EDITS
    if shorter > 1:
        assert expected == likeness(letters(a), len(a), 1, letters(b), len(b), 2)


@settings(deadline=None, max_examples=200)
@given(st.lists(TOKENS, unique=True, min_size=1, max_size=30), TOKENS)
def test_neighbours_are_all_tokens_one_edit_away(tokens: list[str], typed: str) -> None:
    table = np.stack([letters(""), *map(letters, tokens)])
    length = np.array([0, *map(len, tokens)], np.uint8)
    count = np.zeros(len(tokens) + 1, np.uint32)
    vocabulary = Vocabulary(table, length, count, count, count)
    found = np.zeros(MOST, np.int64)
    n = meant(letters(typed), len(typed), 0, vocabulary, neighbour_index(vocabulary), found)
    near = [i for i, token in enumerate(tokens, 1) if OSA.distance(typed, token) == 1 and len(token) >= 3]
    assert (near[:MOST] if len(typed) >= 3 else []) == found[:n].tolist()
