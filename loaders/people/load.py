"""Loading people: every file into the release of its source, all of it or nothing."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec
import numpy as np
import pyarrow.compute as pc

from bureau.errors import InvalidArgument, UnreadableInput
from bureau.intake.headers import read_mapping
from bureau.model.tables import PEOPLE
from loaders.ahead import read_ahead
from loaders.people.canonical import Reader, Refused, source_name
from loaders.people.intake import PeopleFile, RawBatch, open_people
from loaders.release import Refusal, StagedRelease, staged_release
from loaders.report import LoadedFile, LoadReport, Progress, Release, Tally

_PEEK_ROWS = 1000


class PeopleOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to load people.

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


class _Run(msgspec.Struct, frozen=True):
    """What is fixed during one load."""

    home: Path
    release: str
    today: date
    batch_rows: int
    progress: Progress


def load_people(files: Sequence[Path], home: Path, options: PeopleOptions | None = None) -> LoadReport:
    """Load tables of people into ``<home>/sources/<source>/<release>/people-*.parquet``.

    Files of one source become one release, with rows numbered through. Raises ``UnreadableInput`` for a file that
    cannot be used at all, ``InvalidArgument`` for names that cannot be used, ``LoadFailed`` when the disk refuses;
    the source at hand is then left as it was.
    """
    options = options or PeopleOptions()
    started = time.perf_counter()
    if not files:
        raise InvalidArgument("No file to load was given.")
    if len({path.resolve() for path in files}) < len(files):
        raise InvalidArgument("One file is named twice; its rows would count double.")
    mapping = read_mapping(options.mapping) if options.mapping else None
    today = options.today or datetime.now(UTC).date()
    run = _Run(
        home, options.release or today.isoformat(), today, options.batch_rows, options.progress or (lambda *_: None)
    )
    opened = [open_people(path, mapping) for path in files]
    tally, releases = Tally(), []
    for source, people in _by_source(opened, options.source).items():
        releases.append(_load_source(source, people, run, tally))
    return tally.report("people", releases, time.perf_counter() - started)


def _by_source(opened: list[PeopleFile], source: str | None) -> dict[str, list[PeopleFile]]:
    found: dict[str, list[PeopleFile]] = {}
    for people in opened:
        found.setdefault(source or _named_source(people) or source_name(people.path.stem) or "people", []).append(
            people
        )
    return found


def _named_source(people: PeopleFile) -> str | None:
    """The one value of the source column, as far as the first rows tell."""
    columns = people.meaning.fields.get("source")
    batch = next(people.batches(_PEEK_ROWS), None) if columns else None
    if not columns or batch is None or (cells := batch.columns[columns[0]]) is None:
        return None
    names = {source_name(cell) for cell in pc.unique(cells).to_pylist() if cell} - {None}
    return names.pop() if len(names) == 1 else None


def _load_source(source: str, people: list[PeopleFile], run: _Run, tally: Tally) -> Release:
    started = time.perf_counter()
    own = Tally()
    with staged_release(run.home, source, run.release) as staged:
        loaded: list[LoadedFile] = []
        for file in people:
            first_row = sum(earlier.lines for earlier in loaded)
            loaded.append(_load_file(file, LoadedFile(file.path.name, first_row, 0), (staged, source), run, own))
        release = Release(source, run.release, loaded)
        if not own.kept.total():
            raise UnreadableInput(f"No row of {', '.join(file.name for file in loaded)} could be used{_why(own)}.")
        staged.finish(own.report("people", [release], time.perf_counter() - started))
    tally.add(own)
    return release


def _why(tally: Tally) -> str:
    reasons = ", ".join(f"{reason}: {count}" for reason, count in tally.refused.most_common(3))
    return f" ({reasons})" if reasons else ""


def _load_file(
    people: PeopleFile, loaded: LoadedFile, into: tuple[StagedRelease, str], run: _Run, tally: Tally
) -> LoadedFile:
    staged, source = into
    reader = Reader(people.meaning, people.header, source, loaded.first_row, run.today, tally)
    lines = 0
    for raw in read_ahead(people.batches(run.batch_rows)):
        batch = _without_headers(raw, reader)
        found = reader.read(batch)
        staged.write("people", found.rows, PEOPLE)
        refusals = [*_broken(people, batch), *_refusals(people, batch, found.refused)]
        staged.refuse(refusals)
        tally.read["people"] += len(batch.lines) + len(batch.broken)
        tally.kept["people"] += found.rows.num_rows
        tally.refused.update(refusal.reason for refusal in refusals)
        lines = raw.last_line
        run.progress(people.path.name, raw.position, people.total)
    return LoadedFile(loaded.name, loaded.first_row, lines)


def _without_headers(raw: RawBatch, reader: Reader) -> RawBatch:
    repeated = reader.repeats_header(raw)
    reader.tally.noticed["repeated_header"] += int(np.count_nonzero(repeated))
    return raw.take(~repeated) if repeated.any() else raw


def _broken(people: PeopleFile, raw: RawBatch) -> Iterator[Refusal]:
    return (Refusal(people.path.name, row.line, "", row.reason, row.original) for row in raw.broken)


def _refusals(people: PeopleFile, raw: RawBatch, refused: list[Refused]) -> Iterator[Refusal]:
    for rows, field, reason in refused:
        columns = _own_name(people, field)
        for row in rows.tolist():
            yield Refusal(people.path.name, int(raw.lines[row]), columns, reason, raw.original(row))


def _own_name(people: PeopleFile, field: str) -> str:
    """The file's own name for a field, which its owner will recognise."""
    return " ".join(people.header[column] for column in people.meaning.fields.get(field, ()))
