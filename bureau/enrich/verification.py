"""A file of e-mails and phones in, the same file with verdicts on them out: nobody is looked for.

The customer's own columns stay untouched, in order; the first three contacts of each kind in a row get columns.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import closing
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa

from bureau.deliverability.email.memory import NOTHING_KNOWN, Known
from bureau.deliverability.email.verdict import EmailVerdict
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.deliverability.phone.calling import CallPlan
from bureau.deliverability.phone.verdict import Circumstances, PhoneVerdict, check_phone, read
from bureau.durable import staged
from bureau.enrich.columns import SHOWN
from bureau.enrich.files import Progress, check_target
from bureau.enrich.result_forms import result_form
from bureau.enrich.results import Answers, refusals_beside
from bureau.enrich.standing import Situation
from bureau.enrich.usable import usable
from bureau.errors import UnreadableInput
from bureau.intake.chunks import Chunk, chunk_of
from bureau.intake.rows import Rows, no_rows
from bureau.intake.tables import Reading, TableFile, opened_table
from bureau.model.answer import UsableNow
from bureau.model.query import Depth
from bureau.normalise.addresses import municipality, municipality_of_postal_code, postal_code
from bureau.normalise.phones import Phone
from bureau.normalise.record_columns import LIST_SEPARATOR
from bureau.reference.places import municipalities

_EMAIL = ("", "_status", "_reason", "_action", "_confidence", "_suggestion", "_recheck_at")
_PHONE = ("", "_type", "_status", "_reason", "_action", "_usable_until", "_blocked_by")
VERIFIED = pa.schema([
    pa.field(f"bureau_{contact}_{rank}{suffix}", pa.float64() if suffix == "_confidence" else pa.string())
    for contact, suffixes in (("email", _EMAIL), ("phone", _PHONE))
    for rank in range(1, SHOWN + 1)
    for suffix in suffixes
])  # fmt: skip


class Verifying(NamedTuple):
    """How to verify: ``seconds`` bound the wait for each piece of the file (a few thousand rows); ``situation`` is
    when, what for, and what is on record."""

    verifier: EmailVerifier
    depth: Depth
    seconds: float
    situation: Situation
    known: Known = NOTHING_KNOWN


class VerificationReport(msgspec.Struct, frozen=True):
    """``emails`` and ``phones`` count verdicts by reason; ``unseen`` contacts stood beyond the third of their row;
    ``pending`` e-mails had no final answer yet: run it again after their ``recheck_at``."""

    output: str
    rows: int
    emails: dict[str, int]
    phones: dict[str, int]
    pending: int
    unseen: int
    refused: dict[str, int]
    seconds: float


class _Row(NamedTuple):
    emails: list[str]
    phones: list[str]
    municipality: int


class _Counts:
    """What has been seen of a file so far."""

    def __init__(self) -> None:
        self.rows = self.pending = self.unseen = 0
        self.emails, self.phones, self.refused = Counter[str](), Counter[str](), Counter[str]()


async def verify_file(
    source: Path, output: Path, how: Verifying, reading: Reading | None = None, progress: Progress = lambda *_: None
) -> VerificationReport:
    """Verify ``source`` (any form that ``intake`` reads) into ``output`` (the form its suffix says).

    Raises ``UnreadableInput`` for a file without e-mails and phones, ``OutputFailed`` when the result cannot be
    written; the output then stays as it was.
    """
    started, counts = time.perf_counter(), _Counts()
    check_target(source, output)
    with opened_table(source, reading or Reading()) as table:
        if not table.what.meaning.emails and not table.what.meaning.phones:
            raise UnreadableInput(f"{source.name} has no column of e-mails or phones; name them with --map.")
        await _verified_into(table, output, how, counts, progress)
    return VerificationReport(
        output=str(output),
        rows=counts.rows,
        emails=dict(sorted(counts.emails.items())),
        phones=dict(sorted(counts.phones.items())),
        pending=counts.pending,
        unseen=counts.unseen,
        refused=dict(sorted(counts.refused.items())),
        seconds=round(time.perf_counter() - started, 3),
    )


async def _verified_into(table: TableFile, output: Path, how: Verifying, counts: _Counts, progress: Progress) -> None:
    form = result_form(output, table.what)
    with staged(output) as partial, refusals_beside(output) as refuse, closing(form.open(partial)) as result:
        async for some, chunk in _chunks(table, form.with_columns):
            columns = await _verified(chunk.records, how, counts)
            result.write(form.rendered(chunk.own, Answers(columns, [])))
            refuse(chunk.refusals)
            counts.rows += columns.num_rows + len(chunk.refusals)
            counts.refused.update(refusal.reason for refusal in chunk.refusals)
            progress("verifying", some.done, table.size)


async def _chunks(table: TableFile, with_columns: bool) -> AsyncIterator[tuple[Rows, Chunk]]:
    """Read in a thread, so that Ctrl-C ends the loop within a chunk. On the main thread Arrow would take the interrupt
    for itself, and without any wait the loop would hear of it when all is done."""
    rows = table.rows()
    some: Rows | None = await asyncio.to_thread(next, rows, no_rows(table.what))
    while some is not None:
        yield some, await asyncio.to_thread(chunk_of, table.what, some, with_columns)
        some = await asyncio.to_thread(next, rows, None)


async def _verified(records: pa.Table, how: Verifying, counts: _Counts) -> pa.Table:
    """The columns of :data:`VERIFIED` for canonical records."""
    rows = list(_rows(records))
    counts.unseen += sum(max(len(each) - SHOWN, 0) for row in rows for each in (row.emails, row.phones))
    asked = list(dict.fromkeys(text for row in rows for text in row.emails[:SHOWN]))
    verdicts = await how.verifier.verify(asked, how.depth, how.seconds, known=how.known)
    emails = dict(zip(asked, verdicts, strict=True))
    cells = []
    for row in rows:
        of_emails = [emails[text] for text in row.emails[:SHOWN]]
        of_phones = [_phone(text, row.municipality, how.situation) for text in row.phones[:SHOWN]]
        counts.emails.update(verdict.reason.value for verdict in of_emails)
        counts.phones.update(verdict.reason.value for verdict, _ in of_phones)
        counts.pending += sum(verdict.recheck_at is not None for verdict in of_emails)
        cells.append([*_cells(of_emails, _email_cells, _EMAIL), *_cells(of_phones, _phone_cells, _PHONE)])
    columns = zip(*cells, strict=True) if cells else ([] for _ in VERIFIED)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, VERIFIED, strict=True)]
    return pa.table(arrays, schema=VERIFIED)


def _rows(records: pa.Table) -> Iterator[_Row]:
    columns = (records[name].to_pylist() for name in ("emails", "phones", "city", "state", "postal_code"))
    for emails, phones, city, state, code in zip(*columns, strict=True):
        where = municipality(city, state) or municipality_of_postal_code(postal_code(code))
        yield _Row(_pieces(emails), _pieces(phones), where)


def _pieces(cell: str | None) -> list[str]:
    return [piece.strip() for piece in cell.split(LIST_SEPARATOR) if piece.strip()] if cell else []


def _phone(text: str, where: int, situation: Situation) -> tuple[PhoneVerdict, UsableNow]:
    """By the area code and the clock of the row's address, if it has one."""
    place = municipalities()[where - 1] if where else None
    ddd = place.area_code if place else None
    phone = read(text, ddd)
    number = phone.number if isinstance(phone, Phone) else None
    live = situation.on_record.phone(number, None) if number else None
    verdict = check_phone(text, Circumstances(default_ddd=ddd, live=live))
    purpose = situation.calling.purpose
    plan = CallPlan(purpose, place.state, time_zone=place.time_zone) if place else CallPlan(purpose)
    return verdict, usable(number, (verdict.reason, verdict.action), plan, situation.calling)


def _cells(found: Sequence[Any], cells: Callable[[Any], tuple[Any, ...]], suffixes: Sequence[str]) -> Iterator[Any]:
    nothing = (None,) * len(suffixes) * (SHOWN - len(found))
    return chain(chain.from_iterable(map(cells, found)), nothing)


def _email_cells(verdict: EmailVerdict) -> tuple[Any, ...]:
    suggestion = verdict.suggestion.address if verdict.suggestion else None
    recheck = verdict.recheck_at.isoformat(timespec="seconds") if verdict.recheck_at else None
    confidence = round(verdict.confidence, 4)
    return (verdict.address, verdict.status.value, verdict.reason.value, verdict.action.value, confidence, suggestion,
            recheck)  # fmt: skip


def _phone_cells(found: tuple[PhoneVerdict, UsableNow]) -> tuple[Any, ...]:
    verdict, now = found
    until = now.until.isoformat() if now.until else None
    return (verdict.number, verdict.line_type, verdict.status.value, verdict.reason.value, verdict.action.value, until,
            now.blocked_by)  # fmt: skip
