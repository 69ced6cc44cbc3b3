import itertools

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from bureau.population.intern import Interner

texts = st.lists(st.lists(st.one_of(st.none(), st.text("AB é", max_size=6)), max_size=40), max_size=4)


def stored(interner: Interner) -> list[str]:
    offsets, letters = interner.heap()
    return [letters[a:b].tobytes().decode() for a, b in itertools.pairwise(offsets)]


@given(texts)
def test_rows_point_at_each_text_once(batches: list[list[str | None]]) -> None:
    interner = Interner()
    found = [interner.rows(pa.array(batch, pa.string())) for batch in batches]
    heap = stored(interner)
    assert len(heap) == len(set(heap))
    for batch, rows in zip(batches, found, strict=True):
        assert [text or "" for text in batch] == [heap[row] for row in rows]


@given(texts)
def test_token_rows_equal_split(batches: list[list[str | None]]) -> None:
    interner = Interner()
    for batch in batches:
        ends, tokens = interner.token_rows(pa.array(batch, pa.string()))
        heap = stored(interner)
        found = [[heap[t] for t in part] for part in np.split(tokens, ends[:-1])] if batch else []
        assert [[t for t in (text or "").split(" ") if t] for text in batch] == found


def test_many_texts_grow_the_table_and_are_counted() -> None:
    interner = Interner()
    words = [f"W{i % 5000}" for i in range(20_000)]
    rows = interner.rows(pa.array(words))
    heap = stored(interner)
    assert words == [heap[row] for row in rows]
    assert 5001 == len(heap)
    assert [4] * 5000 == interner.seen()[1:].tolist()


def test_a_slice_of_an_array_reads_its_own_texts() -> None:
    interner = Interner()
    rows = interner.rows(pa.array(["A", "B", "C", None])[1:])
    heap = stored(interner)
    assert ["B", "C", ""] == [heap[row] for row in rows]
