"""Small conversions between normalised values and the columns of source tables."""

from collections import Counter

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bureau.normalise.problems import Problem


def count_problems(counts: Counter[str], column: str, kind: type[Problem], problems: NDArray[np.uint8]) -> None:
    """Add the problems of one column to ``counts`` as ``column.reason``; a missing value is no problem."""
    for code, count in enumerate(np.bincount(problems).tolist()):
        problem = kind.of(code)
        if count and problem is not None and problem != "missing":
            counts[f"{column}.{problem}"] += count


def date_column(yyyymmdd: NDArray[np.int32]) -> pa.Array:
    """Decimal dates, valid or 0, as ``date32``; 0 becomes null."""
    months = (yyyymmdd // 10_000 - 1970) * 12 + yyyymmdd // 100 % 100 - 1
    first_of_month = months.astype("datetime64[M]").astype("datetime64[D]")
    days = first_of_month.astype(np.int32) + yyyymmdd % 100 - 1
    return pa.array(days, pa.date32(), mask=yyyymmdd == 0)


def number_column(numbers: NDArray[np.int64], unknown: NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    """Numbers with null where they are unknown."""
    return pa.array(numbers, mask=unknown).cast(kind)
