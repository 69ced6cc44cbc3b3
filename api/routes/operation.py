"""What operators, load balancers and documentation readers ask; no key, no personal data."""

import asyncio
from importlib import resources
from typing import Any

import msgspec
from litestar import Request

from api.description import Described
from api.errors import RequestRefused
from api.methods import get
from api.openapi import document
from api.replies import Reply
from api.schemas.operation import Readiness
from api.services import require_services
from bureau.obs.metrics import Metrics

_encode = msgspec.json.Encoder().encode

_CONTENT_POLICY = (
    b"content-security-policy",
    b"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
)


@get("/livez", operation_id="live", summary="Whether this worker runs", opt=Described(answer=Readiness).as_option())
async def live(request: Request[Any, Any, Any]) -> Reply:
    """Answers even without database or population: a failing one means the process should be restarted."""
    del request
    return Reply(_encode(Readiness("alive")))


@get(
    "/readyz",
    operation_id="ready",
    summary="Whether this worker can answer",
    opt=Described(answer=Readiness).as_option(),
)
async def ready(request: Request[Any, Any, Any]) -> Reply:
    """503 until the database is connected and a population is in use."""
    services = require_services(request.scope)
    if not services.ring.fresh:
        raise RequestRefused("store_unavailable", "Keys were not confirmed by the database for too long.")
    return Reply(_encode(Readiness("ready", services.serving.current.manifest.id)))


@get(
    "/schema",
    operation_id="documentation",
    summary="This documentation",
    opt=Described(media_type="text/html").as_option(),
)
async def documentation(request: Request[Any, Any, Any]) -> Reply:
    """One self-contained page: no script, style or font comes from elsewhere."""
    del request
    page = resources.files("api").joinpath("pages/schema.html").read_bytes()
    return Reply(page, media_type=b"text/html; charset=utf-8", headers=(_CONTENT_POLICY,))


@get("/schema/openapi.json", operation_id="openapi", summary="The OpenAPI 3.1 document", opt=Described().as_option())
async def openapi(request: Request[Any, Any, Any]) -> Reply:
    return Reply(_encode(document(request.app, request.app.state.version)))


@get(
    "/metrics",
    operation_id="metrics",
    summary="Counters for Prometheus",
    opt=Described(media_type="text/plain").as_option(),
)
async def metrics(request: Request[Any, Any, Any]) -> Reply:
    """Text exposition format, added up over the workers of this server."""
    exposition: Metrics = request.app.state.metrics
    text = await asyncio.to_thread(exposition.exposition)
    return Reply(text.encode(), media_type=b"text/plain; version=0.0.4; charset=utf-8")
