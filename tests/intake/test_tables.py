import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.errors import InvalidArgument, UnreadableInput
from bureau.intake.chunks import Chunk, Refusal, chunk_of
from bureau.intake.layouts import Layout
from bureau.intake.tables import Reading, open_table


def only_chunk(path: Path, with_columns: bool = False) -> Chunk:
    table = open_table(path)
    (rows,) = table.rows()
    return chunk_of(table.what, rows, with_columns)


def written(tmp_path: Path, data: bytes | str, name: str = "table.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_rows_keep_their_line_and_their_own_text(tmp_path: Path) -> None:
    path = written(tmp_path, b'nome;cpf\r\n"Jos\xe9 ;x" ;1\r\n\r\nANA;2;;\r\n')
    chunk = only_chunk(path)
    assert [2, 4] == chunk.own.rows.tolist()
    assert chunk.own.text is not None
    assert ['"José ;x" ;1', "ANA;2"] == chunk.own.text.to_pylist()
    assert ["José ;x", "ANA"] == chunk.records["name"].to_pylist()


def test_broken_rows_and_repeated_headers_are_refused_with_their_line(tmp_path: Path) -> None:
    path = written(tmp_path, "nome;cpf;uf\nANA;1;SP\nsó isto\nnome;cpf;uf\nRUI;2;RJ\nA;B;C;D\n")
    chunk = only_chunk(path)
    expected = [Refusal(3, "", "too_few_fields"), Refusal(4, "", "repeated_header"), Refusal(6, "", "too_many_fields")]
    assert expected == chunk.refusals
    assert ["ANA", "RUI"] == chunk.records["name"].to_pylist()


def test_the_customers_columns_as_a_table_when_asked_for(tmp_path: Path) -> None:
    chunk = only_chunk(written(tmp_path, "nome;saldo;saldo\nANA;1,50;x\n"), with_columns=True)
    assert chunk.own.client is not None
    assert ["nome", "saldo", "saldo"] == chunk.own.client.column_names
    assert [["ANA"], ["1,50"], ["x"]] == [column.to_pylist() for column in chunk.own.client.columns]


def test_parquet_keeps_its_columns_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    pq.write_table(pa.table({"name": ["ANA"], "debt": [1.5], "phones": [["1", "2"]]}), path)
    chunk = only_chunk(path, with_columns=True)
    assert [1] == chunk.own.rows.tolist()
    assert ["1|2"] == chunk.records["phones"].to_pylist()
    assert chunk.own.client is not None
    assert pa.float64() == chunk.own.client.schema.field("debt").type


def test_json_lines_flat_or_shaped_as_a_request(tmp_path: Path) -> None:
    lines = [{"name": "ANA", "phones": ["1", "2"], "address": {"street": "RUA A", "city": "RIO"}}, {"cpf": "3"}]
    path = written(tmp_path, "\n".join(json.dumps(line) for line in lines) + "\n[1]\n\nnot json\n", "table.jsonl")
    chunk = only_chunk(path, with_columns=True)
    assert ["ANA", None] == chunk.records["name"].to_pylist()
    assert ["1|2", None] == chunk.records["phones"].to_pylist()
    assert ["RUA A", None] == chunk.records["street"].to_pylist()
    assert [None, "3"] == chunk.records["tax_id"].to_pylist()
    assert [Refusal(3, "", "not_a_json_object"), Refusal(5, "", "not_a_json_object")] == chunk.refusals
    assert [1, 2] == chunk.own.rows.tolist()


def test_damaged_parquet_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="damaged"):
        open_table(written(tmp_path, b"PAR1 and nothing more", "table.parquet"))


def test_json_without_objects_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="no JSON object"):
        open_table(written(tmp_path, "{\n{\n", "table.jsonl"))


@settings(deadline=None)  # the first call compiles
@given(st.text(st.sampled_from('ab1;"\n\r\0 Total'), max_size=60), st.booleans())
def test_every_row_ends_in_exactly_one_place(tmp_path_factory: pytest.TempPathFactory, body: str, quoted: bool) -> None:
    path = tmp_path_factory.mktemp("rows") / "in.csv"
    path.write_bytes(
        f'"nome";cpf;x\n{body}\nANA;1;2\n'.encode() if quoted else f"nome;cpf;x\n{body}\nANA;1;2\n".encode()
    )
    table = open_table(path)
    for rows in table.rows():
        chunk = chunk_of(table.what, rows, with_columns=True)
        numbers = [*chunk.own.rows.tolist(), *(refusal.row for refusal in chunk.refusals)]
        assert rows.numbers.to_pylist() == sorted(numbers)
        assert chunk.own.text is not None
        assert chunk.own.client is not None
        assert len(chunk.own.rows) == chunk.records.num_rows == len(chunk.own.text) == chunk.own.client.num_rows


def test_a_file_about_nobody_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match=r"^table.csv: None of the 2 columns"):
        open_table(written(tmp_path, "a,b\n1,2\n"))


def test_what_was_said_of_another_form_is_refused_and_not_passed_over(tmp_path: Path) -> None:
    plain = written(tmp_path, "nome\nANA\n")
    with pytest.raises(InvalidArgument, match=r"table.csv is none"):
        open_table(plain, Reading(sheet="Clientes"))
    pq.write_table(pa.table({"nome": ["ANA"]}), tmp_path / "table.parquet")
    with pytest.raises(InvalidArgument, match="fixed-width"):
        open_table(tmp_path / "table.parquet", Reading(layout=Layout(name="own", length=9, columns={"name": (1, 9)})))
