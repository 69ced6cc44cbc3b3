"""What a job is and how it stands."""

import datetime as dt
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from bureau.ids import ClientId, KeyId
from bureau.intake.layouts import Layout
from bureau.model.query import Kind, Options, Purpose


class State(StrEnum):
    RECEIVED = "received"  # kept until the client says how its columns are to be read
    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PURGED = "purged"

    @property
    def ended(self) -> bool:
        return self in (State.COMPLETED, State.FAILED, State.CANCELLED, State.PURGED)


class Format(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    JSONL = "jsonl"


class JobRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How a file is to be enriched. ``format`` None: the file's own, CSV where we do not write that one.

    ``dry_run`` finds out hit rate and price, and nothing leaves. ``hold`` waits for the client's word after a preview.
    ``mapping`` says which column is which, as a ``--map`` file does (see ``bureau.intake.headers``); ``layout``
    is a fixed-width file's, by the name of one of ours or in full; ``sheet`` a workbook's.
    """

    purpose: Purpose | None = None
    options: Options = Options()
    format: Format | None = None
    kind: Kind | None = None
    mapping: dict[str, Any] | None = None
    layout: str | Layout | None = None
    sheet: str | None = None
    dry_run: bool = False
    hold: bool = False


class Upload(msgspec.Struct, frozen=True):
    """A file that arrived in full and is on disk: what the client calls it, its size, and a hash of its bytes."""

    job: str
    name: str
    size: int
    digest: bytes


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """``share`` of the work done, 0 to 1. ``rows`` is known when the file was read to its end."""

    share: float
    rows_done: int
    rows: int | None = None
    rows_per_second: int | None = None
    seconds_left: int | None = None


class Job(msgspec.Struct, frozen=True, omit_defaults=True):
    """A client's job as it is shown. ``problem`` is a stable code: why it failed, or what it is waiting for."""

    id: str
    state: State
    file_name: str
    file_bytes: int
    purpose: Purpose
    request: JobRequest
    progress: Progress
    created_at: dt.datetime
    expires_at: dt.datetime
    started_at: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    population: str | None = None
    problem: str | None = None
    detail: str | None = None


class Task(msgspec.Struct, frozen=True):
    """A claimed piece of work: ``stage`` converts the file, ``chunk`` answers one chunk of it, ``finish`` puts results
    together, ``format`` makes them in another form. ``as_of`` is the moment that every row is answered for."""

    job: str
    kind: str
    chunk: int
    format: str
    claim: str
    attempts: int
    client: ClientId
    key_id: KeyId
    purpose: Purpose
    request: JobRequest
    file_name: str
    population: str | None
    as_of: dt.datetime | None
    ending: str | None


def job_of(row: Mapping[str, Any], now: dt.datetime) -> Job:
    """A row of the table as it is shown."""
    given = {name: row[name] for name in Job.__struct_fields__ if name in row and name != "request"}
    request = msgspec.json.decode(row["request"], type=JobRequest)
    return msgspec.convert(given | {"request": request, "progress": _progress(row, now)}, Job)


def task_of(row: Mapping[str, Any]) -> Task:
    given = dict(row) | {"request": msgspec.json.decode(row["request"], type=JobRequest)}
    return msgspec.convert(given, Task)


READING_SHARE = 0.1
"""How much of the whole the reading of the file is shown as."""


def _progress(row: Mapping[str, Any], now: dt.datetime) -> Progress:
    rows, done, started = row["rows"], row["rows_done"], row["started_at"]
    if row["state"] == State.COMPLETED:
        share = 1.0
    elif rows:
        share = READING_SHARE + (1 - READING_SHARE) * done / rows
    else:
        share = READING_SHARE * row["share_read"]
    seconds = ((row["finished_at"] or now) - started).total_seconds() if started else 0.0
    speed = done / seconds if seconds > 0 and done else None
    left = round((rows - done) / speed) if speed and rows is not None and row["state"] == State.RUNNING else None
    return Progress(round(share, 4), done, rows, round(speed) if speed else None, left)
