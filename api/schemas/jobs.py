"""Bodies and parameters of ``/v1/jobs`` and ``/v1/webhooks``."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from bureau.jobs.job import Format, Job
from bureau.model.query import Kind, Purpose
from bureau.webhooks.endpoints import Delivery, Webhook
from bureau.webhooks.messages import Event

Parameters = tuple[dict[str, Any], ...]


class Jobs(msgspec.Struct, frozen=True, omit_defaults=True):
    """``next_before`` is the ``before`` of the next page, if there may be one."""

    jobs: list[Job]
    next_before: dt.datetime | None = None


class NewWebhook(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to tell what: an https address, and the events that are wanted (all, if none is named)."""

    url: Annotated[str, Meta(max_length=2000)]
    events: list[Event] = msgspec.field(default_factory=lambda: list(Event))


class Webhooks(msgspec.Struct, frozen=True):
    webhooks: list[Webhook]


class Deliveries(msgspec.Struct, frozen=True):
    """The latest first."""

    deliveries: list[Delivery]


class Replayed(msgspec.Struct, frozen=True):
    """The id of the message that is sent again."""

    delivery: str


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def _query(name: str, about: str, schema: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "in": "query", "description": about, "schema": schema or {"type": "string"}}


def _one_of(values: type[StrEnum]) -> dict[str, Any]:
    return {"type": "string", "enum": [value.value for value in values]}


ID: Parameters = (_path("job"),)
WEBHOOK: Parameters = (_path("webhook"),)
DELIVERY: Parameters = (_path("webhook"), _path("delivery"))
PREVIEW: Parameters = (
    _path("job"),
    _query("mapping", 'JSON: field → column name, as {"name": "CLIENTE"}.'),
    _query("layout", "Of a fixed-width file: cnab240, cnab400, or a layout as JSON."),
    _query("sheet", "Of a workbook."),
)
FORMAT = _one_of(Format)
RESULTS: Parameters = (_path("job"), _query("format", "Another form than the one that was asked for.", FORMAT))
REPORT: Parameters = (
    _path("job"),
    _query("format", "json (the default), or html: a page with plots.", {"type": "string", "enum": ["json", "html"]}),
    _query("lang", "Of the page.", {"type": "string", "enum": ["en", "pt"]}),
)
LIST: Parameters = (
    _query("before", "Only jobs made before this moment (ISO 8601).", {"type": "string", "format": "date-time"}),
    _query("limit", "At most so many; 100.", {"type": "integer", "minimum": 1, "maximum": 1000}),
)


def upload_parameters() -> Parameters:
    """What may be said with a file; each may be a part of the form instead."""
    return (
        _query("file_name", "What you call the file."),
        _query("purpose", "As for an enrichment; the key's own if left out.", _one_of(Purpose)),
        _query("format", "Of the result; the file's own if left out.", FORMAT),
        _query("kind", "What every row is; found out if left out.", _one_of(Kind)),
        _query("dry_run", "Only tell hit rate and price.", {"type": "boolean"}),
        _query("hold", "Wait for `start` after a look at the preview.", {"type": "boolean"}),
        _query("mapping", 'JSON: field → column name, as {"name": "CLIENTE"}.'),
        _query("layout", "Of a fixed-width file: cnab240, cnab400, or a layout as JSON."),
        _query("sheet", "Of a workbook."),
        _query("options", "JSON: the options of an enrichment; each may also be given by its own name."),
    )


BINARY = {"type": "string", "format": "binary"}
TEXT = {"type": "string"}
UPLOAD: dict[str, Any] = {
    "application/octet-stream": {"schema": BINARY},
    "multipart/form-data": {
        "schema": {"type": "object", "properties": {"file": BINARY}, "required": ["file"], "additionalProperties": True}
    },
}
