"""A worker without network, database or population: the real application over fakes that remember what came."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from api.app import create_app
from api.services import Services
from api.serving import Serving
from api.together import Together
from bureau.access.idempotency import KeptAnswer, Refusal, Reservation, StoredAnswer
from bureau.access.keys import Principal
from bureau.access.quotas import ConcurrencyLimit, TokenBuckets
from bureau.access.roles import Role
from bureau.access.usage import Receipt, UsageRow
from bureau.answering.messages import Outcome
from bureau.answering.replies import outcomes
from bureau.deliverability.email.memory import Known
from bureau.deliverability.email.pending import Pending
from bureau.deliverability.email.verdict import EmailVerdict
from bureau.deliverability.email.verifier import EmailVerifier
from bureau.deliverability.on_record import NothingOnRecord, OnRecord
from bureau.deliverability.phone.calling import NO_LISTS
from bureau.enrich.contacts import Asked
from bureau.errors import InvalidArgument, InvalidRecord
from bureau.ids import ClientId, EntityId, KeyId, PopulationId, sortable
from bureau.jobs.files import job_files
from bureau.model.answer import Action, Answer, Charge, EmailAnswer, Match, Status, VerdictStatus
from bureau.model.canonical import CanonicalRecord
from bureau.model.query import EnrichRequest, Kind, Purpose, Record
from bureau.overlay.event_log import Recorded
from bureau.overlay.events import Event
from bureau.overlay.rechecks import Asked as Booking
from bureau.overlay.rechecks import Verification
from bureau.privacy.holdings import Held
from bureau.settings import Settings

KEY = "bur_live_test"
KEY_WITHOUT_PURPOSE = "bur_live_bare"
OFFICERS_KEY = "bur_live_officer"


class FakeAnswering:
    """Matches everybody but ``Nobody`` and refuses tax ids of 40 digits, as the real one does by other means; in this
    process, but for the rest as the real one does."""

    def __init__(self, population: str) -> None:
        self.manifest: Any = SimpleNamespace(
            id=population,
            created_at="2026-11-01T00:00:00Z",
            sources=["registry"],
            counts={"people": 3},
        )
        self.lost = False
        self.asked: list[EnrichRequest] = []
        self.groups: list[int] = []

    async def enrich(self, requests: Sequence[EnrichRequest]) -> list[Outcome]:
        self.groups.append(len(requests))
        return outcomes(self, self.answers, requests).each()

    async def match(self, requests: Sequence[EnrichRequest]) -> list[Outcome]:
        return outcomes(self, self.matches, requests).each()

    async def holdings(self, kind: Kind, tax_id: int) -> Held:
        return Held(entity_id=self.entity_id_of(kind, tax_id), entities=[], companies=[])

    def entity_id_of(self, kind: Kind, tax_id: int) -> EntityId:
        return EntityId(f"{kind[:3]}_{tax_id % 97}")

    async def close(self) -> None:
        self.lost = True

    def read(self, request: EnrichRequest) -> Asked:
        self.asked.append(request)
        record = request.record
        if record.tax_id and len(record.tax_id) == 40:
            raise InvalidRecord("A CPF has 11 digits.", "/tax_id", "bad_tax_id")
        return Asked(record, CanonicalRecord(record.kind), request.options, datetime.now(UTC))

    def answers(self, batch: Sequence[Asked]) -> list[Answer]:
        return [self._answered(asked.record) for asked in batch]

    def _answered(self, record: Record) -> Answer:
        if record.name == "Explode":
            raise ValueError(f"secret of {record.mother_name}")
        if record.name == "Nobody":
            return self._answer(record, Status.NOT_FOUND, 0)
        answer = self._answer(record, Status.MATCHED, 1)
        answer.match = Match("per_x", 0.99, 20.0, 3, self.manifest.id, "model_1")
        answer.name = "ANA"
        answer.emails = [
            EmailAnswer(
                known_to_client=False,
                status=VerdictStatus.UNKNOWN,
                reason="not_checked",
                action=Action.SEND_WITH_CARE,
                confidence=0.5,
                last_seen=date(2026, 1, 1),
                address="ana@exemplo.com.br",
            )
        ]
        return answer

    def matches(self, batch: Sequence[Asked]) -> list[Answer]:
        answers = self.answers(batch)
        for answer in answers:
            answer.emails = []
        return answers

    def _answer(self, record: Record, status: Status, units: int) -> Answer:
        charge = Charge(units, status.value)
        return Answer(id=sortable("enr"), status=status, charge=charge, reference=record.reference)


class FakeRing:
    def __init__(self) -> None:
        self.fresh = True
        self.keys = {
            KEY: Principal(KeyId("key_1"), ClientId("acme"), Purpose.BILLING),
            KEY_WITHOUT_PURPOSE: Principal(KeyId("key_2"), ClientId("bare"), None),
            OFFICERS_KEY: Principal(KeyId("key_3"), ClientId("officer"), None, Role.OFFICER),
        }

    def principal(self, secret: str) -> Principal | None:
        return self.keys.get(secret)


class FakeLedger:
    """Remembers rows; ``receipt`` is what it says of the next ones."""

    def __init__(self) -> None:
        self.rows: list[UsageRow] = []
        self.kept: dict[tuple[str, str], KeptAnswer] = {}
        self.receipt = Receipt.RECORDED

    async def record(self, rows: Sequence[UsageRow], answer: KeptAnswer | None = None) -> Receipt:
        if self.receipt is Receipt.RECORDED:
            self.rows += rows
            if answer:
                self.kept[answer.reservation.client, answer.reservation.key] = answer
        return self.receipt


class FakeIdempotency:
    def __init__(self, ledger: FakeLedger) -> None:
        self.ledger = ledger
        self.running: dict[tuple[str, str], Reservation] = {}

    async def begin(self, client: ClientId, key: str, fingerprint: bytes) -> Reservation | StoredAnswer | Refusal:
        if not (0 < len(key) <= 255 and key.isascii()):
            raise InvalidArgument("Idempotency-Key must be 1 to 255 printable ASCII characters.")
        if kept := self.ledger.kept.get((client, key)):
            same = kept.reservation.fingerprint == fingerprint
            return StoredAnswer(kept.status, kept.body) if same else Refusal.OTHER_BODY
        if (client, key) in self.running:
            return Refusal.STILL_RUNNING
        reservation = Reservation(client, key, sortable("res"), fingerprint)
        self.running[client, key] = reservation
        return reservation

    async def release(self, reservation: Reservation) -> None:
        del self.running[reservation.client, reservation.key]


class FakeOverlay:
    """Remembers bookings and events in this process; nothing is on record of anybody."""

    def __init__(self) -> None:
        self.booked: dict[tuple[str, str], list[Pending]] = {}
        self.recorded: list[tuple[ClientId, Event]] = []
        self.rechecks = self.events = self
        self.on_record: OnRecord = NothingOnRecord()

    def seen_by(self, _client: ClientId) -> OnRecord:
        return self.on_record

    def known_to(self, _client: ClientId) -> Known:
        return Known(self.on_record.email)

    def told(self, verdicts: Iterable[EmailVerdict]) -> None:
        list(verdicts)

    async def book(self, booked: Sequence[tuple[Booking, Sequence[Pending]]]) -> None:
        self.booked |= {(asked.client, asked.verification): list(late) for asked, late in booked if late}

    async def find(self, client: ClientId, verification: str) -> Verification | None:
        late = self.booked.get((client, verification))
        if late is None:
            return None
        return Verification(verification, False, [one.verdict for one in late], late[0].verdict.recheck_at)

    async def record(self, client: ClientId, events: Sequence[Event]) -> Recorded:
        known = {(of, event.event_id) for of, event in self.recorded}
        new = {event.event_id: (client, event) for event in events if (client, event.event_id) not in known}
        self.recorded += new.values()
        return Recorded(len(new), len(events) - len(new), 0)


class Worker:
    """One application in this process, its fakes, and a client for it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.ring = FakeRing()
        self.ledger = FakeLedger()
        self.idempotency = FakeIdempotency(self.ledger)
        self.overlay = FakeOverlay()
        self.population: PopulationId | None = PopulationId("pop_1")
        self.answering = FakeAnswering("pop_1")
        self.serving = Serving(lambda: self.population, self._start)
        self.app: Litestar = create_app(settings, self._open)
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(
            transport=transport, base_url="http://worker", headers={"Authorization": f"Bearer {KEY}"}
        )

    async def _start(self, _population: PopulationId) -> FakeAnswering:
        return self.answering

    @asynccontextmanager
    async def _open(self, settings: Settings) -> AsyncIterator[Services]:
        await self.serving.refresh()
        async with EmailVerifier() as verifier:
            yield self._services(settings, verifier)

    def _services(self, settings: Settings, verifier: EmailVerifier) -> Services:
        return Services(
            settings=settings,
            store=cast(Any, None),
            files=job_files(settings),
            ring=cast(Any, self.ring),
            ledger=cast(Any, self.ledger),
            idempotency=cast(Any, self.idempotency),
            buckets=TokenBuckets(settings),
            concurrency=ConcurrencyLimit(settings),
            serving=self.serving,
            enriching=Together(self.serving.enrich),
            matching=Together(self.serving.match),
            verifier=verifier,
            overlay=cast(Any, self.overlay),
            do_not_call=NO_LISTS,
        )

    async def enrich(self, **body: Any) -> httpx.Response:
        return await self.client.post("/v1/enrich", json=body)


@asynccontextmanager
async def running(app: Litestar) -> AsyncIterator[None]:
    """The app's lifespan in a task of its own: a fixture begins and ends in different ones, which it does not allow."""
    started, stop = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        async with app.lifespan():
            started.set()
            await stop.wait()

    task = asyncio.create_task(live())
    await started.wait()
    yield
    stop.set()
    await task


@pytest.fixture
def settings() -> Settings:
    return Settings(body_limit_bytes=300_000, requests_per_second=1000.0, burst_requests=1000)


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[Worker]:
    worker = Worker(settings)
    async with running(worker.app), worker.client:
        yield worker
