"""A converted upload gives back every row of every form, chunk by chunk."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bureau.errors import OutputFailed, UnreadableInput
from bureau.intake.chunks import chunk_of
from bureau.intake.rows import CHUNK_ROWS
from bureau.intake.staging import ROWS_FILE, open_staged, stage
from bureau.intake.tables import open_table
from bureau.storage.local import LocalFolder

ROWS = CHUNK_ROWS * 2 + 3


def csv_file(path: Path) -> Path:
    path.write_bytes(b"nome;cpf\r\n" + b"".join(b"ANA %d;%d\r\n" % (n, n) for n in range(ROWS - 1)) + b"broken\r\n")
    return path


def json_file(path: Path) -> Path:
    path.write_text("\n".join(json.dumps({"nome": f"ANA {n}"}) for n in range(ROWS - 1)) + "\nbroken\n")
    return path


def parquet_file(path: Path) -> Path:
    pq.write_table(pa.table({"nome": [f"ANA {n}" for n in range(ROWS)], "row": [1.5] * ROWS}), path)
    return path


@pytest.mark.parametrize("make", [csv_file, json_file, parquet_file])
def test_any_chunk_is_read_as_from_the_file_itself(tmp_path: Path, make: object) -> None:
    table = open_table(make(tmp_path / "in"))  # type: ignore[operator]
    stage(table, tmp_path)
    staged = open_staged(LocalFolder(tmp_path))
    assert staged is not None
    expected = list(table.rows())
    assert [len(rows.numbers) for rows in expected] == [note.rows for note in staged.chunks]
    assert ROWS == sum(note.rows for note in staged.chunks)
    for number in reversed(range(len(expected))):
        found, wanted = chunk_of(staged.what, staged.rows(number), True), chunk_of(table.what, expected[number], True)
        assert wanted.records == found.records
        assert wanted.own.client == found.own.client
        assert wanted.own.rows.tolist() == found.own.rows.tolist()
        assert wanted.refusals == found.refusals


def test_chunks_are_known_by_their_rows_numbers(tmp_path: Path) -> None:
    staged = stage(open_table(csv_file(tmp_path / "in.csv")), tmp_path)
    assert (2, ROWS + 1) == (staged.chunks[0].first, staged.chunks[-1].last)


def test_what_was_not_finished_is_not_there(tmp_path: Path) -> None:
    assert open_staged(LocalFolder(tmp_path)) is None
    (tmp_path / ROWS_FILE).write_bytes(b"half")
    assert open_staged(LocalFolder(tmp_path)) is None


def test_a_damaged_conversion_is_one_sentence(tmp_path: Path) -> None:
    staged = stage(open_table(csv_file(tmp_path / "in.csv")), tmp_path)
    (tmp_path / ROWS_FILE).write_bytes(b"damaged")
    with pytest.raises(UnreadableInput, match="Chunk 0"):
        staged.rows(0)


def test_a_directory_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(OutputFailed, match="converted upload cannot be written"):
        stage(open_table(csv_file(tmp_path / "in.csv")), tmp_path / "absent")
