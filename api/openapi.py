"""The OpenAPI 3.1 document, read off the registered routes.

Written here rather than by Litestar because the bodies are decoded by msgspec alone, and msgspec's own JSON Schema
says exactly what it accepts (``additionalProperties: false`` included, which Litestar leaves out).
"""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from api.description import OPTION, Described
from api.errors import KINDS, Problem
from api.schemas.batch import BatchAnswer, batch_answer_schema

REFERENCE = "#/components/schemas/{name}"

INTRODUCTION = """\
Finds the right person or company behind a stale customer record and returns fresh, verified contacts.
Send your key as `Authorization: Bearer KEY`. Bodies are JSON in UTF-8; gzip and zstd are understood both ways. Every
error is an RFC 9457 problem with a stable `code`, the `request_id`, and JSON pointers to what is wrong. Misses,
ambiguities, refusals and our own faults are never charged; repeat a charged request safely with `Idempotency-Key`.

Encontra a pessoa ou empresa certa por trás de um cadastro desatualizado e devolve contatos atuais e verificados.
Envie sua chave em `Authorization: Bearer CHAVE`. Todo erro é um problema RFC 9457 com `code` estável, `request_id` e
ponteiros JSON para o que está errado. Não se cobra por registro não encontrado, ambíguo ou recusado, nem por falha
nossa; repita com segurança uma requisição tarifada usando `Idempotency-Key`."""


def document(app: Litestar, version: str) -> dict[str, Any]:
    """Everything a client generator needs."""
    paths: dict[str, Any] = {}
    structs: dict[str, Any] = {"Problem": Problem}
    for path, method, handler, described in described_routes(app):
        paths.setdefault(path, {})[method.lower()] = _operation(path, handler, described)
        structs |= {struct.__name__: struct for struct in (described.body, described.answer) if struct}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Bureau", "version": version, "description": INTRODUCTION},
        "servers": [{"url": "/"}],
        "paths": paths,
        "x-problems": {code: kind._asdict() for code, kind in KINDS.items()},
        "components": {
            "schemas": _schemas(structs),
            "responses": _problem_responses(),
            "headers": _HEADERS,
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def described_routes(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler, Described]]:
    """Path, method, handler and description of every route that has one, in the order of registration."""
    for route in app.routes:
        if not isinstance(route, HTTPRoute):
            continue
        for handler in route.route_handlers:
            described = handler.opt.get(OPTION)
            if described is not None:
                for method in sorted(handler.http_methods - {"HEAD"}):  # which goes without saying where GET is
                    yield route.path_format, str(method), handler, described


def _operation(path: str, handler: HTTPRouteHandler, described: Described) -> dict[str, Any]:
    guarded = path.startswith("/v1/")
    operation: dict[str, Any] = {
        "operationId": handler.operation_id,
        "summary": handler.summary,
        "tags": [path.split("/")[2] if guarded else "operation"],
        "responses": {**_answers(described, guarded), **_problems(described, guarded, "{" in path)},
    }
    if note := inspect.getdoc(handler.fn):
        operation["description"] = note
    if guarded:
        operation["security"] = [{"key": []}]
    if parameters := [*described.parameters, *([_IDEMPOTENCY_KEY] if described.charged else [])]:
        operation["parameters"] = parameters
    if described.body:
        content = {"schema": _reference(described.body), "examples": _examples(described.examples)}
        operation["requestBody"] = {"required": True, "content": {"application/json": content}}
    if described.content:
        operation["requestBody"] = {"required": True, "content": described.content}
    return operation


def _answers(described: Described, guarded: bool) -> dict[str, Any]:
    schema = _reference(described.answer) if described.answer else _PLAIN[described.media_type]
    contents: dict[int, dict[str, Any]] = {described.status: {described.media_type: {"schema": schema}}}
    for status, content in described.more.items():
        contents[status] = {**contents.get(status, {}), **content}
    names = ["X-Request-Id", *(["RateLimit", "RateLimit-Policy"] if guarded else [])]
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
    return {
        str(status): {"description": _DESCRIPTIONS.get(status, "The answer."), "headers": headers, "content": content}
        for status, content in contents.items()
    }


def _problems(described: Described, guarded: bool, names_something: bool) -> dict[str, Any]:
    statuses = [503] if described.answer else []
    if names_something:
        statuses += [404]
    if guarded:
        statuses += [400, 401, 429]
    if described.body or described.content:
        statuses += [413, 415, 422]
    if described.charged:
        statuses += [409]
    references = {str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(statuses)}
    return {**references, "default": {"$ref": "#/components/responses/default"}}


def _problem_responses() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": REFERENCE.format(name="Problem")}}}
    titles: dict[str, list[str]] = {}
    for code, kind in KINDS.items():
        titles.setdefault(str(kind.status), []).append(f"`{code}`: {kind.title}.")
    told: dict[str, Any] = {
        status: {"description": " ".join(lines), "content": content} for status, lines in titles.items()
    }
    for status in ("429", "503"):
        told[status]["headers"] = {"Retry-After": {"$ref": "#/components/headers/Retry-After"}}
    return {**told, "default": {"description": "Any other problem.", "content": content}}


def _schemas(structs: dict[str, Any]) -> dict[str, Any]:
    """JSON Schemas by name; a batch's records and results, opaque to msgspec, are spelled out."""
    batch = structs.pop(BatchAnswer.__name__, None)
    _, schemas = msgspec.json.schema_components(structs.values(), ref_template=REFERENCE)
    if batch:
        schemas[BatchAnswer.__name__] = batch_answer_schema(REFERENCE)
        schemas["BatchRequest"]["properties"]["records"]["items"] = {"$ref": REFERENCE.format(name="Record")}
    return dict(sorted(schemas.items()))


def _reference(struct: Any) -> dict[str, str]:
    return {"$ref": REFERENCE.format(name=struct.__name__)}


def _examples(examples: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"value": value} for name, value in examples.items()}


_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Any text unique to this request: repeating it with the same body returns the stored answer, free.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}

_DESCRIPTIONS = {202: "Accepted: it is being made.", 206: "The part that was asked for."}

_PLAIN = {
    "application/json": {"type": "object"},
    "text/html": {"type": "string"},
    "text/plain": {"type": "string"},
    "text/csv": {"type": "string"},
    "text/event-stream": {
        "description": "One event of the stream, which is sent as lines of name and value.",
        "type": "object",
        "properties": {"data": {"type": "string", "contentMediaType": "application/json"}},
        "required": ["data"],
    },
    "application/octet-stream": {"type": "string", "format": "binary"},
}

_HEADERS = {
    "X-Request-Id": {"description": "Names this request in logs and in usage.", "schema": {"type": "string"}},
    "RateLimit": {"description": "What is left of the key's allowance.", "schema": {"type": "string"}},
    "RateLimit-Policy": {"description": "The key's allowance.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
}
