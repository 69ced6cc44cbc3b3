"""Arrow tables as the bytes of a CSV file."""

from collections.abc import Sequence
from typing import Literal

import pyarrow as pa
import pyarrow.csv


def csv_bytes(
    columns: Sequence[pa.StringArray], separator: str, encoding: Literal["utf-8", "cp1252", "latin-1"]
) -> bytes:
    """The columns as CSV lines without header, every text in quotes, nulls empty."""
    table = pa.table(list(columns), names=[str(number) for number in range(len(columns))])
    sink = pa.BufferOutputStream()
    form = pyarrow.csv.WriteOptions(include_header=False, delimiter=separator, quoting_style="needed")
    pyarrow.csv.write_csv(table, sink, form)
    written: bytes = sink.getvalue().to_pybytes()
    return written if encoding == "utf-8" else written.decode().encode(encoding)
