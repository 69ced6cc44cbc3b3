"""Codes of the register in columns."""

from collections import Counter

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from loaders.cnpj.reading import base_36, code, count_unknown

CHARACTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@given(st.lists(st.one_of(st.none(), st.text(CHARACTERS + "abz$ é", max_size=10)), max_size=10))
def test_base_36_is_python_s(texts: list[str | None]) -> None:
    numbers, wrong = base_36(pa.array(texts, pa.string()), 8)
    for text, number, is_wrong in zip(texts, numbers.tolist(), wrong.tolist(), strict=True):
        readable = text is not None and len(text) <= 8 and all(c in CHARACTERS for c in text.upper())
        assert readable is not is_wrong
        assert (int((text or "").zfill(8), 36) if readable else 0) == number


def test_codes_that_are_no_small_number_are_null() -> None:
    assert [2, 8, None, None, None, None] == code(pa.array(["02", "8", "256", "x", "", None]), pa.uint8()).to_pylist()
    assert [2135, None] == code(pa.array(["2135", "99999"]), pa.int16()).to_pylist()


def test_unknown_codes_are_counted_and_blank_ones_are_not() -> None:
    counts: Counter[str] = Counter()
    count_unknown(pa.array(["01", "77", None, "77"]), frozenset({"01"}), counts, "reason")
    assert {"reason": 2} == dict(counts)
