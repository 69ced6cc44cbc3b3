"""What time makes superfluous: jobs past their retention, files without a job, charges past their window."""

import asyncio
import logging

from bureau.errors import StorageUnavailable, StoreUnavailable
from bureau.jobs.ending import forget
from bureau.jobs.files import job_files
from bureau.settings import Settings
from bureau.store import Store

EVERY_SECONDS = 3_600.0

log = logging.getLogger(__name__)


async def keep_house(store: Store, settings: Settings) -> None:
    """Tidy up every hour, for ever; any number of workers may."""
    while True:
        try:
            await tidy(store, settings)
        except (StoreUnavailable, StorageUnavailable) as problem:
            log.warning("housekeeping: tried again in an hour", extra={"reason": str(problem)})
        except Exception:
            log.exception("housekeeping failed; it is tried again in an hour")  # or data would be kept for ever
        await asyncio.sleep(EVERY_SECONDS)


async def tidy(store: Store, settings: Settings) -> None:
    """Purge what has expired. Files go after their rows: what is left behind by a crash between the two has no row and
    is found the next day."""
    files = await asyncio.to_thread(job_files, settings)
    while expired := await store.fetch("jobs.expired"):
        for row in expired:
            await forget(store, row["id"])
            await asyncio.to_thread(files.remove, row["id"])
    await store.fetch("jobs.forget_charged", settings.requery_days * 86_400)
    await asyncio.to_thread(files.remove_stray_uploads)
    there = await asyncio.to_thread(files.storage.folders)
    known = {row["id"] for row in await store.fetch("jobs.existing", there)}
    for job in set(there) - known:
        await asyncio.to_thread(files.remove_if_old, job)
