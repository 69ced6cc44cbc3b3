"""``/v1/jobs``: files of any size, enriched in the background."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import msgspec
from litestar import Request, delete, post
from litestar import get as get_alone

from api.auth import caller
from api.decoding import decoded
from api.description import Described
from api.errors import RequestRefused
from api.file_replies import ALIVE_SECONDS, event_stream
from api.idempotency import checked_key
from api.job_request import checked, job_request
from api.limits import json_body
from api.methods import get
from api.moments import before_of
from api.path_ids import path_id
from api.replies import Reply
from api.schemas.jobs import ID, LIST, PREVIEW, UPLOAD, Jobs, upload_parameters
from api.services import require_services
from api.upload import receive_file
from bureau.errors import InvalidArgument, UnreadableInput
from bureau.intake.preview import Preview
from bureau.jobs.files import Incoming
from bureau.jobs.job import Job, JobRequest
from bureau.jobs.reading import preview_job
from bureau.jobs.registry import Registry
from bureau.model.query import PURPOSE_MISSING

POLL_SECONDS = 0.5
_encode = msgspec.json.Encoder().encode
_request = msgspec.json.Decoder(JobRequest)


@post(
    "/jobs",
    operation_id="submitJob",
    summary="Send a file to be enriched",
    status_code=202,
    opt=Described(answer=Job, status=202, content=UPLOAD, charged=True, parameters=upload_parameters()).as_option(),
)
async def submit(request: Request[Any, Any, Any]) -> Reply:
    """The file as the body, or as the part `file` of a form; parameters in the query or the form."""
    services, who, key = require_services(request.scope), caller(request), checked_key(request)
    files = services.files
    async with Incoming(files, services.settings.upload_limit_bytes) as incoming:
        sent = await receive_file(request, incoming)
        wanted = job_request(sent.parameters)
        if wanted.purpose is None and who.default_purpose is None:
            raise RequestRefused("purpose_missing", PURPOSE_MISSING)
        upload = await incoming.keep(sent.file_name)
    try:
        job, repeated = await _registry(request).submit(who, upload, wanted, key)
    except BaseException:
        await asyncio.to_thread(files.remove, upload.job)
        raise
    if repeated:
        await asyncio.to_thread(files.remove, upload.job)
    headers = [(b"location", f"/v1/jobs/{job.id}".encode())]
    return Reply(_encode(job), 202, headers=[*headers, *([(b"idempotency-replayed", b"true")] if repeated else [])])


@get(
    "/jobs",
    operation_id="jobs",
    summary="Your jobs, latest first",
    opt=Described(answer=Jobs, parameters=LIST).as_option(),
)
async def list_jobs(request: Request[Any, Any, Any]) -> Reply:
    before, most = before_of(request), _most(request)
    found = await _registry(request).recent(caller(request).client, before, most)
    return Reply(_encode(Jobs(found, found[-1].created_at if len(found) == most else None)))


@get(
    "/jobs/{job:str}",
    operation_id="job",
    summary="How a job stands",
    opt=Described(answer=Job, parameters=ID).as_option(),
)
async def show(request: Request[Any, Any, Any]) -> Reply:
    return Reply(_encode(await find_job(request)))


@get_alone(
    "/jobs/{job:str}/events",
    operation_id="jobEvents",
    summary="How a job stands, told as it changes (server-sent events)",
    opt=Described(media_type="text/event-stream", parameters=ID).as_option(),
)
async def events(request: Request[Any, Any, Any]) -> Any:
    """Each event is the job as `GET /v1/jobs/{job}` shows it; the stream ends with the job."""
    return event_stream(_changes(request, await find_job(request)))


@get("/jobs/{job:str}/preview", operation_id="previewJob", summary="What a file is taken for, before it is begun",
     opt=Described(answer=Preview, parameters=PREVIEW).as_option())  # fmt: skip
async def preview(request: Request[Any, Any, Any]) -> Reply:
    """Its form, what each column is taken for and why, the first rows, and what would be refused. Try a correction with
    `mapping`, `layout` or `sheet`; `start` takes the same."""
    job = await find_job(request)
    said = msgspec.to_builtins(job_request(dict(request.query_params.items())))
    wanted = msgspec.convert({**msgspec.to_builtins(job.request), **said}, JobRequest)
    files = require_services(request.scope).files
    try:
        seen = await asyncio.to_thread(preview_job, files, job.id, wanted)
    except (UnreadableInput, InvalidArgument) as problem:
        raise RequestRefused("unreadable_file", str(problem)) from None
    if seen is None:
        raise RequestRefused("wrong_state", "The file was read already; a job sent with hold=true waits.")
    return Reply(_encode(seen))


@post("/jobs/{job:str}/start", operation_id="startJob", summary="Start a job that was held, as its file is to be read",
      status_code=200, opt=Described(body=JobRequest, answer=Job, parameters=ID).as_option())  # fmt: skip
async def start(request: Request[Any, Any, Any]) -> Reply:
    """What is not said is as it was when the file was sent."""
    job = await find_job(request)
    body = await json_body(request, require_services(request.scope).settings.body_limit_bytes)
    said = msgspec.to_builtins(decoded(_request, body))
    wanted = checked(msgspec.convert({**msgspec.to_builtins(job.request), **said}, JobRequest))
    return _done(await _registry(request).accept(caller(request).client, job.id, wanted), "It is not being held.")


@post("/jobs/{job:str}/pause", operation_id="pauseJob", summary="Begin nothing more until resumed", status_code=200,
      opt=Described(answer=Job, parameters=ID).as_option())  # fmt: skip
async def pause(request: Request[Any, Any, Any]) -> Reply:
    job = await find_job(request)
    return _done(await _registry(request).pause(caller(request).client, job.id), "It is neither queued nor running.")


@post("/jobs/{job:str}/resume", operation_id="resumeJob", summary="Go on with a paused job", status_code=200,
      opt=Described(answer=Job, parameters=ID).as_option())  # fmt: skip
async def resume(request: Request[Any, Any, Any]) -> Reply:
    job = await find_job(request)
    return _done(await _registry(request).resume(caller(request).client, job.id), "It is not paused.")


@post("/jobs/{job:str}/cancel", operation_id="cancelJob", summary="Stop a job; what was charged is its result",
      status_code=200, opt=Described(answer=Job, parameters=ID).as_option())  # fmt: skip
async def cancel(request: Request[Any, Any, Any]) -> Reply:
    job = await find_job(request)
    return _done(await _registry(request).cancel(caller(request).client, job.id), "")


@delete("/jobs/{job:str}", operation_id="deleteJob", summary="Stop a job and forget its file and results",
        status_code=200, opt=Described(answer=Job, parameters=ID).as_option())  # fmt: skip
async def purge(request: Request[Any, Any, Any]) -> Reply:
    job = await find_job(request)
    purged = await _registry(request).purge(caller(request).client, job.id)
    await asyncio.to_thread(require_services(request.scope).files.remove, job.id)
    return _done(purged, "")


async def find_job(request: Request[Any, Any, Any]) -> Job:
    """The caller's job that the path names. Raises :class:`RequestRefused` (404)."""
    found = await _registry(request).find(caller(request).client, path_id(request, "job"))
    if found is None:
        raise RequestRefused("not_found", "You have no job of that id.")
    return found


def _registry(request: Request[Any, Any, Any]) -> Registry:
    services = require_services(request.scope)
    return Registry(services.store, services.settings)


def _done(job: Job | None, why_not: str) -> Reply:
    if job is None:
        raise RequestRefused("wrong_state", why_not)
    return Reply(_encode(job))


async def _changes(request: Request[Any, Any, Any], job: Job) -> AsyncIterator[bytes]:
    """The job now, and whenever it looks different; nothing, from time to time, while it does not."""
    told, at = _encode(job), monotonic()
    yield told
    while not job.state.ended:
        await asyncio.sleep(POLL_SECONDS)
        job = await find_job(request)
        now = _encode(job)
        if now != told or monotonic() > at + ALIVE_SECONDS:
            yield now if now != told else b""
            told, at = now, monotonic()


def _most(request: Request[Any, Any, Any]) -> int:
    given = request.query_params.get("limit", "100")
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:9]) <= 1000):
        raise RequestRefused("invalid_parameter", "limit must be a number from 1 to 1000.")
    return int(given)
