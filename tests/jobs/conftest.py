"""Jobs without a population: answers are made up from what a row says, so that every expectation can be computed."""

import asyncio
import csv
import io
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.fs as pafs
import pytest

from bureau.access.keys import Principal
from bureau.enrich.columns import FLAT
from bureau.enrich.results import Answers
from bureau.ids import ClientId, KeyId
from bureau.jobs.files import PARTS, Incoming, job_files, refusals_name, results_name
from bureau.jobs.job import Format, Job, JobRequest
from bureau.jobs.registry import Registry, Submitted
from bureau.jobs.worker import Worker
from bureau.model.query import Purpose
from bureau.settings import Settings
from bureau.store import Store

ACME = Principal(KeyId("key_1"), ClientId("acme"), Purpose.COLLECTION)
OTHER = Principal(KeyId("key_2"), ClientId("other"), Purpose.BILLING)


def answer_by_name(*given: Any) -> Answers:
    """As ``answer_table``. ``HIT`` in the name is a match, ``BAD`` a refusal, ``POISON`` a fault of the program, the
    rest a miss."""
    table, nested = given[4:]
    names = table["name"].to_pylist()
    if any("POISON" in (name or "") for name in names):
        raise ValueError("a bug")
    rows, whole = [], []
    for name in names:
        status = "matched" if "HIT" in name else "refused" if "BAD" in name else "not_found"
        row: dict[str, Any] = {"bureau_status": status, "bureau_charge": int(status == "matched")}
        if status == "refused":
            row["bureau_repairs"] = "name: unusable"
        if status == "matched":
            row |= {"bureau_name": name, "bureau_entity_id": f"per_{name}", "bureau_email_1": f"{name}@new.example"}
            row |= {"bureau_email_1_status": "unknown", "bureau_email_1_known": False}
        rows.append(row)
        charge = {"units": row["bureau_charge"], "why": status}
        notes = [{"field": "name", "from": name, "to": "", "rule": "unusable"}] if status == "refused" else []
        whole.append(msgspec.json.encode({"id": f"enr_{name}", "status": status, "charge": charge, "repairs": notes}))
    return Answers(pa.Table.from_pylist(rows, FLAT), whole if nested else [])


class Bench:
    """A jobs directory, its registry, two clients, and as many workers as wanted."""

    FILE = "nome;conta\nHIT ANA;1\nNOBODY;2\nBAD;3\nHIT BIA;4\n"
    acme, other = ACME, OTHER
    answer = staticmethod(answer_by_name)

    def __init__(self, store: Store, settings: Settings) -> None:
        self.store = store
        self.settings = settings
        self.files = job_files(settings)
        self.registry = Registry(store, settings)

    async def submit(
        self, text: str | bytes, who: Principal = ACME, key: str | None = None, **request: Any
    ) -> Submitted:
        async with Incoming(self.files, 10_000_000) as incoming:
            await incoming.write(text.encode() if isinstance(text, str) else text)
            upload = await incoming.keep("in.csv")
        return await self.registry.submit(who, upload, JobRequest(**request), key)

    def worker(self, name: str = "wrk_1", answer: Any = answer_by_name) -> Worker:
        return Worker(self.store, self.settings, name, answer)

    async def work(self, workers: int = 1, answer: Any = answer_by_name) -> None:
        """Until nothing is left to do."""
        stop = asyncio.Event()
        await asyncio.gather(*(self.worker(f"wrk_{n}", answer).run(stop, until_idle=True) for n in range(workers)))

    async def done(self, text: str | bytes, who: Principal = ACME, **request: Any) -> Job:
        """A job that was submitted and worked to its end."""
        submitted = await self.submit(text, who, **request)
        await self.work()
        return await self.job(submitted.job.id, who)

    async def job(self, job: str, who: Principal = ACME) -> Job:
        found = await self.registry.find(who.client, job)
        assert found
        return found

    @staticmethod
    def names(count: int) -> str:
        """A file of so many people, all of them found."""
        return "nome;conta\n" + "".join(f"HIT {n:06};{n}\n" for n in range(count))

    def cells(self, job: Job, column: str) -> list[str]:
        """One column of the job's result."""
        return [row[column] for row in csv.DictReader(io.StringIO(self.result(job)), delimiter=";")]

    def result(self, job: Job, form: str = "csv") -> str:
        return b"".join(self.files.of(job.id).pieces(results_name(Format(form)))).decode()

    def refusals(self, job: Job, form: str = "csv") -> list[str]:
        return b"".join(self.files.of(job.id).pieces(refusals_name(Format(form)))).decode().splitlines()[1:]

    def listed(self, job: Job) -> list[str]:
        """What is in the job's folder."""
        return self._names(job, "")

    def parts(self, job: Job) -> list[str]:
        return self._names(job, PARTS)

    def _names(self, job: Job, within: str) -> list[str]:
        folder: Any = self.files.of(job.id)
        found = folder._system.get_file_info(pafs.FileSelector(folder.path(within), allow_not_found=True))
        return sorted(info.base_name for info in found)

    async def report(self, job: Job, who: Principal = ACME) -> Any:
        return msgspec.json.decode(await self.registry.report(who.client, job.id) or b"null")

    async def rows(self, statement: str, *arguments: Any) -> list[Any]:
        async with self.store.session() as connection:
            found: list[Any] = await connection.fetch(statement, *arguments)
            return found

    async def units(self) -> int:
        (row,) = await self.rows("SELECT coalesce(sum(units), 0) AS units FROM usage")
        return int(row["units"])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "populations").mkdir()
    (tmp_path / "populations" / "CURRENT").write_text("pop_1\n")
    return tmp_path


@pytest.fixture
async def bench(store: Store, store_settings: Settings, home: Path, files_url: str | None) -> Bench:
    return Bench(store, msgspec.structs.replace(store_settings, home=home, files_url=files_url))
