"""A client's jobs: submitted, looked at, held and let go. A client sees its own and no other's."""

import datetime as dt
import hashlib
from typing import NamedTuple

import msgspec

from bureau.access.keys import Principal
from bureau.errors import InvalidArgument
from bureau.ids import ClientId
from bureau.jobs.ending import Ending, end_early, forget
from bureau.jobs.job import Format, Job, JobRequest, State, Upload, job_of
from bureau.model.query import PURPOSE_MISSING
from bureau.settings import Settings
from bureau.store import Row, Store

UNHELD_DAYS = 2.0
"""How long a file that waits for its client's word is kept."""


class Submitted(NamedTuple):
    """``repeated``: an earlier request with the same key and content made it."""

    job: Job
    repeated: bool


class TooManyJobs(InvalidArgument):
    """The client has as many unfinished jobs as it may."""

    code = "too_many_jobs"


class OtherSubmission(InvalidArgument):
    """The idempotency key came with another file or other options before."""

    code = "idempotency_key_reused"


class Registry:
    """Jobs of all clients, each method for one."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._most = settings.jobs_open_per_client
        self._keep_seconds = settings.job_retention_days * 86_400

    async def submit(self, who: Principal, upload: Upload, request: JobRequest, key: str | None = None) -> Submitted:
        """Make a job of a file that is already in its place (``files.JobFiles``), once for each idempotency ``key``.

        Raises :class:`TooManyJobs`, :class:`OtherSubmission`, or :class:`InvalidArgument` without a purpose.
        """
        purpose = request.purpose or who.default_purpose
        if purpose is None:
            raise InvalidArgument(PURPOSE_MISSING)
        fingerprint = _fingerprint(upload, request)
        document = msgspec.json.encode(request)
        row = (upload.job, who.client, who.key_id, purpose.value, upload.name, upload.size, document,
               key, fingerprint, (State.RECEIVED if request.hold else State.QUEUED).value,
               UNHELD_DAYS * 86_400 if request.hold else self._keep_seconds, self._most)  # fmt: skip
        async with self._store.transaction() as transaction:
            made = await transaction.fetch("jobs.submit", *row)
            if made:
                await transaction.fetch("jobs.add_stage", upload.job)
        if made:
            return Submitted(await self._found(who.client, upload.job), False)
        earlier = await self._store.fetch("jobs.earlier", who.client, key)
        if not earlier:
            raise TooManyJobs(f"At most {self._most} jobs of a client may be unfinished.")
        if earlier[0]["fingerprint"] != fingerprint:
            raise OtherSubmission("This key came with another file or other options before.")
        return Submitted(await self._found(who.client, earlier[0]["id"]), True)

    async def find(self, client: ClientId, job: str) -> Job | None:
        rows = await self._store.fetch("jobs.one", client, job)
        return _shown(rows[0]) if rows else None

    async def report(self, client: ClientId, job: str) -> bytes | None:
        """The JSON of a job's report, None while there is none."""
        rows = await self._store.fetch("jobs.one", client, job)
        return rows[0]["report"] if rows else None

    async def recent(self, client: ClientId, before: dt.datetime, most: int) -> list[Job]:
        """The client's jobs made before a moment, latest first."""
        return [_shown(row) for row in await self._store.fetch("jobs.of_client", client, before, most)]

    async def accept(self, client: ClientId, job: str, request: JobRequest) -> Job | None:
        """Start a job that was held, as ``request`` now says. None unless it is waiting for that."""
        rows = await self._store.fetch("jobs.accept", client, job, msgspec.json.encode(request))
        return _shown(rows[0]) if rows else None

    async def pause(self, client: ClientId, job: str) -> Job | None:
        """No further task is begun; those under way end. None unless it is queued or running."""
        rows = await self._store.fetch("jobs.pause", client, job)
        return _shown(rows[0]) if rows else None

    async def resume(self, client: ClientId, job: str) -> Job | None:
        rows = await self._store.fetch("jobs.resume", client, job)
        return _shown(rows[0]) if rows else None

    async def cancel(self, client: ClientId, job: str) -> Job | None:
        """Begin nothing more; what is done (and charged) is put together as the result. None if there is none."""
        found = await self.find(client, job)
        if found is None or found.state.ended:
            return found
        async with self._store.transaction() as transaction:
            (row,) = await transaction.fetch("jobs.locked", job)
            if not State(row["state"]).ended and row["ending"] is None:
                await end_early(transaction, row, Ending(State.CANCELLED, self._keep_seconds))
        return await self._found(client, job)

    async def purge(self, client: ClientId, job: str) -> Job | None:
        """Forget everything but the fact: the caller removes the files afterwards. None if there is none."""
        if await self.find(client, job) is None:
            return None
        await forget(self._store, job)
        return await self._found(client, job)

    async def want_format(self, client: ClientId, job: str, wanted: Format) -> bool:
        """Have a worker make the results of an ended job in another form too. False when that was done or tried."""
        return bool(await self._store.fetch("jobs.add_format", client, job, wanted.value))

    async def _found(self, client: ClientId, job: str) -> Job:
        (row,) = await self._store.fetch("jobs.one", client, job)
        return _shown(row)


async def jobs_by_state(store: Store) -> dict[str, int]:
    """How many jobs of all clients are in each state; purged ones are not counted."""
    counts = {row["state"]: row["jobs"] for row in await store.fetch("jobs.by_state")}
    return {state.value: counts[state] for state in State if state in counts and state is not State.PURGED}


def _shown(row: Row) -> Job:
    return job_of(row, dt.datetime.now(dt.UTC))


def _fingerprint(upload: Upload, request: JobRequest) -> bytes:
    return hashlib.blake2b(upload.digest + upload.name.encode() + msgspec.json.encode(request), digest_size=32).digest()
