"""How a job ends: completed, cancelled, failed, or forgotten altogether; its client is told in the same transaction."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from bureau.ids import ClientId
from bureau.jobs.job import State
from bureau.store import Row, Store, Transaction
from bureau.webhooks.messages import Event, tell

_EVENTS = {
    State.COMPLETED: Event.JOB_COMPLETED,
    State.FAILED: Event.JOB_FAILED,
    State.CANCELLED: Event.JOB_CANCELLED,
}


class Problem(NamedTuple):
    """A stable code, and one sentence without personal data."""

    code: str
    detail: str


class Ending(NamedTuple):
    """What a job ends as, why if not as wished, its report as JSON if there is one, and how long its files stay."""

    state: State
    keep_seconds: float
    problem: Problem | None = None
    report: bytes | None = None
    counts: Mapping[str, Any] = MappingProxyType({})


async def end(transaction: Transaction, client: ClientId, job: str, ending: Ending) -> None:
    """Say so of a job that the transaction holds the lock of, and queue the message to its client."""
    code, detail = ending.problem or (None, None)
    await transaction.fetch("jobs.end", job, ending.state.value, code, detail, ending.report, ending.keep_seconds)
    data = {"job": job, "state": ending.state.value, **ending.counts}
    await tell(transaction, client, _EVENTS[ending.state], data)


async def end_early(transaction: Transaction, job: Row, ending: Ending) -> None:
    """Cancel or fail a job that the transaction holds the lock of: nothing more is begun, and what was answered, hence
    charged, is put together as the result.
    """
    code, detail = ending.problem or (None, None)
    await transaction.fetch("jobs.drop_waiting", job["id"])
    (left,) = await transaction.fetch("jobs.done_or_running", job["id"])
    if left["done"] or left["running"]:
        await transaction.fetch("jobs.will_end", job["id"], ending.state.value, code, detail)
        await transaction.fetch("jobs.add_finish", job["id"])
    else:
        await end(transaction, ClientId(job["client"]), job["id"], ending)


async def forget(store: Store, job: str) -> None:
    """Purge a job's rows; its files are the caller's to remove. A worker in the middle of it finds its claim gone."""
    async with store.transaction() as transaction:
        await transaction.fetch("jobs.locked", job)
        await transaction.fetch("jobs.purge", job)
        await transaction.fetch("jobs.forget_tasks", job)
