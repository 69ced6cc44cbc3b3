"""What remembering costs: in an answer, in a table, in memory, in the database. See README.md beside this file."""

import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from bureau.deliverability.email.domain import DomainFacts, Route
from bureau.deliverability.email.syntax import Address, parse
from bureau.deliverability.email.verdict import check_email
from bureau.deliverability.phone.verdict import check_phone
from bureau.enrich.column_standing import settle_table
from bureau.enrich.columns import flat_table
from bureau.enrich.standing import Situation, settle
from bureau.enrich.usable import Calling
from bureau.ids import ClientId
from bureau.model.answer import AddressAnswer, Answer, Charge, EmailAnswer, Match, PhoneAnswer, Status
from bureau.overlay.client_view import ClientView
from bureau.overlay.domains import SharedDomains
from bureau.overlay.event_log import EventLog
from bureau.overlay.events import Event, Kind
from bureau.overlay.fingerprints import Fingerprints
from bureau.overlay.standing_ring import StandingRing
from bureau.overlay.standing_table import StandingTable
from bureau.settings import Settings
from bureau.store import Store

HERE = Path(__file__).parent
SEED = 20261122
ACME = ClientId("acme")
PRINTS = Fingerprints(b"benchmark secret, nobody's".ljust(32))
NOW = datetime.now(UTC)

ON_RECORD = (0, 1_000_000)
EVENTS, POSTED = 20_000, 1_000
DOMAINS = 8_000


def answer(number: int) -> Answer:
    emails = [check_email(f"{name}{number}@example.com", NOW) for name in ("ana.lima", "a.lima", "lima")]
    phones = [check_phone(11_900_000_000 + 7 * number + place) for place in range(3)]
    return Answer(
        id="enr_1",
        status=Status.MATCHED,
        charge=Charge(1, "matched"),
        match=Match(f"per_{number}", 0.99, 10.0, 1, "pop", "model"),
        addresses=[AddressAnswer(city="São Paulo" if number % 2 else "Manaus", state="SP" if number % 2 else "AM")],
        emails=[
            EmailAnswer(address=e.address, known_to_client=False, status=e.status, reason=e.reason.value,
                        action=e.action, confidence=e.confidence, sources=1)
            for e in emails
        ],
        phones=[
            PhoneAnswer(number=p.number, national=p.national, line_type=p.line_type, known_to_client=False,
                        status=p.status, reason=p.reason.value, action=p.action, confidence=p.confidence, sources=1)
            for p in phones
        ],
    )  # fmt: skip


def table_of(count: int) -> StandingTable:
    """So many strangers on record."""
    table = StandingTable()
    draw = np.random.default_rng(SEED)
    keys = np.unique(draw.integers(0, 2**63, count, dtype=np.uint64))
    table._keys, table._values, table._searched = keys, np.ones(len(keys), np.uint32), keys.data
    return table


def cpu_seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def in_answers() -> dict[str, float]:
    found: dict[str, float] = {}
    answers = [answer(number) for number in range(2_000)]
    flat = flat_table([answer(number) for number in range(20_000)])
    for count in ON_RECORD:
        situation = Situation(Calling(NOW), ClientView(table_of(count), PRINTS, ACME))
        settle(answers[0], situation)
        each = cpu_seconds(lambda s=situation: [settle(one, s) for one in answers]) / len(answers)
        found[f"answer_us_{count}_on_record"] = round(each * 1e6, 1)
        seconds = cpu_seconds(lambda s=situation: settle_table(flat, s))
        found[f"rows_per_second_settled_{count}_on_record"] = round(flat.num_rows / seconds)
    table = table_of(1_000_000)
    found["table_bytes"] = round((table._keys.nbytes + table._values.nbytes) / len(table), 1)
    return found


def delivered(number: int) -> Event:
    email = f"a{number}@example.com"
    return Event(source="b", event_id=str(number), kind=Kind.DELIVERED, happened_at=NOW, email=email)


async def events(store: Store, other: Store) -> dict[str, Any]:
    log = EventLog(store, PRINTS)
    posts = [[delivered(number) for number in range(start, start + POSTED)] for start in range(0, EVENTS, POSTED)]
    started = time.perf_counter()
    for post in posts:
        await log.record(ACME, post)
    rate = EVENTS / (time.perf_counter() - started)
    ring = StandingRing(other)
    await ring.start()
    view = ClientView(ring.table, PRINTS, ACME)
    waits = [await _seen_after(log, view, number) for number in range(50)]
    await ring.stop()
    slowest, median = max(waits), statistics.median(waits)
    return {
        "events_per_second": round(rate),
        "seen_by_another_process_ms": {"median": round(median * 1e3, 1), "slowest": round(slowest * 1e3, 1)},
    }


async def _seen_after(log: EventLog, view: ClientView, number: int) -> float:
    text = f"opted.out{number}@example.com"
    address = parse(text)
    assert isinstance(address, Address)
    await log.record(
        ACME, [Event(source="bench", event_id=f"o{number}", kind=Kind.OPT_OUT, happened_at=NOW, email=text)]
    )
    recorded = time.perf_counter()
    while view.email(address) is None:  # noqa: ASYNC110  # looking is what is measured
        await asyncio.sleep(0.0005)
    return time.perf_counter() - recorded


async def domains(store: Store, other: Store) -> dict[str, Any]:
    looked_up: list[str] = []

    async def ask(domain: str) -> DomainFacts:
        looked_up.append(domain)
        return DomainFacts(domain, Route.MAIL, ("mx.example.com",), valid_for=timedelta(hours=1), looked_up_at=NOW)

    names = [f"d{number}.example.com" for number in range(DOMAINS)]
    found: dict[str, Any] = {}
    for state in ("cold", "warm"):
        shared = [SharedDomains(way, ask) for way in (store, other)]
        started = time.perf_counter()
        await asyncio.gather(*(_asked(one, names) for one in shared))
        found[f"domains_per_second_{state}"] = round(2 * DOMAINS / (time.perf_counter() - started))
        for one in shared:
            await one.drain()
    return found | {"looked_up_twice": len(looked_up) - DOMAINS}


async def _asked(shared: SharedDomains, names: Sequence[str]) -> None:
    """500 at a time, as a verifier's cache does."""
    places = asyncio.Semaphore(500)

    async def one(name: str) -> None:
        async with places:
            await shared(name)

    await asyncio.gather(*map(one, names))


async def in_the_database() -> dict[str, Any]:
    home = Path(tempfile.mkdtemp(prefix="bureau-evidence-"))
    try:
        settings = Settings(home=home)
        async with await Store.open(settings) as store, await Store.open(settings) as other:
            return await events(store, other) | await domains(store, other)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main() -> None:
    figures = in_answers() | asyncio.run(in_the_database())
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, text=True).strip()
    report = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": commit,
        "seed": SEED,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "load_average": os.getloadavg(),
        "versions": {package: version(package) for package in ("asyncpg", "msgspec", "numpy", "pyarrow")},
        "figures": figures,
    }
    print(json.dumps(figures, indent=2))
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / f"{commit}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
