from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.deliverability.email.columnar import NO_ADDRESS, REASONS, STATUSES, check_column
from bureau.deliverability.email.verdict import Stages, check_email
from bureau.deliverability.sightings import Sighting

AT = datetime(2026, 11, 22, tzinfo=UTC)

texts = st.none() | st.builds(
    lambda local, domain: local + domain,
    st.sampled_from(["fulano", "contato", "vendas.sp", "xxxxx", "bcdfghjk", "Fulano.Tal", "a..b", "joão", ""]),
    st.sampled_from(
        ["@exemplo.com.br", "@gmal.com", "@mailinator.com", "@duck.com", "@LIVRE.com", "@x", "", "@ação.com"]
    ),
)


@pytest.mark.parametrize("expects_role", [False, True])
@given(st.lists(st.tuples(texts, st.integers(-1, 3000)), max_size=12))
def test_columns_equal_single_verdicts(expects_role: bool, rows: list[tuple[str | None, int]]) -> None:
    column = pa.array([text for text, _ in rows], pa.string())
    codes = check_column(column, np.array([age for _, age in rows], np.int64), expects_role)
    for (text, age), code in zip(rows, codes.tolist(), strict=True):
        if text is None:
            assert NO_ADDRESS == code
            continue
        sighting = Sighting(age if age >= 0 else None)
        verdict = check_email(text, AT, Stages(sighting=sighting, expects_role=expects_role))
        assert (verdict.reason, verdict.status) == (REASONS[code], STATUSES[code])
