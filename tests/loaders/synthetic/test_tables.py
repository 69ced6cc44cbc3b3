import pyarrow as pa

from loaders.synthetic.tables import csv_bytes


def test_texts_are_quoted_and_nulls_empty() -> None:
    columns = [pa.array(["a;b", None]), pa.array(['say "x"', ""])]
    assert b'"a;b";"say ""x"""\n;""\n' == csv_bytes(columns, ";", "utf-8")


def test_encodings() -> None:
    columns = [pa.array(["JOÃO"])]
    for encoding in ("utf-8", "cp1252", "latin-1"):
        assert '"JOÃO"\n'.encode(encoding) == csv_bytes(columns, ",", encoding)  # type: ignore[arg-type]
