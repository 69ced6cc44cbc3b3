"""An answering process, for real: it says what an ``Enricher`` here does, and its worker learns of its end."""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bureau.answering import client
from bureau.answering.client import AnsweringProcess
from bureau.answering.messages import Holdings, Outcome, Question
from bureau.answering.process import Opening, answer_questions
from bureau.answering.replies import Answering, outcomes
from bureau.deliverability.phone.calling import NO_LISTS
from bureau.enrich.given import Given
from bureau.enrich.single import Enricher
from bureau.errors import AnsweringFailed, InvalidRecord, PopulationUnavailable
from bureau.model.query import EnrichRequest, Kind, Record
from bureau.population import open_population
from bureau.population.reader import current_id
from bureau.privacy.holdings import held
from bureau.settings import Settings

pytestmark = pytest.mark.acceptance

ANA = EnrichRequest(Record(name="Ana Souza", reference="ana"))
NO_CPF = EnrichRequest(Record(name="Ana Souza", tax_id="1" * 40))


async def started(home: Path) -> AnsweringProcess:
    population = current_id(home)
    assert population
    return await AnsweringProcess.start(Settings(home=home), population)


@pytest.fixture
async def process(home: Path) -> AsyncIterator[AnsweringProcess]:
    running = await started(home)
    yield running
    await running.close()


def comparable(found: Sequence[Outcome]) -> list[Any]:
    """All but ids, the instants of the checks, and what depends on the hour."""
    return [_comparable(one) if isinstance(one, Given) else (type(one), str(one)) for one in found]


def _comparable(one: Given) -> Any:
    answer = one.answer
    for contacts in (answer, *(answer.candidates or ())):
        for contact in (*(contacts.emails or ()), *(contacts.phones or ())):
            contact.checked_at = None
    for phone in answer.phones:
        phone.usable_now = None
    return answer.status, msgspec.to_builtins(msgspec.structs.replace(answer, id="")), one.fields, one.phones


async def test_it_answers_as_an_enricher_does(process: AnsweringProcess, home: Path, requests: Any) -> None:
    enricher = Enricher(open_population(home))
    asked = [*requests[:90], NO_CPF, *requests[90:]]
    assert {Given, InvalidRecord} == {type(one) for one in await process.enrich(asked)}
    here = outcomes(enricher, enricher.answers, asked).each()
    assert comparable(here) == comparable(await process.enrich(asked))
    here = outcomes(enricher, enricher.matches, asked).each()
    assert comparable(here) == comparable(await process.match(asked))


async def test_a_phone_comes_with_whether_it_may_be_used_now(process: AnsweringProcess, requests: Any) -> None:
    answers = [one.answer for one in await process.enrich(requests) if isinstance(one, Given)]
    phones = [phone for answer in answers for phone in answer.phones]
    assert 20 < len(phones)
    assert all(phone.usable_now for phone in phones)


async def test_each_question_gets_its_own_answer(process: AnsweringProcess, requests: list[EnrichRequest]) -> None:
    groups = [requests[start : start + 7] for start in range(0, len(requests), 7)]
    given_up = asyncio.create_task(process.enrich(groups[0]))
    await asyncio.sleep(0)
    given_up.cancel()
    found = await asyncio.gather(*map(process.enrich, groups))
    references = [[one.answer.reference for one in group if isinstance(one, Given)] for group in found]
    assert [[one.record.reference for one in group] for group in groups] == references


async def test_it_tells_what_is_held(process: AnsweringProcess, home: Path) -> None:
    population = open_population(home)
    tax_id = int(population.people.tax_id[0])
    assert held(population, Kind.PERSON, tax_id) == await process.holdings(Kind.PERSON, tax_id)
    assert population.entity_id_of(Kind.PERSON, tax_id) == process.entity_id_of(Kind.PERSON, tax_id)
    assert population.manifest == process.manifest


async def test_what_stops_a_server_does_not_stop_it_before_its_worker(process: AnsweringProcess) -> None:
    for request_to_stop in (signal.SIGINT, signal.SIGTERM):
        os.kill(process.pid, request_to_stop)
    (answer,) = await process.enrich([ANA])
    assert isinstance(answer, Given)
    await process.close()
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


async def test_a_killed_one_is_noticed_by_who_waits_and_who_comes_later(process: AnsweringProcess) -> None:
    waiting = [asyncio.create_task(process.enrich([ANA] * 2000)) for _ in range(3)]
    await asyncio.sleep(0)
    os.kill(process.pid, signal.SIGKILL)
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [PopulationUnavailable] * 3 == list(map(type, outcomes))
    assert process.lost
    with pytest.raises(PopulationUnavailable):
        await process.enrich([ANA])


async def test_one_that_hangs_is_given_up_and_killed(
    process: AnsweringProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "PATIENCE_SECONDS", 0.2)
    os.kill(process.pid, signal.SIGSTOP)
    waiting = [asyncio.create_task(process.enrich([ANA])) for _ in range(2)]
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [PopulationUnavailable] * 2 == list(map(type, outcomes))
    await asyncio.wait_for(process._hearing, 10)
    assert process.lost


async def test_a_question_that_fails_fails_alone(
    home: Path, process: AnsweringProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Answering):
        def reply(self, question: Question) -> Any:
            if isinstance(question, Holdings):
                raise RuntimeError("of 529.982.247-25")
            return super().reply(question)

    enricher = Enricher(open_population(home))
    monkeypatch.setattr("bureau.answering.process._opened", lambda _: Failing(enricher, NO_LISTS))
    ours, theirs = socket.socketpair()
    running = asyncio.create_task(asyncio.to_thread(answer_questions, theirs, Opening(str(home), process.manifest.id)))
    channel = await asyncio.open_connection(sock=ours)
    failing = AnsweringProcess(process.manifest, b"", process._process, channel)
    await failing._next()
    with pytest.raises(AnsweringFailed):
        await failing.holdings(Kind.PERSON, 52998224725)
    (answer,) = await failing.enrich([ANA])
    assert isinstance(answer, Given)
    channel[1].close()
    await running
    theirs.close()
    await failing._hearing
    assert ["question not answered: a fault of ours"] == [record.getMessage() for record in caplog.records]


async def test_a_damaged_population_is_told_with_its_reason(home: Path, tmp_path: Path) -> None:
    copy = tmp_path / "home"
    shutil.copytree(home, copy, ignore=shutil.ignore_patterns("synthetic", "sources"))
    (damaged,) = copy.glob("populations/*/texts_bytes.npy")
    damaged.write_bytes(b"")
    with pytest.raises(PopulationUnavailable, match=r"texts_bytes\.npy is missing or has another size"):
        await started(copy)
