"""Arrow tables as the bytes of a CSV file."""

import pyarrow as pa
import pyarrow.csv


def csv_bytes(table: pa.Table, separator: str, encoding: str) -> bytes:
    """The table as CSV lines without header, every text in quotes, nulls empty."""
    sink = pa.BufferOutputStream()
    form = pyarrow.csv.WriteOptions(include_header=False, delimiter=separator, quoting_style="needed")
    pyarrow.csv.write_csv(table, sink, form)
    written: bytes = sink.getvalue().to_pybytes()
    return written if encoding == "utf-8" else written.decode().encode(encoding)
