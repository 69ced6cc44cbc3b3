"""The corpus of dirty files comes out as a person has read it to be right, and into every form without losing a row.

`python tests/intake/test_corpus.py` writes `corpus/expected/` anew; read the difference before committing it.
"""

import csv
import json
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import python_calamine as calamine

from bureau.enrich.batch import records_of
from bureau.enrich.chunk_answers import Asking, answer_rows
from bureau.enrich.columns import FLAT
from bureau.enrich.files import FileOptions, enrich_file
from bureau.enrich.results import Answers
from bureau.errors import InvalidRecord
from bureau.intake.chunks import chunk_of
from bureau.intake.jsonl import opened_object
from bureau.intake.layouts import read_layout
from bureau.intake.packed import unpacked
from bureau.intake.repairs import repair_texts
from bureau.intake.tables import Reading, TableFile, open_table, opened_table
from bureau.model.canonical import CanonicalRecord
from bureau.normalise.record import canonical

HERE = Path(__file__).parent / "corpus"
FILES = sorted((HERE / "files").iterdir())
TODAY = date(2026, 11, 22)


def reading_of(path: Path) -> Reading:
    return Reading(layout=read_layout(str(HERE / "core-system.toml"))) if path.suffix == ".fixed" else Reading()


def outcome(path: Path) -> dict[str, Any]:
    """What a file is taken for, and of every row what would be asked, or why it is refused."""
    with opened_table(path, reading_of(path)) as table:
        rows, refused = understood(table)
        return {
            "form": table.what.form,
            "columns": {
                guess.name: f"{guess.field} by {guess.why}" for guess in table.what.guesses if guess.field is not None
            },
            "rows": rows,
            "refused": refused,
        }


def understood(table: TableFile) -> tuple[dict[str, Any], dict[str, str]]:
    rows: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for some in table.rows():
        asking = Asking(table.what, partial(read, rows))
        answered = answer_rows(asking, some, nested=False, with_columns=False)
        refused |= {f"row {number}": f"{column} {reason}".strip() for number, column, reason in answered.refusals}
        numbers = iter(answered.own.rows.tolist())
        kept = [value for value in rows.pop("new") if value is not None]
        rows |= {f"row {number}": value for number, value in zip(numbers, kept, strict=True)}
    return rows, refused


def read(into: dict[str, Any], records: pa.Table, _nested: bool) -> Answers:
    """An answer that only says what was understood of each record."""
    notes = repair_texts(records["repairs"]).to_pylist()
    found = [understanding(record, note) for record, note in zip(records_of(records), notes, strict=True)]
    into["new"] = found
    rows = [
        {"bureau_status": "matched", "bureau_charge": 1}
        if one
        else {"bureau_status": "refused", "bureau_repairs": "record: nothing_to_search", "bureau_charge": 0}
        for one in found
    ]
    return Answers(pa.Table.from_pylist(rows, FLAT), [])


def understanding(record: Any, note: str | None) -> dict[str, Any] | None:
    try:
        found = canonical(record, TODAY, lenient=True)
    except InvalidRecord:
        return None
    given = msgspec.to_builtins(record)
    shown = {**given.pop("address", {}), **given}
    told = [*(note or "").split("; "), *(f"{repair.field}: {repair.rule}" for repair in found.repairs)]
    return {**shown, "understood": terms(found), "repairs": [one for one in told if one]}


def terms(found: CanonicalRecord) -> str:
    tax = found.tax and (found.tax.valid or found.tax.visible or f"{len(found.tax.near or ())} near")
    parts = {"name": " ".join(found.name), "tax": tax, "date": found.date or None, "place": found.municipality or None}
    parts |= {"phones": [number for _, number in found.phones], "emails": [address for _, address in found.emails]}
    return ", ".join(f"{name} {value}" for name, value in parts.items() if value)


def golden(path: Path) -> Path:
    return HERE / "expected" / f"{path.name}.json"


def test_there_are_forty_files_and_no_outcome_of_another() -> None:
    assert len(FILES) >= 40
    assert [golden(path).name for path in FILES] == sorted(path.name for path in (HERE / "expected").iterdir())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_comes_out_right(path: Path) -> None:
    assert json.loads(golden(path).read_text()) == json.loads(msgspec.json.encode(outcome(path)))


def echo(records: pa.Table, _nested: bool) -> Answers:
    rows = [{"bureau_status": "matched", "bureau_name": "=OURS", "bureau_charge": 1}] * records.num_rows
    return Answers(pa.Table.from_pylist(rows, FLAT), [])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
@pytest.mark.parametrize("suffix", ["csv", "xlsx", "parquet", "jsonl"])
def test_every_file_into_every_form_loses_no_row_and_changes_no_cell(tmp_path: Path, path: Path, suffix: str) -> None:
    expected = json.loads(golden(path).read_text())
    output = tmp_path / f"out.{suffix}"
    report = enrich_file(path, output, echo, FileOptions(reading=reading_of(path), processes=1))
    assert len(expected["rows"]) + len(expected["refused"]) == report.rows
    with unpacked(path, tmp_path) as plain:
        table = open_table(plain, reading_of(path))
        whole = [chunk_of(table.what, rows, with_columns=True) for rows in table.rows()]
        refused = sum(len(chunk.refusals) for chunk in whole)
        client = [cells for chunk in whole for cells in cells_of(chunk.own.client)]
    assert refused == report.rows - sum(report.statuses.values())
    written = list(results(output, table))
    if suffix == "csv" and table.what.dialect:  # to the letter, stray quotes and all
        texts = [text.split("\n")[0] for chunk in whole for text in chunk.own.text.to_pylist()]
        lines = iter(output.read_bytes().decode(table.what.dialect.encoding).splitlines())
        assert texts == [text for text in texts if any(line.startswith(text) for line in lines)]
        return
    assert len(table.what.header) + len(FLAT) == len(written[0])
    assert client == [[shown(cell) for cell in row[: len(table.what.header)]] for row in written[1:]]


def cells_of(client: pa.Table | None) -> Iterator[list[str | None]]:
    assert client is not None
    for row in zip(*(column.to_pylist() for column in client.columns), strict=True):
        yield [shown(cell) for cell in row]


def shown(cell: Any) -> str | None:
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, list):
        cell = "|".join(cell)
    return str(cell).replace("\n", " ") if cell not in (None, "") else None


def results(output: Path, table: TableFile) -> Iterator[list[Any]]:
    """Header and rows of a result."""
    if output.suffix == ".xlsx":
        yield from calamine.CalamineWorkbook.from_path(output).get_sheet_by_index(0).to_python(skip_empty_area=False)
    elif output.suffix == ".parquet":
        found = pq.read_table(output)
        yield found.column_names
        yield from (list(row) for row in zip(*(column.to_pylist() for column in found.columns), strict=True))
    elif output.suffix == ".jsonl":
        names = [*table.what.header, *FLAT.names]
        yield list(names)
        for line in output.read_text().splitlines():
            row = opened_object(line) or {}
            yield [row.get(name) for name in names]
    else:
        dialect = table.what.dialect
        with output.open(encoding=dialect.encoding if dialect else "utf-8", newline="") as file:
            lines = list(csv.reader(file, delimiter=dialect.delimiter if dialect else ","))
        yield from lines[dialect.skip_lines if dialect else 0 :]


if __name__ == "__main__":
    (HERE / "expected").mkdir(exist_ok=True)
    for stale in (HERE / "expected").iterdir():
        stale.unlink()
    for path in FILES:
        text = json.dumps(json.loads(msgspec.json.encode(outcome(path))), ensure_ascii=False, indent=1)
        golden(path).write_text(text + "\n")
