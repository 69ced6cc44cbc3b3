import re

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.enrich.formulas import as_text_only


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "-1+1", "+1+1", "\t=1", "\r=1", "+cmd|' /C calc'!A0", "-"])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert [f"'{text}"] == as_text_only(pa.array([text])).to_pylist()


@pytest.mark.parametrize("text", ["+5511987654321", "ANA", "a@b.c", "1-1", "", None, "'=1", "R. 7"])
def test_everything_else_stays(text: str | None) -> None:
    assert [text] == as_text_only(pa.array([text], pa.string())).to_pylist()


@given(
    st.lists(st.one_of(st.none(), st.text(st.sampled_from("=+-@\t\r1aé"), max_size=4)), max_size=9), st.integers(0, 3)
)
def test_columns_are_as_one_by_one(texts: list[str | None], start: int) -> None:
    def one(text: str | None) -> str | None:
        risky = text and re.match(r"[=@\t\r-]|\+.*\D", text, re.ASCII)
        return f"'{text}" if risky and text != "+" else text

    column = pa.array(texts, pa.string())[start:]
    assert [one(text) for text in texts[start:]] == as_text_only(column).to_pylist()
