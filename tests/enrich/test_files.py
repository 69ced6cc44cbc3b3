import errno
import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bureau.enrich.files import FileOptions, FileReport, enrich_file
from bureau.enrich.results import Answers
from bureau.errors import InvalidArgument, OutputFailed, UnreadableInput
from bureau.model.answer import Action, Answer, Charge, EmailAnswer, Status, VerdictStatus


@pytest.fixture(autouse=True)
def importable_by_other_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))


def echo(records: pa.Table, nested: bool) -> Answers:
    """An answer that says what it was asked: enough to see that every row gets its own, and in order."""
    names = records["name"].to_pylist()
    columns = {
        "bureau_status": [{"REFUSE ME": "refused", None: "not_found"}.get(name, "matched") for name in names],
        "bureau_probability": [0.5] * len(names),
        "bureau_name": [f"{name}; {kind}" for name, kind in zip(names, records["kind"].to_pylist(), strict=True)],
        "bureau_repairs": ["tax_id: wrong_digits"] * len(names),
        "bureau_email_1": ["a@b.c" if name else None for name in names],
        "bureau_phone_1": pa.nulls(len(names), pa.string()),
        "bureau_charge": pa.array([1] * len(names), pa.int8()),
    }
    whole = [msgspec.json.encode(whole_answer(name)) for name in names] if nested else []
    return Answers(pa.table(columns), whole)


def whole_answer(name: str | None) -> Answer:
    email = EmailAnswer(
        address="a@b.c",
        known_to_client=False,
        status=VerdictStatus.UNKNOWN,
        reason="not_checked",
        action=Action.RECHECK,
        confidence=0.5,
    )
    return Answer(id="enr_1", status=Status.MATCHED, charge=Charge(1, "matched"), name=name, emails=[email])


def failing(_records: pa.Table, _nested: bool) -> Answers:
    raise InvalidArgument("as a test")


def dying(_records: pa.Table, _nested: bool) -> Answers:
    os._exit(1)


def run(source: Path, output: Path, **options: object) -> FileReport:
    return enrich_file(source, output, echo, FileOptions(**options))  # type: ignore[arg-type]


def written(tmp_path: Path, data: bytes, name: str = "in.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def test_the_customers_text_is_untouched_and_ours_follows(tmp_path: Path) -> None:
    source = written(tmp_path, b'sep=;\r\nNome ;"Sal""do"; cpf\r\n"Jos\xe9";" 1,5 ";1\r\n;;2\r\n')
    output = tmp_path / "out.csv"
    run(source, output)
    header = b"bureau_status;bureau_probability;bureau_name;bureau_repairs;bureau_email_1;bureau_phone_1;bureau_charge"
    expected = (
        b'sep=;\r\nNome ;"Sal""do"; cpf;' + header + b"\r\n"
        b'"Jos\xe9";" 1,5 ";1;matched;0.5;"Jos\xe9; person";tax_id: wrong_digits;a@b.c;;1\r\n'
        b';;2;not_found;0.5;"None; person";tax_id: wrong_digits;;;1\r\n'
    )
    assert expected == output.read_bytes()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_kept(tmp_path: Path, encoding: str) -> None:
    source = written(tmp_path, "nome,cpf\nJosé,1\n".encode(encoding))
    output = tmp_path / "out.csv"
    run(source, output)
    lines = output.read_bytes().decode(encoding).splitlines()
    assert ["nome,cpf,bureau_status", "José,1,matched"] == [",".join(line.split(",")[:3]) for line in lines]


def test_every_row_ends_in_the_result_or_in_the_refusals(tmp_path: Path) -> None:
    source = written(tmp_path, b"nome;cpf\nANA;1\nbroken\n\nRUI;2\n")
    output = tmp_path / "out.csv"
    report = run(source, output)
    assert "row,column,reason\n3,,too_few_fields\n" == (tmp_path / "out.csv.refusals.csv").read_text()
    assert (3, {"matched": 2}, {"too_few_fields": 1}, 2, 0) == (
        report.rows,
        report.statuses,
        report.refused,
        report.emails,
        report.phones,
    )
    run(written(tmp_path, b"nome;cpf\nANA;1\n"), output)
    assert ["in.csv", "out.csv"] == sorted(path.name for path in tmp_path.iterdir())


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_a_refused_record_is_a_refusal_and_no_result(tmp_path: Path, suffix: str) -> None:
    source = written(tmp_path, b"nome;cpf\nANA;1\nREFUSE ME;2\nonly this\nRUI;3\n")
    output = tmp_path / f"out.{suffix}"
    report = run(source, output)
    expected = "row,column,reason\n3,tax_id,wrong_digits\n4,,too_few_fields\n"
    assert expected == output.with_name(f"{output.name}.refusals.csv").read_text()
    assert ({"matched": 2}, {"too_few_fields": 1, "wrong_digits": 1}) == (report.statuses, report.refused)
    assert b"REFUSE ME" not in output.read_bytes()


def test_several_processes_give_the_same_file_in_order(tmp_path: Path) -> None:
    rows = b"".join(b"NAME %d;%d;%s\n" % (number, number, b"x" * 200) for number in range(80_000))
    source = written(tmp_path, b"nome;cpf;nota\n" + rows)
    one, several = tmp_path / "one.csv", tmp_path / "several.csv"
    assert 80_000 == run(source, one, processes=1).rows
    run(source, several, processes=2)
    assert one.read_bytes() == several.read_bytes()


def test_json_lines_carry_the_whole_answer(tmp_path: Path) -> None:
    source = written(tmp_path, b'{"name": "ANA", "debt": 1.50}\n{}\n', "in.jsonl")
    output = tmp_path / "out.jsonl"
    run(source, output)
    first, second = output.read_bytes().splitlines()
    assert first.startswith(b'{"name": "ANA", "debt": 1.50,"bureau_answer":{')
    assert "a@b.c" == json.loads(first)["bureau_answer"]["emails"][0]["address"]
    assert ["bureau_answer"] == list(json.loads(second))


def test_parquet_keeps_types_and_nests_the_answer(tmp_path: Path) -> None:
    source = tmp_path / "in.parquet"
    pq.write_table(pa.table({"name": ["ANA", None], "debt": [1.5, 2.5]}), source)
    output = tmp_path / "out.parquet"
    run(source, output)
    table = pq.read_table(output)
    assert ["name", "debt", "bureau_status"] == table.column_names[:3]
    assert pa.float64() == table.schema.field("debt").type
    answer = table["bureau_answer"].to_pylist()[0]
    assert ("matched", "a@b.c", 1) == (answer["status"], answer["emails"][0]["address"], answer["charge"]["units"])


@pytest.mark.parametrize(
    ("given", "name"),
    [(b"nome;cpf\nANA;1\n", "in.csv"), (b'{"nome": "ANA", "cpf": "1"}\n', "in.jsonl")],
)
@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_every_form_into_every_form(tmp_path: Path, given: bytes, name: str, suffix: str) -> None:
    output = tmp_path / f"out.{suffix}"
    run(written(tmp_path, given, name), output)
    if suffix == "parquet":
        assert "ANA" == pq.read_table(output)["nome"].to_pylist()[0]
    else:
        assert "ANA" in output.read_text()


def test_a_file_without_rows_gives_a_header(tmp_path: Path) -> None:
    output = tmp_path / "out.csv"
    report = run(written(tmp_path, b"nome;cpf\n"), output)
    assert 0 == report.rows
    assert output.read_text().startswith("nome;cpf;bureau_status;")


@pytest.mark.parametrize(
    ("header", "cells", "kind"),
    [
        ("nome;cpf", "ANA;1", "person"),
        ("razao social;cnpj", "X LTDA;1", "company"),
        ("nome;cpf/cnpj", "X LTDA;11.222.333/0001-81", "company"),
        ("nome;cpf/cnpj", "ANA;00012345678909", "person"),
        ("tipo pessoa;nome", "J;X LTDA", "company"),
        ("tipo pessoa;nome", "Jurídica;X LTDA", "company"),
        ("tipo pessoa;nome", "PF;ANA", "person"),
        ("tipo pessoa;nome;doc", "F;ANA;11222333000181", "person"),
        ("tipo inscricao;nome;doc", "02;X LTDA;11222333000181", "company"),
        ("tipo inscricao;nome;doc", "1;ANA;052998224725", "person"),
        ("tipo;nome;doc", "CLIENTE;X LTDA;11222333000181", "company"),
        ("nome;nascimento;doc", "ANA;18/05/1977;229663912863", "person"),
        ("nome;sexo;doc", "ANA;F;529.982.247-25 / 529.982.247-25", "person"),
        ("nome;mae;doc", "ANA;EVA;CPF 52998224725", "person"),
        ("nome;fundacao;doc", "X LTDA;18/05/1977;11222333000182", "company"),
        ("nome;sexo;doc", "X LTDA;N;11222333000181", "company"),
        ("nome;nascimento;doc", "X LTDA;18/05/1977;191000000116", "company"),
    ],
)
def test_people_and_companies_are_told_apart(tmp_path: Path, header: str, cells: str, kind: str) -> None:
    output = tmp_path / "out.csv"
    run(written(tmp_path, f"{header}\n{cells}\n".encode()), output)
    assert f"; {kind}" in output.read_text()


def test_nothing_is_left_or_replaced_when_it_fails(tmp_path: Path) -> None:
    source = written(tmp_path, b"nome\nANA\n")
    output = tmp_path / "out.csv"
    output.write_text("earlier")
    with pytest.raises(InvalidArgument, match="as a test"):
        enrich_file(source, output, failing, FileOptions())
    assert "earlier" == output.read_text()
    assert ["in.csv", "out.csv"] == sorted(path.name for path in tmp_path.iterdir())


def full(_records: pa.Table, _nested: bool) -> Answers:
    raise OSError(errno.ENOSPC, "No space left on device")


def lost(_records: pa.Table, _nested: bool) -> Answers:
    raise FileNotFoundError(errno.ENOENT, "No such file or directory", "population")


def test_a_full_disk_is_one_sentence_and_anothers_trouble_is_not_called_that(tmp_path: Path) -> None:
    source = written(tmp_path, b"nome\nANA\n")
    with pytest.raises(OutputFailed, match=r"cannot be written to .*: No space left"):
        enrich_file(source, tmp_path / "out.csv", full, FileOptions())
    with pytest.raises(FileNotFoundError):
        enrich_file(source, tmp_path / "out.csv", lost, FileOptions())
    assert ["in.csv"] == [path.name for path in tmp_path.iterdir()]


def test_a_process_that_dies_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed, match="process died"):
        enrich_file(written(tmp_path, b"nome\nANA\n"), tmp_path / "out.csv", dying, FileOptions(processes=2))


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_is_no_ordinary_file_is_neither_read_nor_replaced(tmp_path: Path, make: Any) -> None:
    """Renamed into its place, the result would take it away: /dev/null, for whoever may."""
    output = tmp_path / "out.csv"
    make(output)
    with pytest.raises(InvalidArgument, match="no ordinary file"):
        run(written(tmp_path, b"nome\nANA\n"), output)
    assert not output.is_file()
    with pytest.raises(UnreadableInput, match=r"no ordinary file|is a directory"):
        run(output, tmp_path / "other.csv")


def test_a_link_keeps_naming_the_result(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    output = tmp_path / "out.csv"
    output.symlink_to(tmp_path / "elsewhere" / "real.csv")
    run(written(tmp_path, b"nome\nANA\n"), output)
    assert output.is_symlink()
    assert (tmp_path / "elsewhere" / "real.csv").read_text().startswith("nome;")


def test_impossible_requests_are_refused_before_any_work(tmp_path: Path) -> None:
    source = written(tmp_path, b"nome\nANA\n")
    with pytest.raises(InvalidArgument, match="overwrite"):
        run(source, source)
    with pytest.raises(InvalidArgument, match="not a directory"):
        run(source, tmp_path / "absent" / "out.csv")
    with pytest.raises(UnreadableInput, match="does not exist"):
        run(tmp_path / "absent.csv", tmp_path / "out.csv")
    for output in ("out.xls", "out.csv.gz", "out.json", "-"):
        with pytest.raises(InvalidArgument, match="are written as"):
            run(source, tmp_path / output)
    with pytest.raises(InvalidArgument, match="result file"):
        run(written(tmp_path, b"nome;bureau_status\nANA;matched\n", "again.csv"), tmp_path / "out.csv")
