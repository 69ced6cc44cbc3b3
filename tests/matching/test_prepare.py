"""Columns and Structs prepare the same queries."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.enrich.batch import records_of
from bureau.errors import InvalidRecord
from bureau.matching.prepare import column_subjects, subjects
from bureau.matching.subject import Subjects
from bureau.model.canonical import CanonicalRecord
from bureau.model.query import Kind, Record
from bureau.normalise.record import canonical
from bureau.normalise.record_columns import CanonicalColumns, canonical_columns

TODAY = date(2026, 11, 22)
TOKEN_IDS = {token: i for i, token in enumerate(["MARIA", "SILVA", "JOSE", "COMERCIO", "SOUZA"], 1)}

TEXT = st.text(max_size=8)
NAMES = st.lists(
    st.sampled_from(["José", "MARIA", "da", "Silva", "Souza", "Fº", "Neto", "DR", "Espólio", "e", "Ltda", "ME", "?"])
    | TEXT,
    max_size=9,
).map(" ".join)
TAX_IDS = st.one_of(
    st.sampled_from(["***456789**", "529.982.247-25", "3195060420", "1.234E+10", "000", "11111111111", "X" * 30]),
    st.sampled_from(["11.222.333/0001-81", "12ABC34501DE35", "11222333000182", "529982247.00", "não informado", "ABC"]),
    st.text("0123456789.-/*X ", max_size=21),
    st.integers(0, 10**11 - 1).map(lambda number: f"{number:011}"),
    TEXT,
)
CONTACTS = st.lists(
    st.sampled_from(
        ["11 98765-4321", "8765-4321", "+55 (21) 2345-6789", "a@b.com.br", "A.B@C.com,", "x@x.com", "", " "]
    )
    | st.text("0123456789@.ab ", max_size=14)
    | TEXT.map(lambda text: text.replace("|", "")),
    max_size=4,
).map("|".join)
CELLS = {
    "name": NAMES,
    "trade_name": NAMES,
    "mother_name": NAMES,
    "tax_id": TAX_IDS,
    "birth_date": st.sampled_from(["1980-02-28", "28/02/1980", "31/02/1980", "1980-02-28 ", "0", "2999-01-01"]) | TEXT,
    "sex": st.sampled_from(["M", "feminino", "x"]) | TEXT,
    "number": st.sampled_from(["12-A", "S/N", "070000", "1.234", "KM 3"]) | TEXT,
    "city": st.sampled_from(["São Paulo", "RIO DE JANEIRO", "Santos/SP", "a\x1fb"]) | TEXT,
    "state": st.sampled_from(["SP", "Rio de Janeiro"]) | TEXT,
    "postal_code": st.sampled_from(["01310-100", "1310100", "99999999", "01310100.0"]) | TEXT,
    "phones": CONTACTS,
    "emails": CONTACTS,
}
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | cell for name, cell in CELLS.items()}), max_size=6)


def read(record: Record) -> CanonicalRecord:
    return canonical(record, TODAY, lenient=True)


def is_refused(record: Record) -> bool:
    try:
        read(record)
    except InvalidRecord:
        return True
    return False


def spelled(prepared: Subjects) -> list[list[object]]:
    """The rows with unknown tokens spelled out, as their numbers may differ."""
    unknown = [
        (letters.tobytes(), int(length), int(sound))
        for letters, length, sound in zip(
            prepared.unknown_letters, prepared.unknown_length, prepared.unknown_sound, strict=True
        )
    ]
    first = len(TOKEN_IDS) + 1
    return [
        [unknown[cell - first] if column < 10 and cell >= first else cell for column, cell in enumerate(row)]
        for row in prepared.rows.tolist()
    ]


def assert_same(expected: Subjects, actual: Subjects) -> None:
    assert spelled(expected) == spelled(actual)
    assert len(expected.unknown_length) == len(actual.unknown_length)
    for name, one, other in zip(Subjects._fields, expected, actual, strict=True):
        assert one.dtype == other.dtype, name
        if not name.startswith("unknown") and name != "rows":
            np.testing.assert_array_equal(one, other, name)


def columns_of(kind: Kind, rows: Sequence[dict[str, str | None]]) -> tuple[list[Record], CanonicalColumns]:
    table = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in CELLS})
    kinds = pa.array([kind.value] * len(rows), pa.string())
    return records_of(table.append_column("kind", kinds)), canonical_columns(table, kind, TODAY)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(Kind), ROWS)
def test_columns_and_structs_prepare_the_same_queries(kind: Kind, rows: list[dict[str, str | None]]) -> None:
    records, columns = columns_of(kind, rows)
    refused = [is_refused(record) for record in records]
    assert refused == (~columns.searchable).tolist()
    records, columns = columns_of(kind, [row for row, no in zip(rows, refused, strict=True) if not no])
    assert_same(subjects([read(record) for record in records], TOKEN_IDS), column_subjects(columns, TOKEN_IDS))


def test_long_names_keep_the_same_tokens() -> None:
    rows = [
        dict.fromkeys(CELLS) | {"name": text, "mother_name": text}
        for text in ("A B C D E F", "A B C D E F G H", "A B C D", "A B C D E")
    ]
    records, columns = columns_of(Kind.PERSON, rows)
    assert_same(subjects([read(record) for record in records], TOKEN_IDS), column_subjects(columns, TOKEN_IDS))


def test_absent_columns_are_empty_ones() -> None:
    table = pa.table({"name": ["JOSE SILVA", "MARIA"]})
    columns = canonical_columns(table, Kind.PERSON, TODAY)
    assert_same(
        subjects([read(record) for record in records_of(table)], TOKEN_IDS), column_subjects(columns, TOKEN_IDS)
    )
