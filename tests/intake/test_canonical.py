import pyarrow as pa

from bureau.intake.canonical import CANONICAL, canonical
from bureau.intake.headers import recognise


def table(header: list[str], *columns: list[object]) -> list[dict[str, object]]:
    arrays = [pa.array(column) for column in columns]
    return canonical(arrays, recognise(header), len(columns[0])).to_pylist()


def held(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}


def test_blank_cells_are_null_and_the_rest_is_trimmed() -> None:
    rows = table(["nome", "cpf", "saldo"], [" ANA ", ""], ["  ", "1"], ["9", "9"])
    assert [{"name": "ANA"}, {"tax_id": "1"}] == [held(row) for row in rows]
    assert CANONICAL.names == list(rows[0])


def test_phones_of_several_columns_become_one_list_with_their_area_codes() -> None:
    header = ["nome", "DDD", "telefone", "celular"]
    rows = table(header, ["A", "B", "C"], ["11", "21", ""], ["3333-4444", "", "5555-6666"], ["", "21 98888-7777", ""])
    assert ["11 3333-4444", "21 98888-7777", "5555-6666"] == [row["phones"] for row in rows]


def test_numbers_dates_and_lists_of_a_parquet_file_become_text() -> None:
    rows = table(["tax_id", "emails", "seen_at"], [12345678909], [["a@b.c", "d@e.f"]], [pa.scalar(20000, pa.date32())])
    assert {"tax_id": "12345678909", "emails": "a@b.c|d@e.f", "seen_at": "2024-10-04"} == held(rows[0])


def test_pieces_of_a_name_are_joined_by_a_blank() -> None:
    rows = table(["first name", "last name"], ["ANA", "RUI", ""], ["LIMA", "", ""])
    assert ["ANA LIMA", "RUI", None] == [row["name"] for row in rows]
