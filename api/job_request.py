"""Parameters of a job, as text, into what ``bureau.jobs`` understands."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from api.errors import RequestRefused
from bureau.jobs.job import Format, JobRequest
from bureau.model.query import Depth, Kind, Options, Purpose

_AS_JSON = {"options": '{"min_probability": 0.9}', "mapping": '{"name": "CLIENTE"}', "require": '["phone"]'}
"""Parameters that are JSON, each with an example."""
_OPTIONS = frozenset(Options.__struct_fields__)
_ENUMS: tuple[tuple[str, type[StrEnum]], ...] = (
    ("purpose", Purpose),
    ("format", Format),
    ("kind", Kind),
    ("depth", Depth),
)
_ALLOWED = {name: ", ".join(enum) for name, enum in _ENUMS} | {"require": "email, phone"}
_MEMBERS = frozenset(JobRequest.__struct_fields__)


def job_request(parameters: Mapping[str, str]) -> JobRequest:
    """``purpose``, ``format``, ``kind``, ``dry_run``, ``hold``, ``mapping`` (JSON), ``layout`` (a name, or JSON),
    ``sheet``, and the options of an enrichment, each by its name or all as ``options`` (JSON).

    Raises :class:`RequestRefused` (400) naming what is wrong, never the value.
    """
    members: dict[str, Any] = {}
    options: dict[str, Any] = {}
    for name, text in parameters.items():
        if name not in _OPTIONS | _MEMBERS:
            known = ", ".join(sorted(_OPTIONS | _MEMBERS))
            raise RequestRefused("invalid_parameter", f"There is a parameter that is not known; these are: {known}.")
        (options if name in _OPTIONS else members)[name] = _value(name, text)
    if options:
        given = members.get("options", {})
        members["options"] = {**given, **options} if isinstance(given, dict) else given
    return checked(_converted(members))


def checked(request: JobRequest) -> JobRequest:
    """Files are judged by what is on hand; asking mail servers about millions of addresses is not done."""
    if request.options.depth not in (Depth.NONE, Depth.SYNTAX):
        raise RequestRefused("invalid_parameter", "depth: files are checked to depth none or syntax.")
    return request


def _value(name: str, text: str) -> Any:
    if name not in _AS_JSON and not text.startswith("{"):
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        example = f", such as {_AS_JSON[name]}" if name in _AS_JSON else ""
        raise RequestRefused("invalid_parameter", f"{name}: expected JSON{example}.") from None


def _converted(members: dict[str, Any]) -> JobRequest:
    try:
        return msgspec.convert(members, JobRequest, strict=False)
    except msgspec.ValidationError as problem:
        what, _, where = str(problem).partition(" - at `$.")
        where = where.rstrip("`") or "request"
        what = what.replace("`bool`", "true or false").replace("`", "").split(", got ")[0]
        if " enum value " in what:  # which value was given is not repeated, which there are is
            what = f"expected one of {_ALLOWED.get(where.rpartition('.')[2].partition('[')[0], 'those documented')}"
        raise RequestRefused("invalid_parameter", f"{where}: {what[:1].lower()}{what[1:]}.") from None
