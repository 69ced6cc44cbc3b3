"""What a job brought: ``/v1/jobs/{job}/results``, ``refusals`` and ``report``."""

import asyncio
from collections.abc import Collection
from typing import Any

import msgspec
from litestar import Request

from api.auth import caller
from api.description import Described
from api.errors import RequestRefused
from api.file_replies import Kept, file_reply
from api.methods import get
from api.replies import Reply
from api.routes.jobs import find_job
from api.schemas.jobs import BINARY, ID, REPORT, RESULTS, TEXT
from api.services import require_services
from bureau.jobs.files import JobFiles, refusals_name, results_name
from bureau.jobs.job import Format, Job, State
from bureau.jobs.registry import Registry
from bureau.jobs.report import Report
from bureau.jobs.report_page import LANGUAGES, report_page

_encode = msgspec.json.Encoder().encode
MEDIA_TYPES = {
    Format.CSV: "text/csv",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.PARQUET: "application/vnd.apache.parquet",
    Format.JSONL: "application/x-ndjson",
}
_FILES = {media_type: {"schema": BINARY} for media_type in MEDIA_TYPES.values()}
_ANSWERS = {200: _FILES, 202: {"application/json": {"schema": {"$ref": "#/components/schemas/Job"}}}, 206: _FILES}
_PAGE_POLICY = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)
_RETRY = ((b"retry-after", b"1"),)


@get(
    "/jobs/{job:str}/results",
    operation_id="jobResults",
    summary="The enriched file",
    opt=Described(media_type="text/csv", parameters=RESULTS, more=_ANSWERS).as_option(),
)
async def results(request: Request[Any, Any, Any]) -> Any:
    """Ranges are served. 202 with the job while another form than the first is being made: ask again."""
    job = await _with_results(request)
    services = require_services(request.scope)
    files = services.files
    wanted, made = _format(request), await asyncio.to_thread(_made, files, job)
    if made is None:
        raise RequestRefused("not_found", "There is no result: nothing of the file was answered.")
    form = wanted or made
    if found := await asyncio.to_thread(files.results, job.id, form):
        name, saved_as = results_name(form), f"{job.id}.{form.value}"
        return file_reply(request, Kept(files.of(job.id), name, found, MEDIA_TYPES[form], saved_as))
    under_way = await Registry(services.store, services.settings).want_format(caller(request).client, job.id, form)
    if not under_way and not await asyncio.to_thread(files.results, job.id, form):
        raise RequestRefused("not_found", "The result could not be made in this form.")
    return Reply(_encode(job), 202, headers=_RETRY)


@get(
    "/jobs/{job:str}/refusals",
    operation_id="jobRefusals",
    summary="Rows that are not in the result: number, column and reason",
    opt=Described(media_type="text/csv", parameters=ID, more={206: {"text/csv": {"schema": TEXT}}}).as_option(),
)
async def refusals(request: Request[Any, Any, Any]) -> Any:
    job = await _with_results(request)
    files = require_services(request.scope).files
    form = await asyncio.to_thread(_made, files, job)
    found = await asyncio.to_thread(files.refusals, job.id, form) if form else None
    if form and found:
        kept = Kept(files.of(job.id), refusals_name(form), found, "text/csv", f"{job.id}.refusals.csv")
        return file_reply(request, kept)
    return Reply(b"row,column,reason\n", media_type=b"text/csv")


@get(
    "/jobs/{job:str}/report",
    operation_id="jobReport",
    summary="Hit rate, contacts, repairs, verdicts and charge",
    opt=Described(answer=Report, parameters=REPORT, more={200: {"text/html": {"schema": TEXT}}}).as_option(),
)
async def report(request: Request[Any, Any, Any]) -> Reply:
    """JSON, or a page that needs nothing else, in English or Portuguese. Kept when the job is purged."""
    form = _one_of(request, "format", ("json", "html")) or "json"
    language = _one_of(request, "lang", LANGUAGES) or _preferred_language(request)
    job = await find_job(request)
    services = require_services(request.scope)
    found = await Registry(services.store, services.settings).report(caller(request).client, job.id)
    if found is None:
        if not job.state.ended:
            raise RequestRefused("not_ready", "The job has not ended.", headers=_RETRY)
        raise RequestRefused("not_found", "There is no report: nothing of the file was answered.")
    if form == "json":
        return Reply(found)
    page = report_page(msgspec.json.decode(found, type=Report), language)
    return Reply(page.encode(), media_type=b"text/html; charset=utf-8", headers=(_PAGE_POLICY,))


async def _with_results(request: Request[Any, Any, Any]) -> Job:
    job = await find_job(request)
    if job.state is State.PURGED:
        raise RequestRefused("gone", "The job was purged.")
    if not job.state.ended:
        raise RequestRefused("not_ready", "The job has not ended.", headers=_RETRY)
    if job.request.dry_run:
        raise RequestRefused("not_found", "A dry run has a report and no results.")
    return job


def _made(files: JobFiles, job: Job) -> Format | None:
    """The form that was asked for, or found first."""
    wanted = [job.request.format] if job.request.format else []
    return next((form for form in (*wanted, *Format) if files.results(job.id, form)), None)


def _format(request: Request[Any, Any, Any]) -> Format | None:
    given = _one_of(request, "format", tuple(Format))
    return Format(given) if given else None


def _one_of(request: Request[Any, Any, Any], name: str, known: Collection[str]) -> str | None:
    """A parameter that is one of a few words, None if it was not given."""
    given: str | None = request.query_params.get(name)
    if given is not None and given not in known:
        raise RequestRefused("invalid_parameter", f"{name} must be one of {', '.join(known)}.")
    return given


def _preferred_language(request: Request[Any, Any, Any]) -> str:
    given: str = request.headers.get("accept-language", "")[:2].lower()
    return given if given in LANGUAGES else "en"
