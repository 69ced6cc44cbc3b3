import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.normalise.columns import map_distinct, map_words, normal_names, normal_texts
from bureau.normalise.names import normal_name
from bureau.normalise.text import clean

# Words that matter to the rules, among any text at all.
WORDY = st.lists(
    st.one_of(
        st.sampled_from(
            ["", "NÃO", "INFORMADA", "N/A", "José", "D'Ávila", "J.C.", "JOÃ£O", "#NULO#", "-1", "X", "***"]
        ),
        st.text(max_size=8),
    ),
    max_size=5,
).map(" ".join)
COLUMNS = st.lists(st.one_of(st.none(), WORDY), max_size=20)


@given(COLUMNS)
def test_names_say_what_the_scalar_says(texts: list[str | None]) -> None:
    assert [normal_name(text) for text in texts] == normal_names(pa.array(texts, pa.string())).to_pylist()


@given(COLUMNS)
def test_texts_say_what_the_scalar_says(texts: list[str | None]) -> None:
    assert [clean(text) for text in texts] == normal_texts(pa.array(texts, pa.string())).to_pylist()


@pytest.mark.parametrize(
    "column",
    [
        pa.array(["x", "José  Silva", None, "é"]).slice(1, 2),
        pa.chunked_array([pa.array(["José  Silva"]), pa.array([None], pa.string())]),
        pa.array(["José  Silva", None]).dictionary_encode(),
        pa.array(["José  Silva", None], pa.large_string()),
    ],
    ids=["sliced", "chunked", "encoded", "large"],
)
def test_any_layout_of_strings_is_read(column: pa.Array) -> None:
    assert ["JOSE SILVA", None] == normal_names(column).to_pylist()
    assert [5, None] == map_distinct(column, lambda _: 5, pa.int8()).to_pylist()


def test_each_distinct_word_and_value_is_asked_once() -> None:
    asked: list[str] = []

    def noted(text: str) -> str:
        asked.append(text)
        return text

    map_words(pa.array(["a b", "b a", "c"]), noted)
    map_distinct(pa.array(["d", "d", "e"]), noted, pa.string())
    assert ["a", "b", "c", "d", "e"] == sorted(asked)


def test_empty_columns() -> None:
    assert [] == normal_names(pa.array([], pa.string())).to_pylist()
    assert [None, None] == normal_names(pa.nulls(2, pa.string())).to_pylist()
