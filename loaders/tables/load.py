"""Loading tables: every file into the release of its source, all of it or nothing."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.errors import InvalidArgument, UnreadableInput
from bureau.intake.headers import Mapped, read_mapping
from loaders.ahead import read_ahead
from loaders.release import Refusal, StagedRelease, staged_release
from loaders.report import LoadedFile, LoadReport, Progress, Release, Tally
from loaders.tables.intake import RawBatch, SourceFile, open_source
from loaders.tables.reader import Reader, Refused, SourceRows, source_name

_PEEK_ROWS = 1000


class TableOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to load tables of people or of companies.

    ``source`` names the source; by default its ``source`` column does, when that holds one value, else the file. A
    row's own ``source`` cell stands for the row in any case. ``release`` is the name of the release, by default the
    ISO date of ``today``, which also bounds dates (now, UTC). ``mapping`` is a ``--map`` file. ``batch_rows`` bounds
    memory.
    """

    source: str | None = None
    release: str | None = None
    mapping: Path | None = None
    batch_rows: int = 131_072
    progress: Progress | None = None
    today: date | None = None


class Subject(NamedTuple):
    """Whom the rows are about: the table they go to, its columns, how a batch becomes rows, and what to say of a file
    that is evidently about the others."""

    table: str
    schema: pa.Schema
    rows: Callable[[Reader, RawBatch], SourceRows]
    refusal: Callable[[SourceFile], str | None]


class _Run(msgspec.Struct, frozen=True):
    """What is fixed during one load."""

    subject: Subject
    home: Path
    release: str
    today: date
    batch_rows: int
    progress: Progress


def load_tables(subject: Subject, files: Sequence[Path], home: Path, options: TableOptions | None) -> LoadReport:
    """Load tables into ``<home>/sources/<source>/<release>/<table>-*.parquet``.

    Files of one source become one release, with rows numbered through. Raises ``UnreadableInput`` for a file that
    cannot be used at all, ``InvalidArgument`` for names that cannot be used, ``LoadFailed`` when the disk refuses;
    the source at hand is then left as it was.
    """
    options = options or TableOptions()
    started = time.perf_counter()
    if not files:
        raise InvalidArgument("No file to load was given.")
    if len({path.resolve() for path in files}) < len(files):
        raise InvalidArgument("One file is named twice; its rows would count double.")
    mapping = read_mapping(options.mapping) if options.mapping else None
    today = options.today or datetime.now(UTC).date()
    run = _Run(
        subject=subject,
        home=home,
        release=options.release or today.isoformat(),
        today=today,
        batch_rows=options.batch_rows,
        progress=options.progress or (lambda *_: None),
    )
    opened = [_opened(subject, path, mapping) for path in files]
    tally, releases = Tally(), []
    for source, of_source in _by_source(opened, options.source, subject.table).items():
        releases.append(_load_source(source, of_source, run, tally))
    return tally.report(subject.table, releases, time.perf_counter() - started)


def _opened(subject: Subject, path: Path, mapping: Mapped | None) -> SourceFile:
    file = open_source(path, mapping)
    if reason := subject.refusal(file):
        raise UnreadableInput(reason)
    return file


def _by_source(opened: list[SourceFile], source: str | None, default: str) -> dict[str, list[SourceFile]]:
    found: dict[str, list[SourceFile]] = {}
    for file in opened:
        found.setdefault(source or _named_source(file) or source_name(file.path.stem) or default, []).append(file)
    return found


def _named_source(file: SourceFile) -> str | None:
    """The one value of the source column, as far as the first rows tell."""
    columns = file.meaning.fields.get("source")
    batch = next(file.batches(_PEEK_ROWS), None) if columns else None
    if not columns or batch is None or (cells := batch.columns[columns[0]]) is None:
        return None
    names = {source_name(cell) for cell in pc.unique(cells).to_pylist() if cell} - {None}
    return names.pop() if len(names) == 1 else None


def _load_source(source: str, files: list[SourceFile], run: _Run, tally: Tally) -> Release:
    started = time.perf_counter()
    own = Tally()
    with staged_release(run.home, source, run.release) as staged:
        loaded: list[LoadedFile] = []
        for file in files:
            first_row = sum(earlier.lines for earlier in loaded)
            loaded.append(_load_file(file, LoadedFile(file.path.name, first_row, 0), (staged, source), run, own))
        release = Release(source, run.release, loaded)
        if not own.kept.total():
            raise UnreadableInput(f"No row of {', '.join(file.name for file in loaded)} could be used{_why(own)}.")
        staged.finish(own.report(run.subject.table, [release], time.perf_counter() - started))
    tally.add(own)
    return release


def _why(tally: Tally) -> str:
    reasons = ", ".join(f"{reason}: {count}" for reason, count in tally.refused.most_common(3))
    return f" ({reasons})" if reasons else ""


def _load_file(
    file: SourceFile, loaded: LoadedFile, into: tuple[StagedRelease, str], run: _Run, tally: Tally
) -> LoadedFile:
    (staged, source), subject = into, run.subject
    reader = Reader(file.meaning, file.header, source, loaded.first_row, run.today, tally)
    lines = 0
    for raw in read_ahead(file.batches(run.batch_rows)):
        batch = _without_headers(raw, reader)
        found = subject.rows(reader, batch)
        staged.write(subject.table, found.rows, subject.schema)
        refusals = [*_broken(file, batch), *_refusals(file, batch, found.refused)]
        staged.refuse(refusals)
        tally.read[subject.table] += len(batch.lines) + len(batch.broken)
        tally.kept[subject.table] += found.rows.num_rows
        tally.refused.update(refusal.reason for refusal in refusals)
        lines = raw.last_line
        run.progress(file.path.name, raw.position, file.total)
    return LoadedFile(loaded.name, loaded.first_row, lines)


def _without_headers(raw: RawBatch, reader: Reader) -> RawBatch:
    repeated = reader.repeats_header(raw)
    reader.tally.noticed["repeated_header"] += int(np.count_nonzero(repeated))
    return raw.take(~repeated) if repeated.any() else raw


def _broken(file: SourceFile, raw: RawBatch) -> Iterator[Refusal]:
    return (Refusal(file.path.name, row.line, "", row.reason, row.original) for row in raw.broken)


def _refusals(file: SourceFile, raw: RawBatch, refused: list[Refused]) -> Iterator[Refusal]:
    for rows, field, reason in refused:
        for row in rows.tolist():
            yield Refusal(file.path.name, int(raw.lines[row]), file.own_name(field), reason, raw.original(row))
