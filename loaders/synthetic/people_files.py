"""The people files of a run: text as two kinds of systems export it, or Parquet."""

from pathlib import Path
from typing import IO, Literal, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.synthetic.chance import Ints
from loaders.synthetic.sources import FIELDS, PORTUGUESE, SourcePlan
from loaders.synthetic.tables import csv_bytes


class PeopleFile(Protocol):
    """A people file being written; ``rows`` counts its data rows."""

    rows: int

    def write(self, columns: dict[str, pa.StringArray]) -> Ints:
        """Append rows and answer the number of each, as the people loader counts them."""

    def __enter__(self) -> "PeopleFile": ...
    def __exit__(self, *_: object) -> None: ...


def open_people_file(folder: Path, plan: SourcePlan, form: Literal["csv", "parquet"]) -> PeopleFile:
    folder.mkdir(parents=True, exist_ok=True)
    return _Parquet(folder / f"{plan.name}.parquet") if form == "parquet" else _Csv(folder / f"{plan.name}.csv", plan)


class _Csv:
    """``;`` and Windows-1252 from a Portuguese system, comma and UTF-8 from the others. Line 1 is the header."""

    def __init__(self, path: Path, plan: SourcePlan) -> None:
        self.rows = 0
        self._separator = ";" if plan.portuguese else ","
        self._encoding: Literal["cp1252", "utf-8"] = "cp1252" if plan.portuguese else "utf-8"
        self._file: IO[bytes] = path.open("wb")
        header = self._separator.join(PORTUGUESE if plan.portuguese else FIELDS)
        self._file.write(f"{header}\n".encode(self._encoding))

    def write(self, columns: dict[str, pa.StringArray]) -> Ints:
        self._file.write(csv_bytes([columns[field] for field in FIELDS], self._separator, self._encoding))
        first, self.rows = self.rows + 2, self.rows + len(columns["name"])
        return np.arange(first, self.rows + 2)

    def __enter__(self) -> "_Csv":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class _Parquet:
    """All columns text, English names."""

    def __init__(self, path: Path) -> None:
        self.rows = 0
        self._file = pq.ParquetWriter(path, pa.schema([(field, pa.string()) for field in FIELDS]))

    def write(self, columns: dict[str, pa.StringArray]) -> Ints:
        self._file.write_table(pa.table([columns[field] for field in FIELDS], names=list(FIELDS)))
        first, self.rows = self.rows + 1, self.rows + len(columns["name"])
        return np.arange(first, self.rows + 1)

    def __enter__(self) -> "_Parquet":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
