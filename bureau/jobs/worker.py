"""One worker: claims a task, does it, and claims the next, until it is told to stop."""

import asyncio
import datetime as dt
import errno
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import msgspec
import pyarrow as pa

from bureau.enrich.batch import answer_table
from bureau.enrich.parts import Part, write_part
from bureau.enrich.result_forms import result_form
from bureau.enrich.results import Answers
from bureau.enrich.settled import SettledAnswers
from bureau.errors import (
    InvalidArgument,
    OutputFailed,
    PopulationUnavailable,
    StorageFull,
    StorageUnavailable,
    StoreUnavailable,
    UnreadableInput,
)
from bureau.ids import PopulationId, sortable
from bureau.intake.staging import DESCRIPTION_FILE, Staged, open_staged, stage
from bureau.jobs.answering import ChunkWork, answer_chunk, answer_chunk_carefully
from bureau.jobs.completion import Bookkeeper, ClaimLost
from bureau.jobs.ending import Ending, Problem, end, end_early
from bureau.jobs.files import PARTS, UPLOAD, job_files, part_name
from bureau.jobs.finish import DonePart, Finishing, done_parts, own_format, shows_whole_answers
from bureau.jobs.job import Format, State, Task, task_of
from bureau.jobs.reading import upload_table
from bureau.jobs.report import Report
from bureau.jobs.surroundings import Surroundings
from bureau.jobs.tally import job_tally
from bureau.jobs.whole_answers import answer_some
from bureau.model.query import Options
from bureau.overlay.snapshot import snapshot
from bureau.population.reader import current_id
from bureau.population.secret import home_secret
from bureau.settings import Settings
from bureau.storage.folder import Folder
from bureau.store import Store

POLL_SECONDS = 0.25
AWAY_SECONDS = 0.5
TELL_SECONDS = 1.0
NO_ROOM_SECONDS = 5.0
CAREFUL_AFTER = 3
"""Claims after which a chunk whose workers all died is answered with care."""
GIVEN_UP_AFTER = 8
WAITS_FOR = {
    StorageFull.code: "There is no room for the files; the job goes on when there is.",
    StorageUnavailable.code: "The storage of files cannot be used; the job goes on when it can.",
    PopulationUnavailable.code: "Its population is not there; the job goes on when it is.",
}
"""What the client is told, who is not to learn our paths."""

log = logging.getLogger(__name__)


AnswerTable = Callable[[Path, PopulationId, Options, dt.datetime, pa.Table, bool], Answers]
"""As ``bureau.enrich.batch.answer_table``."""


class Worker:
    """Does tasks for one process; ``name`` is what its claims are kept alive under."""

    def __init__(self, store: Store, settings: Settings, name: str, answer: AnswerTable = answer_table) -> None:
        self._answer = answer
        self._store = store
        self._settings = settings
        self._name = name
        self._files = job_files(settings)
        self._keep_seconds = settings.job_retention_days * 86_400
        self._books = Bookkeeper(store, settings.requery_days)
        self._claim = ""

    async def run(self, stop: asyncio.Event, until_idle: bool = False) -> None:
        """Work until ``stop`` is set, or until nothing is left to do. A database that is away is waited for."""
        beat = asyncio.create_task(self._beat())
        given_up = False
        try:
            while not stop.is_set():
                try:
                    if given_up:  # whether its end was committed or not: the task is done, or to be done again
                        await self._store.fetch("jobs.release_worker", self._name)
                        given_up = False
                    task = await self.claim()
                    if task:
                        await self.do(task)
                    elif until_idle and not (await self._store.fetch("jobs.to_do"))[0]["some"]:
                        return
                    else:
                        await _patiently(stop, POLL_SECONDS)
                except StoreUnavailable as problem:
                    if not given_up:  # once an outage
                        log.warning("the database is away", extra={"reason": str(problem)})
                    given_up = True
                    await _patiently(stop, AWAY_SECONDS)
                    with suppress(StoreUnavailable):
                        await self._store.revive()
        finally:
            beat.cancel()
            with suppress(asyncio.CancelledError):
                await beat

    async def claim(self) -> Task | None:
        """The task whose turn it is, or None."""
        lease, most = self._settings.job_lease_seconds, self._settings.job_tasks_per_client
        async with self._store.transaction() as transaction:
            await transaction.fetch("jobs.take_turns")
            rows = await transaction.fetch("jobs.claim", sortable("clm"), self._name, lease, most)
        return task_of(rows[0]) if rows else None

    async def do(self, task: Task) -> None:
        """Do a task to its end; what goes wrong is the job's affair and never the worker's."""
        steps: dict[str, Callable[[Task], Awaitable[None]]] = {
            "stage": self._stage,
            "chunk": self._chunk,
            "finish": self._finish,
            "format": self._format,
        }
        self._claim = task.claim
        try:
            if task.attempts > GIVEN_UP_AFTER:
                await self._fail(task, Problem("internal", "Our fault: the work on this file kept ending early."))
            else:
                await steps[task.kind](task)
        except ClaimLost:
            log.info("a task was another's by now", extra={"job": task.job})
        except StoreUnavailable:
            raise
        except Exception as problem:  # noqa: BLE001  # the boundary of a task
            await self._went_wrong(task, problem)
        finally:
            self._claim = ""

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._settings.job_lease_seconds / 4)
            with suppress(StoreUnavailable):
                await self._store.fetch("jobs.beat", self._name, self._claim)

    async def _stage(self, task: Task) -> None:
        population = self._population()
        staged = await asyncio.to_thread(self._staged, task, self._tell_share_read(task.job))
        async with self._store.transaction() as transaction:
            await transaction.fetch("jobs.locked", task.job)
            if not await transaction.fetch("jobs.done", task.job, task.claim, b"", [], []):
                raise ClaimLost("Another worker has the task.")
            rows = sum(note.rows for note in staged.chunks)
            as_of = dt.datetime.now(dt.UTC)
            if not await transaction.fetch("jobs.staged", task.job, rows, population, as_of):
                raise ClaimLost("The job was stopped meanwhile.")
            await transaction.fetch("jobs.add_chunks", task.job, len(staged.chunks))
            await transaction.fetch("jobs.add_finish", task.job)
        await asyncio.to_thread(self._files.of(task.job).remove, UPLOAD)

    def _tell_share_read(self, job: str) -> Callable[[int, int], None]:
        """For the thread that reads the file: keep in the job, about every second, how far it is."""
        loop, told_at = asyncio.get_running_loop(), time.monotonic()

        def tell(done: int, size: int) -> None:
            nonlocal told_at
            if time.monotonic() > told_at + TELL_SECONDS:
                told_at = time.monotonic()
                asyncio.run_coroutine_threadsafe(self._store.fetch("jobs.reading", job, done / max(size, 1)), loop)

        return tell

    def _staged(self, task: Task, progress: Callable[[int, int], None]) -> Staged:
        folder = self._files.of(task.job)
        if (staged := open_staged(folder)) is not None:
            return staged
        with upload_table(self._files, task.job, task.request) as table:
            result_form(Path("results.csv"), table.what)  # refuse now what could not be written in the end
            with folder.written(last=DESCRIPTION_FILE) as directory:
                return stage(table, directory, progress)

    async def _chunk(self, task: Task) -> None:
        standings = await snapshot(self._store, self._settings.home)
        work = await asyncio.to_thread(self._work, task, standings)
        answer = answer_chunk if task.attempts <= CAREFUL_AFTER else answer_chunk_carefully
        part, rows = await asyncio.to_thread(answer, work)
        tally = job_tally(rows, part.answers.columns)
        folder, name = self._files.of(task.job), part_name(task.chunk, task.claim)
        await asyncio.to_thread(_keep_part, part, folder, name)
        try:
            await self._books.complete(task, part, tally)
        except ClaimLost:  # nobody will ask for it, and after a purge nothing may be left
            await asyncio.to_thread(folder.remove, f"{PARTS}/{name}")
            raise

    def _has_whole_answers(self, task: Task) -> bool:
        staged = open_staged(self._files.of(task.job))
        return staged is None or shows_whole_answers(own_format(task.request, staged))

    def _whole_work(self, task: Task, standings: Path, chunk: int) -> ChunkWork:
        work = self._work(msgspec.structs.replace(task, chunk=chunk), standings)
        return msgspec.structs.replace(work, nested=True)

    def _work(self, task: Task, standings: Path) -> ChunkWork:
        staged = open_staged(self._files.of(task.job))
        if staged is None or task.as_of is None or task.population is None:
            raise UnreadableInput("The converted upload is gone.")
        options = task.request.options
        around = Surroundings(
            home=self._settings.home,
            at=task.as_of,
            purpose=task.purpose,
            client=task.client,
            explain=options.explain,
            standings=standings,
            do_not_call=self._settings.do_not_call,
        )
        answer = partial(self._answer, self._settings.home, PopulationId(task.population), options, task.as_of)
        return ChunkWork(
            staged=staged,
            chunk=task.chunk,
            answer=SettledAnswers(answer, around),
            kind=task.request.kind,
            nested=shows_whole_answers(own_format(task.request, staged)),
            secret=home_secret(self._settings.home),
            client=task.client,
        )

    async def _finish(self, task: Task) -> None:
        now = dt.datetime.now(dt.UTC)
        finishing = Finishing(self._files, task, await self._parts(task))
        report = await asyncio.to_thread(finishing.finished, now)
        state = State(task.ending) if task.ending else State.COMPLETED
        async with self._store.transaction() as transaction:
            (job,) = await transaction.fetch("jobs.locked", task.job) or (None,)
            if job is None or not await transaction.fetch("jobs.done", task.job, task.claim, b"", [], []):
                raise ClaimLost("Another worker has the task.")
            ending = Ending(state, self._keep_seconds, None, msgspec.json.encode(report), _told(report))
            await end(transaction, task.client, task.job, ending)
        if task.request.dry_run:
            await asyncio.to_thread(self._files.of(task.job).remove, PARTS)

    async def _format(self, task: Task) -> None:
        form, parts = Format(task.format), await self._parts(task)
        whole = shows_whole_answers(form) and not await asyncio.to_thread(self._has_whole_answers, task)
        if whole:
            standings = await snapshot(self._store, self._settings.home)
            asked = partial(self._whole_work, task, standings)
            if not await asyncio.to_thread(answer_some, asked, self._files.of(task.job), parts, task.claim):
                await self._store.fetch("jobs.release", task.job, task.claim, 0.0)
                return
        await asyncio.to_thread(Finishing(self._files, task, parts, whole).write, form)
        async with self._store.transaction() as transaction:
            await transaction.fetch("jobs.locked", task.job)
            if not await transaction.fetch("jobs.done", task.job, task.claim, b"", [], []):
                raise ClaimLost("Another worker has the task.")
            await transaction.fetch("jobs.no_work_left", task.job)

    async def _parts(self, task: Task) -> dict[int, DonePart]:
        parts = dict[int, DonePart]()
        while rows := await self._store.fetch("jobs.parts", task.job, max(parts, default=-1) + 1):
            parts |= done_parts(rows)
        return parts

    def _population(self) -> PopulationId:
        found = current_id(self._settings.home)
        if found is None:
            raise PopulationUnavailable("No population is published yet: run `bureau build`.")
        return found

    async def _went_wrong(self, task: Task, problem: Exception) -> None:
        """What can pass is waited for; what cannot ends the job, with the reason."""
        code = _passing(problem)
        if code and not (task.kind == "format" and isinstance(problem, PopulationUnavailable)):  # it is gone for good
            log.warning("a task waits", extra={"job": task.job, "why": code, "reason": str(problem)})
            await self._store.fetch("jobs.complain", task.job, code, WAITS_FOR[code])
            await self._store.fetch("jobs.release", task.job, task.claim, NO_ROOM_SECONDS)
        elif isinstance(problem, UnreadableInput | InvalidArgument):
            await self._fail(task, Problem(problem.code, str(problem)))
        else:
            log.exception("a task failed", exc_info=problem, extra={"job": task.job, "task": task.kind})
            await self._fail(task, Problem("internal", "Our fault; quote the job's id to us."))

    async def _fail(self, task: Task, problem: Problem) -> None:
        async with self._store.transaction() as transaction:
            (job,) = await transaction.fetch("jobs.locked", task.job) or (None,)
            if job is None:
                return
            if task.kind == "format":  # done without a file: it is not tried again
                await transaction.fetch("jobs.done", task.job, task.claim, b"", [], [])
                await transaction.fetch("jobs.no_work_left", task.job)
                return
            if not await transaction.fetch("jobs.drop", task.job, task.claim):
                return
            if task.kind == "finish":
                await end(transaction, task.client, task.job, Ending(State.FAILED, self._keep_seconds, problem))
            else:
                await end_early(transaction, job, Ending(State.FAILED, self._keep_seconds, problem))


def _keep_part(part: Part, folder: Folder, name: str) -> None:
    with folder.written(PARTS) as directory:
        write_part(part, directory / name)


def _passing(problem: Exception) -> str | None:
    """The code of a problem that waiting may cure, None for any other."""
    if isinstance(problem, PopulationUnavailable | StorageUnavailable):
        return problem.code
    return StorageFull.code if _no_room(problem) else None


def _no_room(problem: Exception) -> bool:
    """Whether a disk is full (or over quota, or a file too large for its file system): waiting may help."""
    if isinstance(problem, OutputFailed):
        return isinstance(problem.__cause__, OSError)
    return isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _told(report: Report) -> dict[str, object]:
    return {"rows": report.rows, "hit_rate": report.hit_rate, "units": report.charge.units}


async def _patiently(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
