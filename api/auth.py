"""The gate before every ``/v1`` route: who calls, and may they call now. Plain ASGI, because every request pays it."""

from time import perf_counter
from typing import Any

from litestar import Request
from litestar.types import ASGIApp, Receive, Scope, Send

from api.errors import RequestRefused
from api.services import Services, require_services
from bureau.access.keys import Principal
from bureau.access.roles import Role
from bureau.errors import AccessDenied

_BEARER = b"bearer "
_RETRY = ((b"retry-after", b"1"),)


def gate(app: ASGIApp, *others: Role) -> ASGIApp:
    """Authenticate (RFC 6750 bearer key), then take one request from the key's allowance, then go on if the key is a
    client's or of the ``others`` that may."""

    async def admit(scope: Scope, receive: Receive, send: Send) -> None:
        services = require_services(scope)
        state = scope["state"]
        state["started"] = perf_counter()
        principal = state["principal"] = _principal(scope, services)
        allowance = services.buckets.take(principal.key_id)
        state["headers"] = allowance.headers
        if not allowance.granted:
            raise RequestRefused("rate_limited", "This key has no request left; wait as Retry-After says.")
        if principal.role is not Role.CLIENT and principal.role not in others:
            raise RequestRefused("forbidden", f"A key of role {principal.role} opens /v1/subjects alone.")
        if not services.concurrency.enter(principal.key_id):
            raise RequestRefused("rate_limited", "This key has too many requests running at once.", headers=_RETRY)
        try:
            await app(scope, receive, send)
        finally:
            services.concurrency.leave(principal.key_id)

    return admit


def gate_of_subjects(app: ASGIApp) -> ASGIApp:
    """As :func:`gate`, for officers too."""
    return gate(app, Role.OFFICER)


def caller(request: Request[Any, Any, Any]) -> Principal:
    """Whose key the gate has let in."""
    principal: Principal = request.scope["state"]["principal"]
    return principal


def _principal(scope: Scope, services: Services) -> Principal:
    for name, value in scope["headers"]:
        if name == b"authorization":
            if value[:7].lower() != _BEARER:
                break
            if principal := services.ring.principal(value[7:].strip().decode("latin-1")):
                return principal
            raise AccessDenied("This key is not known, or was revoked.")
    raise AccessDenied("Send your key as Authorization: Bearer KEY.")
