"""What every response carries and every request is counted by, in one hook on the start of the response."""

from time import perf_counter

from litestar.types import Message, Scope

from api.replies import request_id
from bureau.enrich.given import Given
from bureau.model.answer import Status
from bureau.obs.metrics import Counter, Family, Histogram, Metrics

_ROUTES = (
    "/v1/enrich",
    "/v1/match",
    "/v1/enrich/batch",
    "/v1/emails/verify",
    "/v1/phones/verify",
    "/v1/verifications/{verification}",
    "/v1/events",
    "/v1/suppressions",
    "/hooks/ses/{token}",
    "/hooks/sendgrid/{token}",
    "/v1/population",
    "/v1/usage",
    "/v1/subjects/{tax_id}",
    "/v1/jobs",
    "/v1/jobs/{job}",
    "/v1/jobs/{job}/events",
    "/v1/jobs/{job}/preview",
    "/v1/jobs/{job}/start",
    "/v1/jobs/{job}/pause",
    "/v1/jobs/{job}/resume",
    "/v1/jobs/{job}/cancel",
    "/v1/jobs/{job}/results",
    "/v1/jobs/{job}/refusals",
    "/v1/jobs/{job}/report",
    "/v1/webhooks",
    "/v1/webhooks/{webhook}",
    "/v1/webhooks/{webhook}/rotate",
    "/v1/webhooks/{webhook}/deliveries",
    "/v1/webhooks/{webhook}/deliveries/{delivery}/replay",
    "/livez",
    "/readyz",
    "/metrics",
    "/schema",
    "/schema/openapi.json",
)
"""Templates as the OpenAPI document has them: a path itself may hold a tax id, and would be a series of its own."""

_STATUSES = (
    *("200", "201", "202", "206", "400", "401", "403", "404", "405", "409", "410", "413", "415", "416", "422", "429"),
    *("500", "503", "507"),
)

FAMILIES: tuple[Family, ...] = (
    Counter("bureau_requests_total", "Requests answered.", {"route": _ROUTES, "status": _STATUSES}),
    Histogram(
        "bureau_request_seconds",
        "From the key being read to the first byte of the answer; /v1 routes only.",
        (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
        {"route": _ROUTES},
    ),
    Counter("bureau_records_total", "Records answered.", {"status": tuple(status.value for status in Status)}),
    Counter("bureau_units_total", "Units charged."),
)


async def observe(message: Message, scope: Scope) -> None:
    """Add the request id and the allowance headers, and count the response."""
    if message["type"] != "http.response.start":
        return
    state = scope["state"]
    message["headers"] = [
        *message["headers"],
        (b"x-request-id", request_id(scope).encode()),
        *state.get("headers", ()),
    ]
    metrics: Metrics = scope["litestar_app"].state.metrics
    route = scope.get("path_template", "")
    metrics.add("bureau_requests_total", route, str(message["status"]))
    if started := state.get("started"):
        metrics.observe("bureau_request_seconds", route, measure=perf_counter() - started)


def count_answer(metrics: Metrics, answer: Given) -> None:
    """Count one record that left."""
    metrics.add("bureau_records_total", answer.status)
    if answer.units:
        metrics.add("bureau_units_total", amount=answer.units)
