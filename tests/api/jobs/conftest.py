"""The application of ``tests/api`` over a real store and a real jobs directory; workers are run by the tests."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

import bureau.jobs.worker as worker_module
from bureau.enrich.columns import FLAT
from bureau.enrich.results import Answers
from bureau.jobs.files import job_files
from bureau.settings import Settings
from bureau.store import Store


def answer_by_name(*given: Any) -> Answers:
    """``HIT`` in the name is a match, ``BAD`` a refusal, the rest a miss."""
    import pyarrow as pa

    rows = [
        {
            "bureau_status": "matched" if "HIT" in name else "refused" if "BAD" in name else "not_found",
            "bureau_charge": int("HIT" in name),
            "bureau_name": name if "HIT" in name else None,
            "bureau_repairs": "name: unusable" if "BAD" in name else None,
        }
        for name in given[4]["name"].to_pylist()
    ]
    return Answers(pa.Table.from_pylist(rows, FLAT), [_whole(row) for row in rows] if given[5] else [])


def _whole(row: dict[str, Any]) -> bytes:
    notes = [{"field": "name", "from": "x", "to": "", "rule": "unusable"}] if row["bureau_repairs"] else []
    charge = {"units": row["bureau_charge"], "why": "test"}
    return msgspec.json.encode({"id": "enr_1", "status": row["bureau_status"], "charge": charge, "repairs": notes})


@pytest.fixture
def settings(store_settings: Settings, tmp_path: Path, files_url: str | None) -> Settings:
    (tmp_path / "populations").mkdir()
    (tmp_path / "populations" / "CURRENT").write_text("pop_1\n")
    return msgspec.structs.replace(
        store_settings,
        home=tmp_path,
        files_url=files_url,
        upload_limit_bytes=200_000,
        requests_per_second=1000.0,
        webhook_loopback=True,
    )


@pytest.fixture
async def served(worker: Any, store: Store, settings: Settings) -> AsyncIterator[Any]:
    """``tests/api``'s worker, with jobs: ``.work()`` does what there is to do."""
    worker.app.state.services = worker.app.state.services._replace(
        store=store, settings=settings, files=job_files(settings)
    )

    async def work() -> None:
        await worker_module.Worker(store, settings, "wrk_1", answer_by_name).run(asyncio.Event(), until_idle=True)

    worker.work = work
    worker.store = store
    return worker
