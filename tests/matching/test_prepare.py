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

CELLS = {
    "name": ["JOSE DA SILVA NETO", "MARIA XIMENES", "A B C D E F", "A B C D E F G H", None],
    "mother_name": ["MARIA SOUZA", "ANA B C D", "ANA B C D E F", None],
    "tax_id": ["52998224725", "52998224724", "***456789**", "11222333000181", "12ABC34501DE35", None],
    "birth_date": ["1980-02-28", None],
    "sex": ["F", None],
    "number": ["70000", "12", None],
    "city": ["Santos", None],
    "state": ["SP"],
    "postal_code": ["01310-100", None],
    "phones": ["11 98765-4321|8765-4321|21 2345-6789", "13 3333-4444", None],
    "emails": ["a@b.com.br|nobody|A@b.com.br", None],
}
ROWS = st.lists(st.fixed_dictionaries({name: st.sampled_from(cells) for name, cells in CELLS.items()}), max_size=6)


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
