"""What a file brought, for the client: numbers of everything, and of nobody in particular."""

import datetime as dt

import msgspec

from bureau.jobs.job import Task
from bureau.jobs.tally import Charged, Contacts, JobTally
from bureau.model.answer import Status


class Report(msgspec.Struct, frozen=True):
    """``rows`` = ``answered`` + ``refused``; ``hit_rate`` is the share of the answered that matched, ``with_email`` and
    ``with_phone`` count answers that carry at least one."""

    job: str
    dry_run: bool
    rows: int
    answered: int
    refused: int
    hit_rate: float
    statuses: dict[str, int]
    refusals: dict[str, int]
    with_email: int
    with_phone: int
    emails: Contacts
    phones: Contacts
    repairs: dict[str, int]
    charge: Charged
    population: str | None
    made_at: dt.datetime


def report_of(task: Task, tally: JobTally, made_at: dt.datetime) -> Report:
    """The report of a whole job from the sum of its parts."""
    statuses = {
        status.value: tally.rows.statuses.get(status.value, 0) for status in Status if status is not Status.REFUSED
    }
    answered, refused = sum(statuses.values()), sum(tally.rows.refused.values())
    return Report(
        job=task.job,
        dry_run=task.request.dry_run,
        rows=answered + refused,
        answered=answered,
        refused=refused,
        hit_rate=round(statuses[Status.MATCHED.value] / answered, 6) if answered else 0.0,
        statuses=statuses,
        refusals=_most_first(tally.rows.refused),
        with_email=tally.rows.emails,
        with_phone=tally.rows.phones,
        emails=tally.emails,
        phones=tally.phones,
        repairs=_most_first(tally.rows.repairs),
        charge=tally.charge,
        population=task.population,
        made_at=made_at,
    )


def _most_first(counts: dict[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
