"""Columns say of every record what ``record.canonical`` says of it."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.errors import InvalidRecord
from bureau.model.canonical import CanonicalRecord, TaxEvidence
from bureau.model.query import Address, Kind, Record
from bureau.normalise.name_columns import Words
from bureau.normalise.record import canonical
from bureau.normalise.record_columns import CanonicalColumns, canonical_columns
from bureau.normalise.repair_columns import repair_notes

TODAY = date(2026, 11, 22)

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
    "birth_date": st.sampled_from(
        ["1980-02-28", "28/02/1980", "31/02/1980", "1980-02-28 ", "0", "19800228", "2999-01-01"]
    )
    | TEXT,
    "sex": st.sampled_from(["M", "feminino", "x"]) | TEXT,
    "number": st.sampled_from(["12-A", "S/N", "070000", "1.234", "KM 3"]) | TEXT,
    "city": st.sampled_from(["São Paulo", "RIO DE JANEIRO", "Santos/SP", "a\x1fb"]) | TEXT,
    "state": st.sampled_from(["SP", "Rio de Janeiro"]) | TEXT,
    "postal_code": st.sampled_from(["01310-100", "1310100", "99999999", "01310100.0"]) | TEXT,
    "phones": CONTACTS,
    "emails": CONTACTS,
}
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | cell for name, cell in CELLS.items()}), max_size=6)
PLACE = ("number", "city", "state", "postal_code")
Row = dict[str, str | None]


def record_of(kind: Kind, row: Row) -> Record:
    held: dict[str, Any] = {name: text for name, text in row.items() if text is not None}
    for name in ("phones", "emails"):
        held[name] = [piece for piece in held.get(name, "").split("|") if piece.strip(" ")]
    address = Address(**{name: held.pop(name) for name in PLACE if name in held})
    return Record(kind=kind, address=address, **held)


def read(kind: Kind, row: Row) -> CanonicalRecord | None:
    try:
        return canonical(record_of(kind, row), TODAY, lenient=True)
    except InvalidRecord:
        return None


def table_of(rows: list[Row]) -> pa.Table:
    return pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in CELLS})


def said(columns: CanonicalColumns, row: int) -> dict[str, Any]:
    """One row of the columns, in the words of a canonical record."""
    return {
        "name": tokens(columns.name, row),
        "suffix": columns.suffix[row],
        "mother": tokens(columns.mother, row),
        "date": columns.date[row],
        "sex": columns.sex[row],
        "municipality": columns.municipality[row],
        "postal_code": columns.postal_code[row],
        "house": columns.house[row],
        "tax": evidence(columns, row),
        "phones": pieces(columns.phones.offsets, columns.phones.numbers.tolist(), row),
        "emails": pieces(columns.emails.offsets, columns.emails.addresses.to_pylist(), row),
    }


def tokens(words: Words, row: int) -> tuple[str, ...]:
    return tuple(words.dictionary[code] for code in words.codes[words.offsets[row] : words.offsets[row + 1]])


def evidence(columns: CanonicalColumns, row: int) -> TaxEvidence | None:
    tax = columns.tax
    near = tuple(tax.near[tax.near_offsets[row] : tax.near_offsets[row + 1]].tolist())
    one = TaxEvidence(int(tax.valid[row]) or None, near if tax.broken[row] else None, int(tax.visible[row]) or None)
    return None if one == TaxEvidence() else one


def pieces(offsets: Any, values: list[Any], row: int) -> tuple[tuple[int, Any], ...]:
    return tuple((i, value) for i, value in enumerate(values[offsets[row] : offsets[row + 1]]) if value)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(Kind), ROWS)
def test_columns_say_what_the_scalar_says(kind: Kind, rows: list[Row]) -> None:
    columns = canonical_columns(table_of(rows), kind, TODAY)
    notes = repair_notes(columns).to_pylist()
    for place, row in enumerate(rows):
        record = read(kind, row)
        assert columns.searchable[place] == (record is not None)
        if record:
            found = said(columns, place)
            assert {name: getattr(record, name) for name in found} == found
            assert ("; ".join(f"{repair.field}: {repair.rule}" for repair in record.repairs) or None) == notes[place]


@pytest.mark.parametrize(
    ("name", "content", "suffix"),
    [
        ("JOSE DA SILVA FILHO", ("JOSE", "SILVA"), 2),
        ("JOSE NETO", ("JOSE", "NETO"), 0),
        ("ESPOLIO DR JOSE LIMA", ("JOSE", "LIMA"), 0),
        ("DE DOS", ("DE", "DOS"), 0),
        (None, (), 0),
    ],
)
def test_names_are_taken_apart(name: str | None, content: tuple[str, ...], suffix: int) -> None:
    columns = canonical_columns(pa.table({"name": pa.array([name, "ANA LIMA"], pa.string())}), Kind.PERSON, TODAY)
    assert (content, suffix) == (tokens(columns.name, 0), columns.suffix[0])
    assert ("ANA", "LIMA") == tokens(columns.name, 1)


def test_blank_members_of_a_list_are_none() -> None:
    columns = canonical_columns(pa.table({"emails": ["|a@b.com.br| |", None, ""]}), Kind.PERSON, TODAY)
    assert [0, 1, 1, 1] == columns.emails.offsets.tolist()
    assert [True, False, False] == columns.searchable.tolist()
