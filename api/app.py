"""The Litestar application: routes, the gate before them, one error table, and a lifespan that owns every resource."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from litestar import Litestar, Router
from litestar.datastructures import State

from api.auth import gate, gate_of_subjects
from api.errors import exception_handlers
from api.lifespan import connected, open_services
from api.observation import FAMILIES, observe
from api.routes import job_results, jobs, webhooks
from api.routes.echo import echo
from api.routes.enrich import enrich, enrich_batch, match
from api.routes.events import posted_by_sendgrid, posted_by_ses, report_events, suppress
from api.routes.operation import documentation, live, metrics, openapi, ready
from api.routes.population import population
from api.routes.subjects import subject
from api.routes.usage import usage
from api.routes.verification import verification, verify_emails, verify_phones
from api.services import Services
from bureau.obs.metrics import Metrics
from bureau.settings import Settings

_RECORDS = [enrich, match, enrich_batch, verify_emails, verify_phones]
_JOBS = [
    jobs.submit,
    jobs.list_jobs,
    jobs.show,
    jobs.events,
    jobs.preview,
    jobs.start,
    jobs.pause,
    jobs.resume,
    jobs.cancel,
    jobs.purge,
    job_results.results,
    job_results.refusals,
    job_results.report,
]
_WEBHOOKS = [
    webhooks.create,
    webhooks.list_all,
    webhooks.remove,
    webhooks.rotate,
    webhooks.deliveries,
    webhooks.replay,
]

Opener = Callable[[Settings], AbstractAsyncContextManager[Services]]


def create_app(settings: Settings, opener: Opener = open_services, metrics_directory: Path | None = None) -> Litestar:
    """The application of one worker; ``opener`` provides what it needs to answer, and closes it at the end. Workers
    that share a ``metrics_directory`` are counted together."""

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with connected(app, lambda: opener(settings)):
            yield

    guarded = Router(
        "/v1",
        route_handlers=[*_RECORDS, verification, report_events, suppress, population, usage, *_JOBS, *_WEBHOOKS],
        middleware=[gate],
    )
    subjects = Router("/v1", route_handlers=[subject], middleware=[gate_of_subjects])
    return Litestar(
        route_handlers=[
            live,
            ready,
            metrics,
            documentation,
            openapi,
            guarded,
            subjects,
            posted_by_ses,
            posted_by_sendgrid,
            *([echo] if settings.benchmark_echo else []),
        ],
        exception_handlers=exception_handlers(),
        before_send=[observe],
        lifespan=[lifespan],
        logging_config=None,  # failures are logged in api.errors, without the messages that may quote a record
        openapi_config=None,  # api.openapi writes the document
        request_max_body_size=None,  # api.limits bounds bodies, before and after decompression
        state=State(
            {"services": None, "metrics": Metrics(FAMILIES, metrics_directory), "version": version("bureau")},
            deep_copy=False,  # the metrics are one memory-mapped array
        ),
    )
