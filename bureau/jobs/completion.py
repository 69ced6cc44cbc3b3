"""The end of a chunk, in one transaction: what it charges, its usage rows, its place in the job. All of it or nothing.

Whoever dies before the commit has done nothing; whoever is thought dead and is not finds its claim gone, and has done
nothing either.
"""

import datetime as dt
from collections.abc import Sequence
from itertools import repeat
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bureau.enrich.parts import Part
from bureau.errors import BureauError
from bureau.jobs.charges import Charges, Matches, matches_of
from bureau.jobs.job import Task
from bureau.jobs.tally import Charged, JobTally
from bureau.model.answer import Status
from bureau.store import Store, Transaction

OPERATION = "job"
_USAGE = ("at", "id", "request_id", "key_id", "client", "operation", "purpose", "status", "units", "population",
          "entity_id", "fields")  # fmt: skip
_SHOWN_BY = {
    "name": "bureau_name",
    "emails": "bureau_email_1",
    "phones": "bureau_phone_1",
    "addresses": "bureau_city",
}
"""Fields that left with an answer, by the column that says so."""


class ClaimLost(BureauError):
    """The task is not this worker's any more: another does it, or the job was stopped or purged."""


class Bookkeeper:
    """Completes chunks. One a worker; records are free for ``requery_days`` after they were charged."""

    def __init__(self, store: Store, requery_days: float) -> None:
        self._store = store
        self._window = requery_days * 86_400
        self._months: set[dt.date] = set()

    async def complete(self, task: Task, part: Part, tally: JobTally) -> None:
        """Raises :class:`ClaimLost` when the task is another's by now, ``StoreUnavailable``."""
        now = dt.datetime.now(dt.UTC)
        matches = matches_of(part)
        await self._ensure_month(now.date().replace(day=1))
        async with self._store.transaction() as transaction:
            if task.request.dry_run:
                charges = await self._priced(transaction, matches)
            else:
                charges = await self._charged(transaction, task, matches)
                await transaction.copy("usage", _USAGE, _usage_rows(task, part, charges, now))
            await _close(transaction, task, _with_charges(tally, charges), charges)

    async def _ensure_month(self, month: dt.date) -> None:
        """Outside the transaction: whoever makes a partition keeps others from it until the commit."""
        if month not in self._months:
            await self._store.fetch("usage.ensure_month", month)
            self._months.add(month)

    async def _charged(self, transaction: Transaction, task: Task, matches: Matches) -> Charges:
        wanted = matches.records
        now = {row["record"] for row in await transaction.fetch("jobs.charge", wanted, task.job, self._window)}
        others = [key for key in wanted if key not in now]
        ours = await transaction.fetch("jobs.charged_by", others, task.job) if others else ()
        return matches.sorted_out(now, {row["record"] for row in ours})

    async def _priced(self, transaction: Transaction, matches: Matches) -> Charges:
        """As it would be, but for records that other chunks hold too: those are told apart when all are known."""
        rows = await transaction.fetch("jobs.would_be_free", matches.records, self._window)
        return matches.sorted_out(set(matches.records) - {row["record"] for row in rows}, ())


def _with_charges(tally: JobTally, charges: Charges) -> JobTally:
    charged = Charged(len(charges.charged), len(charges.repeated), len(charges.requeried))
    return msgspec.structs.replace(tally, charge=charged)


async def _close(transaction: Transaction, task: Task, tally: JobTally, charges: Charges) -> None:
    row = (task.job, task.claim, msgspec.json.encode(tally), charges.requeried, charges.repeated)
    if not await transaction.fetch("jobs.done", *row):
        raise ClaimLost("Another worker has the task.")
    if not await transaction.fetch("jobs.advance", task.job, tally.rows.rows):
        raise ClaimLost("The job was stopped meanwhile.")
    await transaction.fetch("jobs.add_finish", task.job)


def _usage_rows(task: Task, part: Part, charges: Charges, now: dt.datetime) -> list[tuple[Any, ...]]:
    """One row a row of the file, named by its number there: what left of whom, and what it cost."""
    answers = part.answers.columns
    units = np.zeros(answers.num_rows, np.int64)
    units[charges.charged] = 1
    refused = [refusal.row for refusal in part.refusals]
    statuses = [*answers["bureau_status"].to_pylist(), *repeat(Status.REFUSED.value, len(refused))]
    entities = [*answers["bureau_entity_id"].to_pylist(), *repeat(None, len(refused))]
    columns = (
        repeat(now),
        [f"{task.job}.{row}" for row in [*part.rows.tolist(), *refused]],
        repeat(task.job),
        repeat(task.key_id),
        repeat(task.client),
        repeat(OPERATION),
        repeat(task.purpose.value),
        statuses,
        [*units.tolist(), *repeat(0, len(refused))],
        repeat(task.population),
        entities,
        [*_fields(answers), *repeat((), len(refused))],
    )
    return list(zip(*columns, strict=False))  # the constants have no end


def _fields(answers: pa.Table) -> Sequence[tuple[str, ...]]:
    """Names of the fields that left with each answer, never their content."""
    left = np.zeros(answers.num_rows, np.uint8)
    for bit, column in enumerate(_SHOWN_BY.values()):
        left |= pc.is_valid(answers[column]).to_numpy().astype(np.uint8) << bit
    sets = [tuple(name for bit, name in enumerate(_SHOWN_BY) if mask >> bit & 1) for mask in range(1 << len(_SHOWN_BY))]
    return [sets[mask] for mask in left.tolist()]
