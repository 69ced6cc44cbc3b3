"""Writes everything a run produces, block by block: people files, company register, queries, truth."""

import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.synthetic.chance import Ints, Mask
from loaders.synthetic.options import SyntheticOptions, SyntheticSummary
from loaders.synthetic.population import Block, World
from loaders.synthetic.queries import QueryFiles
from loaders.synthetic.register import RegisterFiles
from loaders.synthetic.sources import FIELDS, PLANS, PORTUGUESE, SourcePlan, memberships, render
from loaders.synthetic.tables import csv_bytes

_README = """SYNTHETIC DATA. Nobody in these files exists.

Names, addresses, documents, phones and e-mails were drawn at random by loaders/synthetic from public statistics.
A drawn CPF, CNPJ, phone or mailbox may by chance be somebody's: never write to or call any of them.
Every row of people/ names its source, and every source's name begins with synthetic_.
seed={seed} people={people} companies={companies} reference_date={reference_date}
"""

_ROWS = pa.struct([("source", pa.string()), ("row", pa.int64())])
_TRUTH = pa.schema([
    ("person_id", pa.int64()), ("tax_id", pa.int64()), ("name", pa.string()), ("birth_name", pa.string()),
    ("birth_date", pa.date32()), ("sex", pa.uint8()), ("mother_name", pa.string()), ("household_id", pa.int64()),
    ("mother_id", pa.int64()), ("father_id", pa.int64()), ("rows", pa.list_(_ROWS)),
])  # fmt: skip


def generate(out: Path, options: SyntheticOptions) -> SyntheticSummary:
    """Write a synthetic population below ``out``; the same options give the same bytes.

    Raises :class:`~bureau.errors.InvalidArgument` for options that cannot be used.
    """
    options.check()
    started = time.monotonic()
    out.mkdir(parents=True, exist_ok=True)
    note = _README.format(
        seed=options.seed, people=options.people, companies=options.company_count,
        reference_date=options.reference_date,
    )  # fmt: skip
    (out / "README.txt").write_text(note, encoding="utf-8")
    world = World(options)
    plans = PLANS[: options.sources]
    with ExitStack() as files:
        people = [files.enter_context(_people_file(out / "people", plan, options)) for plan in plans]
        truth = files.enter_context(_TruthFile(out / "truth"))
        register = files.enter_context(RegisterFiles(out / "cnpj", world))
        queries = files.enter_context(QueryFiles(out / "queries", world))
        for block in world.generate():
            member = memberships(world.rng(block.number, 1), block, plans)
            numbers = np.zeros(member.shape, dtype=np.int64)
            tax_id_known = np.zeros(len(member), dtype=np.bool_)
            for column, file in enumerate(people):
                rows = block.people[member[:, column]]
                rng = world.rng(block.number, 10 + column)
                columns = render(rng, world, block, rows, plans[column])
                numbers[member[:, column], column] = file.write(columns)
                tax_id_known[member[:, column]] |= np.asarray(columns["tax_id"].is_valid())
            truth.write(world, block, _row_lists(plans, member, numbers))
            register.write(block)
            queries.write(block, tax_id_known)
            if options.progress is not None:
                options.progress(int(block.person_id.max()), options.people + options.absent)
    return SyntheticSummary(
        people=options.people, source_rows={p.name: f.rows for p, f in zip(plans, people, strict=True)},
        companies=register.companies, establishments=register.establishments, partners=register.partners,
        queries=queries.count, absent_queries=queries.absent, seconds=round(time.monotonic() - started, 1),
    )  # fmt: skip


class _PeopleFile(Protocol):
    rows: int

    def write(self, columns: dict[str, pa.Array]) -> Ints:
        """Append rows and answer the row number of each, as the people loader counts."""

    def __enter__(self) -> "_PeopleFile": ...
    def __exit__(self, kind: object, error: object, trace: TracebackType | None) -> None: ...


def _people_file(folder: Path, plan: SourcePlan, options: SyntheticOptions) -> _PeopleFile:
    folder.mkdir(parents=True, exist_ok=True)
    if options.people_format == "parquet":
        return _Parquet(folder / f"{plan.name}.parquet")
    return _Csv(folder / f"{plan.name}.csv", plan)


class _Csv:
    """A people file as text: ``;`` and Windows-1252 from a Portuguese system, comma and UTF-8 from the others."""

    def __init__(self, path: Path, plan: SourcePlan) -> None:
        self.rows = 0
        self._names = PORTUGUESE if plan.portuguese else FIELDS
        self._separator = ";" if plan.portuguese else ","
        self._encoding = "cp1252" if plan.portuguese else "utf-8"
        self._file: IO[bytes] = path.open("wb")
        self._file.write((self._separator.join(self._names) + "\n").encode())

    def write(self, columns: dict[str, pa.Array]) -> Ints:
        table = pa.table([columns[field] for field in FIELDS], names=list(self._names))
        self._file.write(csv_bytes(table, self._separator, self._encoding))
        first = self.rows + 2  # line 1 is the header
        self.rows += len(table)
        return np.arange(first, first + len(table))

    def __enter__(self) -> "_Csv":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class _Parquet:
    def __init__(self, path: Path) -> None:
        self.rows = 0
        self._file = pq.ParquetWriter(path, pa.schema([(field, pa.string()) for field in FIELDS]))

    def write(self, columns: dict[str, pa.Array]) -> Ints:
        table = pa.table([columns[field] for field in FIELDS], names=list(FIELDS))
        self._file.write_table(table)
        first = self.rows + 1
        self.rows += len(table)
        return np.arange(first, first + len(table))

    def __enter__(self) -> "_Parquet":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class _TruthFile:
    """``truth/people.parquet``: who everybody really is, and which rows of which source are theirs."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = pq.ParquetWriter(folder / "people.parquet", _TRUTH)

    def write(self, world: World, block: Block, row_lists: pa.ListArray) -> None:
        families, rows = block.families, block.people
        today = np.full(len(rows), world.today)
        birth_names = families.names(rows, families.birth[rows])
        household = block.number * len(families.homes.street) + families.home[rows]
        self._file.write_table(pa.table([
            pa.array(block.person_id[rows]), pa.array(block.tax_id[rows]),
            world.stock.written(families.names(rows, today)), world.stock.written(birth_names),
            pa.array(families.birth[rows].astype(np.int32)).cast(pa.date32()), pa.array(families.sex[rows], pa.uint8()),
            world.stock.written(families.mother_names(rows, families.birth[rows])), pa.array(household),
            _parent_ids(block, families.mother), _parent_ids(block, families.father), row_lists,
        ], schema=_TRUTH))  # fmt: skip

    def __enter__(self) -> "_TruthFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _parent_ids(block: Block, parent: Ints) -> pa.Array:
    """Person ids of parents, null for those outside the population (or held back from it)."""
    row = parent[block.people]
    known = (row >= 0) & np.isin(row, block.people)
    return pa.array(block.person_id[row], mask=~known)


def _row_lists(plans: tuple[SourcePlan, ...], member: Mask, numbers: Ints) -> pa.ListArray:
    offsets = np.concatenate([[0], np.cumsum(member.sum(axis=1))]).astype(np.int32)
    names = pa.array([plan.name for plan in plans]).take(pa.array(np.nonzero(member)[1]))
    pairs = pa.StructArray.from_arrays([names, pa.array(numbers[member])], fields=list(_ROWS))
    return pa.ListArray.from_arrays(pa.array(offsets), pairs, type=pa.list_(_ROWS))
