"""What a worker needs to answer, gathered once at start and read by every request."""

from typing import NamedTuple

from litestar.types import Scope

from api.serving import Serving
from api.together import Together
from bureau.access.idempotency import Idempotency
from bureau.access.keys import KeyRing
from bureau.access.quotas import ConcurrencyLimit, TokenBuckets
from bureau.access.usage import UsageLedger
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.deliverability.phone.do_not_call import DoNotCall
from bureau.errors import StoreUnavailable
from bureau.jobs.files import JobFiles
from bureau.overlay.service import Overlay
from bureau.settings import Settings
from bureau.store import Store


class Services(NamedTuple):
    """Everything is shared by the requests of one worker and safe to use from its event loop only."""

    settings: Settings
    store: Store
    files: JobFiles
    ring: KeyRing
    ledger: UsageLedger
    idempotency: Idempotency
    buckets: TokenBuckets
    concurrency: ConcurrencyLimit
    serving: Serving
    enriching: Together
    matching: Together
    verifier: EmailVerifier
    overlay: Overlay
    do_not_call: DoNotCall


def require_services(scope: Scope) -> Services:
    """The worker's services; StoreUnavailable while it still waits for its database."""
    services: Services | None = scope["litestar_app"].state.services
    if services is None:
        raise StoreUnavailable("The database is not connected yet; see /readyz.")
    return services
