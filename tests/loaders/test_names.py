"""The columnar company names against the scalar function they stand for."""

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bureau.normalise.companies import company_name
from loaders.names import company_names

WORDS = st.sampled_from([
    *("A", "&", "B", "S/A", "S.A.", "LTDA", "ME", "3M", "D'OURO", "SÃO", "JOÃO", "-", "CPF", "N/A", "EM LIQUIDACAO"),
    *("41.330.504", "41330504", "52998224725", "529.982.247-25", "12345678901", "052998224725", "  ", "\tX", "ª"),
])  # fmt: skip
NAMES = st.one_of(st.none(), st.lists(WORDS, max_size=6).map(" ".join), st.text(max_size=12))


@settings(deadline=None)
@given(st.lists(NAMES, max_size=8))
@example(["ANA LIMA 52998224725", "41.330.504 RUI DIAS", "A & B S/A", None, ""])
@example(
    [
        "41.330.504 RUI DIAS 52998224725",
        "52998224725",
        "X52998224725",
        "ANA CPF 52998224725",
        "CPF 52998224725",
        "052998224725",
    ]
)
def test_columns_say_what_the_scalar_says(names: list[str | None]) -> None:
    expected = [company_name(name) for name in names]
    found = company_names(pa.array(names, pa.string()))
    assert [name and name.display for name in expected] == found.texts.to_pylist()
    assert [(name and name.owner_tax_id) or None for name in expected] == found.owners.to_pylist()
