from unittest.mock import patch

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bureau.model.answer import Repair
from bureau.model.query import Kind
from bureau.normalise import tax_columns as module
from bureau.normalise.record import tax_evidence
from bureau.normalise.tax_columns import TaxColumns, tax_columns

MASKED = "***456789**"
VALID = "529.982.247-25"
WRONG, SHORT, LONG = "52998224726", "5299822475", "529982247255"
PADDED, UNPADDED = "052998224725", "5299822421"  # both read as a valid CPF
TYPED = st.one_of(
    st.none(),
    st.text("0123456789", min_size=9, max_size=13),
    st.from_regex(r" ?[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}[-.]?[0-9]{2}(\.0)? ?", fullmatch=True),
    st.sampled_from([MASKED, VALID, WRONG, SHORT, LONG, PADDED, UNPADDED, "X"]),
)


def said(columns: TaxColumns, row: int) -> tuple[int, int, tuple[int, ...] | None, list[str]]:
    start, end = columns.near_offsets[row : row + 2]
    near = tuple(columns.near[start:end].tolist()) if columns.broken[row] else None
    rules = [rule for at, rule in columns.rules if at == row]
    return int(columns.valid[row]), int(columns.visible[row]), near, rules


@settings(deadline=None)  # the first call compiles
@given(st.lists(TYPED, max_size=8))
@example([MASKED, WRONG, None, SHORT, "X", LONG, PADDED, UNPADDED, VALID, WRONG])
@example(["0" * n for n in range(9, 14)] + ["1" * n for n in range(9, 14)] + ["529.982.247-26", "529982247-26"])
def test_columns_say_of_each_what_the_scalar_function_says(typed: list[str | None]) -> None:
    found = tax_columns(pa.array(typed, pa.string()), Kind.PERSON)
    for row, text in enumerate(typed):
        repairs: list[Repair] = []
        evidence = tax_evidence(text, Kind.PERSON, repairs, lenient=True)
        rules = [repair.rule for repair in repairs]
        held = (evidence.valid or 0, evidence.visible or 0, evidence.near) if evidence else (0, 0, None)
        assert (*held, rules) == said(found, row)


def test_plainly_broken_ones_do_not_reach_the_scalar_function() -> None:
    with patch.object(module, "tax_evidence", side_effect=AssertionError):
        assert tax_columns(pa.array([WRONG, SHORT, LONG, "529.982.247-26"]), Kind.PERSON).broken.all()
