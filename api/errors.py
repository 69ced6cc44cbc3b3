"""Every way a request can fail, as one table, and RFC 9457 problem documents made from it."""

import logging
import traceback
from typing import Any, NamedTuple

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from api.replies import Headers, ProblemReply, Reply, request_id
from bureau.errors import (
    AccessDenied,
    BureauError,
    InvalidRecord,
    PopulationUnavailable,
    StorageUnavailable,
    StoreUnavailable,
)

logger = logging.getLogger("api")


class Kind(NamedTuple):
    """What every problem with one ``code`` has in common."""

    status: int
    title: str


KINDS: dict[str, Kind] = {
    "malformed_json": Kind(400, "The body is not JSON"),
    "malformed_encoding": Kind(400, "The body does not match its Content-Encoding"),
    "incomplete_body": Kind(400, "The body did not arrive in full"),
    "invalid_body": Kind(400, "The body does not have the expected shape"),
    "invalid_parameter": Kind(400, "A parameter cannot be used"),
    "invalid_idempotency_key": Kind(400, "The Idempotency-Key header cannot be used"),
    "bad_request": Kind(400, "The request cannot be understood"),
    "head_incomplete": Kind(408, "The head of the request did not arrive in time"),
    "address_too_long": Kind(414, "The address is too long"),
    "head_too_large": Kind(431, "The head of the request is too large"),
    "access_denied": Kind(401, "No valid key"),
    "forbidden": Kind(403, "The key does not allow this"),
    "not_found": Kind(404, "There is nothing here"),
    "method_not_allowed": Kind(405, "This address does not take this method"),
    "wrong_state": Kind(409, "The job's state does not allow this"),
    "not_ready": Kind(409, "The job has not got that far"),
    "gone": Kind(410, "This was purged"),
    "request_in_progress": Kind(409, "A request with this Idempotency-Key is still running"),
    "body_too_large": Kind(413, "The body is too large"),
    "range_not_satisfiable": Kind(416, "The file does not have these bytes"),
    "unsupported_media_type": Kind(415, "The body is of a type that is not accepted"),
    "invalid_record": Kind(422, "The record cannot be used"),
    "purpose_missing": Kind(422, "No purpose was given"),
    "unreadable_file": Kind(422, "The file cannot be read as it is"),
    "idempotency_key_reused": Kind(422, "The Idempotency-Key was used for another request"),
    "too_many_jobs": Kind(429, "Too many jobs are unfinished"),
    "rate_limited": Kind(429, "Too many requests"),
    "internal": Kind(500, "The fault is ours"),
    "population_unavailable": Kind(503, "No population is in use yet"),
    "store_unavailable": Kind(503, "The database cannot be reached"),
    "overloaded": Kind(503, "Too much is waiting to be recorded"),
    "storage_unavailable": Kind(503, "The storage of files cannot be reached"),
    "storage_full": Kind(507, "There is no room for the file"),
}
"""The whole table: code → status and title. Codes are stable; titles may be reworded."""

_BY_STATUS = {
    401: "access_denied",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
}


class Fault(msgspec.Struct, frozen=True):
    """One thing that is wrong in the body: where (RFC 6901), which rule, and the rule in words; never the value."""

    pointer: str
    code: str
    detail: str


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """RFC 9457 problem details; ``code``, ``request_id`` and ``errors`` are our extension members."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[Fault] = []


class RequestRefused(BureauError):
    """A request that cannot be served as it came; ``code`` is one of :data:`KINDS`."""

    def __init__(self, code: str, detail: str, faults: list[Fault] | None = None, headers: Headers = ()) -> None:
        super().__init__(detail)
        self.refusal = code
        self.faults = faults or []
        self.headers = headers


_encode = msgspec.json.Encoder().encode


def problem(code: str, detail: str, request: str, faults: list[Fault] | None = None) -> Problem:
    """The problem document of ``code``; its ``type`` is that code's entry in the documentation page."""
    kind = KINDS[code]
    return Problem(
        type=f"/schema#problem-{code}",
        title=kind.title,
        status=kind.status,
        detail=detail,
        code=code,
        request_id=request,
        errors=faults or [],
    )


def record_problem(error: InvalidRecord, request: str, prefix: str) -> Problem:
    """The problem of one record; ``prefix`` is the record's own pointer in the body."""
    fault = Fault(prefix + error.pointer, error.detail_code, str(error))
    return problem("invalid_record", str(error), request, [fault])


def exception_handlers() -> ExceptionHandlersMap:
    return {
        RequestRefused: _refused,
        InvalidRecord: _invalid_record,
        BureauError: _known,
        HTTPException: _from_framework,
        Exception: _unexpected,
    }


def _refused(request: Request[Any, Any, Any], error: RequestRefused) -> Reply:
    return _reply(request, problem(error.refusal, str(error), request_id(request.scope), error.faults), error.headers)


def _invalid_record(request: Request[Any, Any, Any], error: InvalidRecord) -> Reply:
    return _reply(request, record_problem(error, request_id(request.scope), "/record"))


def _known(request: Request[Any, Any, Any], error: BureauError) -> Reply:
    """Errors the core raises by design; one that HTTP has no word for is a fault of ours."""
    if error.code not in KINDS or error.code == "internal":
        return _unexpected(request, error)
    headers: Headers = ()
    if isinstance(error, AccessDenied):
        headers = ((b"www-authenticate", b'Bearer realm="bureau"'),)
    elif isinstance(error, PopulationUnavailable | StorageUnavailable | StoreUnavailable):
        headers = ((b"retry-after", b"1"),)
    return _reply(request, problem(error.code, str(error), request_id(request.scope)), headers)


def _from_framework(request: Request[Any, Any, Any], error: HTTPException) -> Reply:
    """Litestar's own refusals (routing, parameters). Its details may quote the request, so they are not repeated."""
    if error.status_code >= 500:
        return _unexpected(request, error)
    code = _BY_STATUS.get(error.status_code, "bad_request")
    allow = (error.headers or {}).get("allow")
    headers: Headers = ((b"allow", allow.encode("ascii")),) if allow else ()
    return _reply(request, problem(code, KINDS[code].title + ".", request_id(request.scope)), headers)


def _unexpected(request: Request[Any, Any, Any], error: Exception) -> Reply:
    return _reply(request, our_fault(error, request_id(request.scope)))


def our_fault(error: Exception, request: str) -> Problem:
    """500: the client learns the request id; the log learns where, but not the message, which may quote a record."""
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    logger.error(
        "request failed unexpectedly",
        extra={"request_id": request, "error": type(error).__name__, "frames": frames},
    )
    return problem("internal", "This is our fault; quote the request id to us.", request)


def _reply(request: Request[Any, Any, Any], found: Problem, headers: Headers = ()) -> Reply:
    del request
    return ProblemReply(_encode(found), found.status, b"application/problem+json", headers)
