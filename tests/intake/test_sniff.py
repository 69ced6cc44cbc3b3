import random
from pathlib import Path

import pytest

from bureau.errors import UnreadableInput
from bureau.intake.sniff import SAMPLE_BYTES, Dialect, Form, form_of, sniff


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"nome;cpf\r\nJos\xe9;1\r\n", Dialect(";", "cp1252", '"', 0, ("nome", "cpf"), "\r\n")),
        (b"name,tax_id\nJos\xc3\xa9,1\n", Dialect(",", "utf-8", '"', 0, ("name", "tax_id"), "\n")),
        (b"\xef\xbb\xbfname\ttax_id\nJos\xc3\xa9\t1\n", Dialect("\t", "utf-8-sig", '"', 0, ("name", "tax_id"), "\n")),
        (b"name|tax_id\nA\x81B|1\n", Dialect("|", "latin-1", '"', 0, ("name", "tax_id"), "\n")),
        (b"sep=;\r\nnome;cpf\r\nA,B;1\r\n", Dialect(";", "utf-8", '"', 1, ("nome", "cpf"), "\r\n")),
        (b"\n\n nome ; cpf \n", Dialect(";", "utf-8", '"', 2, ("nome", "cpf"), "\n")),
        (b"cpf\n1\n", Dialect(";", "utf-8", '"', 0, ("cpf",), "\n")),
        (b'"no;me";"c""pf"\n"A;B";1\n', Dialect(";", "utf-8", '"', 0, ("no;me", 'c"pf'), "\n")),
        (b"nome;cpf\rA;1\r", Dialect(";", "utf-8", '"', 0, ("nome", "cpf"), "\r")),
        ("nome;cpf\r\nJosé;1\r\n".encode("utf-16"), Dialect(";", "utf-16", '"', 0, ("nome", "cpf"), "\r\n")),
    ],
)
def test_dialects_met_in_practice(tmp_path: Path, data: bytes, expected: Dialect) -> None:
    assert expected == sniff(written(tmp_path, data))


def test_lists_inside_cells_do_not_win_over_the_delimiter(tmp_path: Path) -> None:
    rows = b"".join(b"Ana,1|2|3,a@b.c|d@e.f\n" for _ in range(50))
    assert "," == sniff(written(tmp_path, b"name,phones,emails\n" + rows)).delimiter


def test_stray_quotes_are_ordinary_characters(tmp_path: Path) -> None:
    rows = b'1;"APTO 5;X\n2;CASA;Y\n3;FUNDOS;Z\n' * 20
    assert "" == sniff(written(tmp_path, b"id;complemento;nome\n" + rows)).quote


def test_one_accent_at_the_very_end_decides_the_encoding(tmp_path: Path) -> None:
    data = b"nome;cpf\n" + b"ANA;1\n" * SAMPLE_BYTES + b"JOS\xc9;2\n"
    assert "cp1252" == sniff(written(tmp_path, data)).encoding


def test_nul_bytes_inside_lines_are_tolerated(tmp_path: Path) -> None:
    assert ("nome", "cpf") == sniff(written(tmp_path, b"no\0me;cpf\nA\0;1\n")).header


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \n\r\n", "empty"),
        (b"sep=;\n", "no header"),
        (bytes(range(256)) * 8 + b"\0" * 900, "binary"),
        (random.Random(1).randbytes(5_000), "binary"),
    ],
)
def test_what_is_no_table_is_one_sentence(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(UnreadableInput, match=words):
        sniff(written(tmp_path, data))


def test_a_missing_file_and_a_directory(tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput, match="does not exist"):
        sniff(tmp_path / "absent.csv")
    with pytest.raises(UnreadableInput, match="is a directory"):
        sniff(tmp_path)


@pytest.mark.parametrize(
    ("data", "form"),
    [(b"PAR1....", Form.PARQUET), (b'\xef\xbb\xbf {"name": 1}', Form.JSON_LINES), (b"name;cpf\n", Form.CSV)],
)
def test_form_is_told_by_content(tmp_path: Path, data: bytes, form: Form) -> None:
    assert form == form_of(written(tmp_path, data))


@pytest.mark.parametrize("magic", [b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF-1.7"])
def test_other_files_are_refused_with_what_to_do(tmp_path: Path, magic: bytes) -> None:
    with pytest.raises(UnreadableInput, match=r"table\.csv is"):
        form_of(written(tmp_path, magic + b"rest"))
