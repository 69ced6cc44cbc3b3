"""Loading the register: three tables read file by file, companies joined to establishments, one release published."""

import re
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bureau.errors import UnreadableInput
from bureau.model.tables import COMPANIES, PARTNERS
from loaders.ahead import read_ahead
from loaders.cnpj.companies import COMPANY_ROOTS, company_rows
from loaders.cnpj.establishments import ESTABLISHMENTS, establishment_rows
from loaders.cnpj.files import RegisterFile, Table, find_files
from loaders.cnpj.join import joined_companies
from loaders.cnpj.lookups import known_codes
from loaders.cnpj.partners import partner_rows
from loaders.cnpj.reading import Context, RegisterBatch, RegisterRows, batches
from loaders.release import Refusal, StagedRelease, staged_release
from loaders.report import LoadedFile, LoadReport, Progress, Release, Tally

RowsOf = Callable[[RegisterBatch, int, Context], RegisterRows]

_MEMBER_DATE = re.compile(r"\.D(\d)(\d{2})(\d{2})\.", re.IGNORECASE)
_DIRECTORY_DATE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")


class CnpjOptions(msgspec.Struct, frozen=True, kw_only=True):
    """``release`` is the name of the release, by default the ISO date found in the file names
    (``…D61114.EMPRECSV`` is 2026-11-14), in the directory's name, or today's. ``memory`` limits the join."""

    source: str = "cnpj"
    release: str | None = None
    memory: str = "2GB"
    progress: Progress | None = None
    today: date | None = None


def load_cnpj(directory: Path, home: Path, options: CnpjOptions | None = None) -> LoadReport:
    """Load the register's files in ``directory`` into ``<home>/sources/<source>/<release>/``.

    Raises ``UnreadableInput`` for a directory or file that cannot be used, ``InvalidArgument`` for a name that
    cannot, ``LoadFailed`` when the disk refuses; nothing is published then.
    """
    options = options or CnpjOptions()
    started = time.perf_counter()
    files = find_files(directory)
    released = release_date(directory, files, options.today or datetime.now(UTC).date())
    name = options.release or released.isoformat()
    with staged_release(home, options.source, name) as staged:
        context = Context(options.source, released, known_codes(files), Tally())
        progress = options.progress or (lambda *_: None)
        loaded = _read_tables(files, context, staged, progress)
        _join(context, staged, options.memory, progress)
        if not context.tally.kept["establishments"]:
            raise UnreadableInput(f"No establishment of {directory} could be used.")
        releases = [Release(options.source, name, loaded)]
        report = context.tally.report("cnpj", releases, time.perf_counter() - started)
        staged.finish(report)
    return report


def release_date(directory: Path, files: Mapping[Table, list[RegisterFile]], today: date) -> date:
    """The day of the release. Member names carry only the last digit of the year: the latest such year is meant."""
    for file in (file for found in files.values() for file in found):
        if match := _MEMBER_DATE.search(file.member or file.path.name):
            year = today.year - (today.year - int(match[1])) % 10
            if found := _valid(year, int(match[2]), int(match[3])):
                return min(found, today)
    match = _DIRECTORY_DATE.search(directory.resolve().name)
    found = _valid(int(match[1]), int(match[2]), int(match[3] or 1)) if match else None
    return min(found or today, today)


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _read_tables(
    files: Mapping[Table, list[RegisterFile]], context: Context, staged: StagedRelease, progress: Progress
) -> list[LoadedFile]:
    """Partners straight into the release; companies and establishments into work files for the join."""
    work = staged.work
    if not files[Table.PARTNERS]:  # companies can do without; whoever forgot to download them should hear of it
        context.tally.noticed["no_partners_file"] += 1

    def write_partners(rows: pa.RecordBatch) -> None:
        staged.write("partners", rows, PARTNERS)

    with (
        pq.ParquetWriter(work / "companies.parquet", COMPANY_ROOTS, compression="lz4") as companies,
        pq.ParquetWriter(work / "establishments.parquet", ESTABLISHMENTS, compression="lz4") as establishments,
    ):
        steps: list[tuple[Table, RowsOf, Callable[[pa.RecordBatch], None]]] = [
            (Table.COMPANIES, company_rows, companies.write),
            (Table.ESTABLISHMENTS, establishment_rows, establishments.write),
            (Table.PARTNERS, partner_rows, write_partners),
        ]
        loaded: list[LoadedFile] = []
        for table, rows_of, write in steps:
            first_row = 0
            for file in files[table]:
                lines = 0
                for batch in read_ahead(batches(file)):
                    found = rows_of(batch, first_row, context)
                    write(found.rows)
                    staged.refuse(_account(file, batch, found, context.tally))
                    lines = batch.last_line
                    progress(file.name, batch.position, file.size)
                loaded.append(LoadedFile(file.name, first_row, lines))
                first_row += lines
    return loaded


def _account(file: RegisterFile, batch: RegisterBatch, found: RegisterRows, tally: Tally) -> list[Refusal]:
    """Count a batch; answers all its refused rows."""
    unreadable = [
        Refusal(file.name, int(batch.lines[row]), "cnpj_basico", "cnpj_unreadable", batch.original(row))
        for row in np.flatnonzero(found.unreadable).tolist()
    ]
    name = file.table.name.lower()
    tally.refused.update(refusal.reason for refusal in [*batch.broken, *unreadable])
    tally.read[name] += len(batch.lines) + len(batch.broken)
    tally.kept[name] += found.rows.num_rows
    return [*batch.broken, *unreadable]


def _join(context: Context, staged: StagedRelease, memory: str, progress: Progress) -> None:
    written = 0
    for rows in joined_companies(staged.work, context.source, memory, context.tally):
        staged.write("companies", rows, COMPANIES)
        written += rows.num_rows
        progress("join", written, context.tally.kept["establishments"])
