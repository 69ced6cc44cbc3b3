"""The record scanner against Python's csv module, and against the breakage real files bring."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bureau.errors import UnreadableInput
from bureau.intake.records import REASONS, WHOLE, Text, read_records

CELL = st.text(st.sampled_from('ab ;"\n\réÃ'), max_size=6).filter(lambda cell: cell.strip(' \r\n"') or not cell)


def rows_and_refusals(
    data: bytes, columns: int, encoding: str = "utf-8", chunk: int = 1 << 20, skip: int = 0
) -> tuple[list[tuple[int, list[str]]], list[tuple[int, str, str]]]:
    text = Text(";", '"', encoding, columns)
    names = [str(column) for column in range(columns)]
    rows: list[tuple[int, list[str]]] = []
    refusals: list[tuple[int, str, str]] = []
    for records in read_records(io.BytesIO(data), text, skip, chunk):
        table = records.table(names, text, names)
        kept = records.lines[records.kinds == WHOLE].tolist()
        cells = zip(*(table[name].to_pylist() for name in names), strict=True)
        rows += zip(kept, [list(row) for row in cells], strict=True)
        for record, kind in enumerate(records.kinds):
            if REASONS[kind]:
                refusals.append((int(records.lines[record]), REASONS[kind], records.original(record)))
    return rows, refusals


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.lists(CELL, min_size=3, max_size=3), max_size=12), st.integers(1, 40), st.booleans())
def test_reads_what_the_csv_module_writes(cells: list[list[str]], chunk: int, all_quoted: bool) -> None:
    written = io.StringIO()
    csv.writer(
        written, delimiter=";", lineterminator="\r\n", quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    ).writerows(cells)
    # A lone carriage return inside a cell is a line break on some systems, so it comes back as a newline.
    expected = [[c.replace("\r\n", "\n").replace("\r", "\n") for c in row] for row in cells if any(row)]
    rows, refusals = rows_and_refusals(written.getvalue().encode(), 3, chunk=chunk)
    assert ([], expected) == (refusals, [row for _, row in rows])


@settings(deadline=None)
@given(st.binary(max_size=60).map(lambda b: bytes(b'ab;"\n'[x % 5] for x in b)), st.integers(1, 70))
def test_any_cut_into_chunks_gives_the_same_records(data: bytes, chunk: int) -> None:
    assert rows_and_refusals(data, 2) == rows_and_refusals(data, 2, chunk=chunk)


def test_lines_are_counted_through_blank_and_multi_line_records() -> None:
    data = b'h1;h2\r\n\r\n;\r\n"a\r\nb";1\r\nc;2'
    assert ([(4, ["a\nb", "1"]), (6, ["c", "2"])], []) == rows_and_refusals(data, 2, skip=1)


def test_broken_rows_are_set_aside_with_line_and_text() -> None:
    data = b"a;b\n1;2;3\nonly\nc;d;;\n"
    rows, refusals = rows_and_refusals(data, 2)
    assert [(1, ["a", "b"]), (4, ["c", "d"])] == rows
    assert [(2, "too_many_fields", "1;2;3"), (3, "too_few_fields", "only")] == refusals


@pytest.mark.parametrize("tail", [b'"e";"f"\n', b"e;f\n" * 80, b""])
def test_a_stray_opening_quote_costs_one_row(tail: bytes) -> None:
    rows, refusals = rows_and_refusals(b'"a";"b"\n"c;d\n' + tail, 2)
    assert [(2, "unclosed_quote", '"c;d')] == refusals
    assert 1 + tail.count(b"\n") == len(rows)


def test_delimiters_and_stray_quotes_inside_a_cell_stay_there() -> None:
    rows, _ = rows_and_refusals(b'"LOTE 01;QUADRA 73";x\n5" pipe;"said ""yes"""\n', 2)
    assert [(1, ["LOTE 01;QUADRA 73", "x"]), (2, ['5" pipe', 'said "yes"'])] == rows


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Conceição;1\n".encode(), "utf-8"),
        ("Conceição;1\n".encode("utf-8-sig"), "utf-8-sig"),
        ("Conceição;1\n".encode("cp1252"), "cp1252"),
        ("Conceição;1\n".encode("utf-16"), "utf-16"),
        ("Con\0cei\x02ção;1\n".encode("latin-1"), "latin-1"),
    ],
)
def test_every_encoding_arrives_as_the_same_text(data: bytes, encoding: str) -> None:
    assert ([(1, ["Conceição", "1"])], []) == rows_and_refusals(data, 2, encoding, chunk=3)


def test_a_file_without_line_ends_is_given_up_early() -> None:
    with pytest.raises(UnreadableInput, match="does not end within 16 MB"):
        rows_and_refusals(b"x" * (18 << 20), 2)
