"""Parts joined are the file that would have been written in one go."""

import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bureau.enrich.chunk_answers import Asking, total
from bureau.enrich.columns import FLAT
from bureau.enrich.files import FileOptions, enrich_file
from bureau.enrich.parts import Part, answer_part, join_parts, read_part, write_part
from bureau.enrich.results import Answers, ParquetForm
from bureau.errors import OutputFailed
from bureau.intake.rows import CHUNK_ROWS
from bureau.intake.staging import Staged, stage
from bureau.intake.tables import open_table
from bureau.storage.local import LocalFolder

ROWS = CHUNK_ROWS + 5


def echo(records: pa.Table, nested: bool) -> Answers:
    names = records["name"].to_pylist()
    rows = [
        {
            "bureau_status": "refused" if name == "NOBODY 7" else "matched",
            "bureau_name": name,
            "bureau_repairs": "record: nothing_to_search" if name == "NOBODY 7" else "phones[0]: ninth_digit_added",
            "bureau_charge": 1,
        }
        for name in names
    ]
    whole = [b'{"id":"%d","status":"matched","charge":{"units":1,"why":"matched"}}' % n for n in range(len(rows))]
    return Answers(pa.Table.from_pylist(rows, FLAT), whole if nested else [])


def part_path(directory: Path, chunk: int) -> Path:
    return directory / f"{chunk}.arrow"


def parts_in(directory: Path) -> Callable[[int], Part]:
    return lambda chunk: read_part(LocalFolder(directory), f"{chunk}.arrow")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    lines = "".join(f'"NOBODY {n}";{n}\r\n' for n in range(ROWS))
    path.write_bytes(("nome;conta\r\n" + lines + "one field\r\n").encode("cp1252"))
    return path


def answered(source: Path, directory: Path, nested: bool = False) -> Staged:
    directory.mkdir()
    upload = stage(open_table(source), directory)
    tallies = []
    for chunk in reversed(range(len(upload.chunks))):
        part, tally = answer_part(Asking(upload.what, echo), upload.rows(chunk), nested=nested)
        write_part(part, part_path(directory, chunk))
        tallies.append(tally)
    assert (ROWS + 1, ROWS - 1) == (total(tallies).rows, total(tallies).statuses["matched"])
    assert {"nothing_to_search": 1, "too_few_fields": 1} == total(tallies).refused
    assert {"ninth_digit_added": ROWS - 1} == total(tallies).repairs
    return upload


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "parquet"])
def test_parts_make_the_file_that_one_go_makes(tmp_path: Path, source: Path, suffix: str) -> None:
    one, parts = tmp_path / f"one.{suffix}", tmp_path / "job" / f"parts.{suffix}"
    enrich_file(source, one, echo, FileOptions(processes=1))
    join_parts(answered(source, parts.parent, nested=suffix != "csv"), parts_in(parts.parent), parts)
    assert one.read_bytes() == parts.read_bytes()
    refusals = one.with_name(f"{one.name}.refusals.csv").read_text()
    assert "row,column,reason\n9,record,nothing_to_search\n8199,,too_few_fields\n" == refusals
    assert refusals == parts.with_name(f"{parts.name}.refusals.csv").read_text()


def test_without_whole_answers_every_form_shows_the_flat_columns(tmp_path: Path, source: Path) -> None:
    directory = tmp_path / "job"
    upload = answered(source, directory)
    join_parts(upload, parts_in(directory), tmp_path / "out.jsonl")
    first = json.loads((tmp_path / "out.jsonl").read_text().splitlines()[0])
    assert {"nome": "NOBODY 0", "conta": "0", "bureau_status": "matched"}.items() <= first.items()
    join_parts(upload, parts_in(directory), tmp_path / "out.parquet")
    assert ["nome", "conta", *FLAT.names] == pq.read_schema(tmp_path / "out.parquet").names


def test_a_part_is_the_same_however_often_it_is_made(tmp_path: Path, source: Path) -> None:
    directory = tmp_path / "job"
    upload = answered(source, directory)
    before = part_path(directory, 0).read_bytes()
    part, _ = answer_part(Asking(upload.what, echo), upload.rows(0), nested=False)
    write_part(part, part_path(directory, 0))
    assert before == part_path(directory, 0).read_bytes()
    assert CHUNK_ROWS - 1 == len(parts_in(directory)(0).rows)


def test_a_missing_part_or_another_chunks_is_noticed(tmp_path: Path, source: Path) -> None:
    directory = tmp_path / "job"
    upload = answered(source, directory)
    part_path(directory, 1).write_bytes(part_path(directory, 0).read_bytes())
    with pytest.raises(OutputFailed, match="chunk 1 are not those"):
        join_parts(upload, parts_in(directory), tmp_path / "out.csv")
    part_path(directory, 1).unlink()
    with pytest.raises(OutputFailed, match=r"1\.arrow cannot be read"):
        join_parts(upload, parts_in(directory), tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_an_upload_without_rows_gives_a_header(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("nome;cpf\n")
    upload = stage(open_table(source), tmp_path)
    join_parts(upload, parts_in(tmp_path), tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == ";".join(["nome", "cpf", *FLAT.names]) + "\n"


def test_a_parquet_result_has_few_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chunk = pa.table({"n": range(1000)})
    for most, groups in ((10 * chunk.nbytes, 3), (1, 25)):
        monkeypatch.setattr("bureau.enrich.results.GROUP_BYTES", most)
        file = ParquetForm().open(tmp_path / "out.parquet")
        for _ in range(25):
            file.write(chunk)
        file.close()
        assert groups == pq.read_metadata(tmp_path / "out.parquet").num_row_groups
        assert 25 * list(range(1000)) == pq.read_table(tmp_path / "out.parquet")["n"].to_pylist()
