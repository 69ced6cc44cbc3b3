import itertools

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from bureau.normalise.names import sound_code
from bureau.normalise.record import house_code
from bureau.population.intern import Interner
from bureau.population.register import house_numbers
from bureau.population.vocabulary import commonest_first, pick_names


def test_tokens_are_renumbered_commonest_first() -> None:
    interner = Interner()
    _, rows = interner.token_rows(pa.array(["ANA LIMA", "LIMA", "CONSTANTINOPOLITANO LIMA ANA", None]))
    tokens = commonest_first(interner)
    assert [2, 1, 1, 3, 1, 2] == tokens.number[rows].tolist()
    letters = tokens.bytes.tobytes().decode()
    words = [letters[a:b] for a, b in itertools.pairwise(tokens.offsets)]
    assert ["", "LIMA", "ANA", "CONSTANTINOPOLITANO"] == words
    assert [0, 4, 3, 16] == tokens.length.tolist()
    assert b"CONSTANTINOPOLIT" == tokens.letters[3].tobytes()
    assert [0, *map(sound_code, words[1:])] == tokens.sound.tolist()


@given(st.lists(st.lists(st.integers(1, 9), max_size=3), max_size=5), st.data())
def test_picked_names_equal_slices(names: list[list[int]], data: st.DataObject) -> None:
    ends = np.cumsum([len(name) for name in names], dtype=np.int64)
    tokens = np.array([token for name in names for token in name], np.uint32)
    chosen = data.draw(st.lists(st.integers(-1, len(names) - 1), max_size=6))
    offsets, found = pick_names(ends, tokens, np.array(chosen, np.int64))
    pieces = [found[a:b].tolist() for a, b in itertools.pairwise(offsets)]
    assert [names[i] if i >= 0 else [] for i in chosen] == pieces


@given(st.lists(st.one_of(st.integers(1, 99_999_999).map(str), st.sampled_from(["", "12-A", "KM 5", "100 FUNDOS"]))))
def test_house_numbers_equal_the_records_form(numbers: list[str]) -> None:
    encoded = [number.encode() for number in numbers]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    found = house_numbers(offsets, np.frombuffer(b"".join(encoded), np.uint8))
    assert [house_code(number) for number in numbers] == found.tolist()
