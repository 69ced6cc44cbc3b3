"""One command: how fast an upload of each form is opened, converted for jobs, and read again (see README.md)."""

import argparse
import json
import platform
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import xlsxwriter

from bureau.intake.chunks import chunk_of
from bureau.intake.staging import ROWS_FILE, stage
from bureau.intake.tables import open_table
from bureau.normalise.check_digits import cpf_check_digits

HERE = Path(__file__).parent
PACKAGES = ("numpy", "numba", "pyarrow", "python-calamine", "xlsxwriter")
Result = TypeVar("Result")


def invented(rows: int) -> pa.Table:
    """People whom nobody is: the same few names over counted numbers."""
    names = [f"{first} {last}" for first in ("ANA", "JOÃO", "EVA", "RUI") for last in ("LIMA", "DA CONCEIÇÃO", "DIAS")]
    numbers = range(100_000_000, 100_000_000 + rows)
    columns = {
        "contrato": [str(number) for number in numbers],
        "nome": [names[number % len(names)] for number in numbers],
        "cpf": [f"{number}{cpf_check_digits(number):02}" for number in numbers],
        "nascimento": [f"{number % 28 + 1:02}/{number % 12 + 1:02}/{1950 + number % 50}" for number in numbers],
        "telefone": [f"(11) 9{number % 10**8:08}" for number in numbers],
        "e-mail": [f"pessoa{number}@exemplar.com.br" for number in numbers],
        "cidade": ["SÃO PAULO"] * rows,
        "uf": ["SP"] * rows,
        "valor": [f"{number % 10_000},{number % 100:02}" for number in numbers],
    }
    return pa.table(columns)


def written(table: pa.Table, directory: Path) -> Iterator[Path]:
    """The table in every form."""
    path = directory / "in.csv"
    pa_csv.write_csv(table, path, pa_csv.WriteOptions(delimiter=";"))
    yield path
    path = directory / "in.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in table.to_pylist()))
    yield path
    path = directory / "in.parquet"
    pq.write_table(table, path)
    yield path
    path = directory / "in.xlsx"
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([table.column_names, *zip(*table.to_pydict().values(), strict=True)]):
            sheet.write_row(number, 0, row)
    yield path


def measured(path: Path, directory: Path) -> dict[str, Any]:
    """CPU microseconds a row of each step; the second of two runs, since the first compiles."""
    for _ in range(2):
        opening, table = timed(lambda: open_table(path))
        staging, staged = timed(lambda: stage(table, directory))  # noqa: B023 (called at once)
        chunks = range(len(staged.chunks))
        finding, found = timed(lambda: [staged.rows(chunk) for chunk in reversed(chunks)])  # noqa: B023
        reading, _ = timed(lambda: [chunk_of(staged.what, rows) for rows in found])  # noqa: B023
    rows = sum(note.rows for note in staged.chunks)
    steps = {"open": opening, "convert": staging, "find_chunks": finding, "read_chunks": reading}
    sizes = {"upload_bytes": path.stat().st_size, "converted_bytes": (directory / ROWS_FILE).stat().st_size}
    return {"form": path.suffix[1:], **{step: round(s / rows * 1e6, 2) for step, s in steps.items()}, **sizes}


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--write", action="store_true", help="keep the figures under results/")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        forms = [measured(path, directory) for path in written(invented(arguments.rows), directory)]
    report = {
        "rows": arguments.rows,
        "unit": "CPU microseconds a row, one core",
        "python": platform.python_version(),
        "packages": {package: version(package) for package in PACKAGES},
        "forms": forms,
    }
    print(json.dumps(report, indent=1))
    if arguments.write:
        (HERE / "results" / "intake.json").write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
