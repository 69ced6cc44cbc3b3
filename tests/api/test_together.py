"""Requests that arrive together: asked for in one piece, each by itself when it goes wrong."""

import asyncio
from typing import Any, cast

import pytest

from api import together
from api.errors import RequestRefused
from api.together import MOST, Together
from bureau.enrich.given import Given
from bureau.errors import AnsweringFailed, InvalidRecord, PopulationUnavailable
from bureau.model.query import EnrichRequest, Record


def request(name: str, tax_id: str | None = None) -> EnrichRequest:
    return EnrichRequest(Record(name=name, reference=name, tax_id=tax_id))


def reference(outcome: Any) -> Any:
    return outcome.answer.reference if isinstance(outcome, Given) else type(outcome)


class Groups:
    def __init__(self, worker: Any) -> None:
        self.worker = worker
        self.sizes: list[int] = worker.answering.groups
        self.together = Together(worker.serving.enrich)

    async def ask(self, *names: str) -> list[Any]:
        return await asyncio.gather(*(self.together.submit(request(name)) for name in names), return_exceptions=True)


@pytest.fixture
async def groups(worker: Any) -> Groups:
    return Groups(worker)


async def test_what_comes_in_one_turn_is_answered_in_one_piece(groups: Groups) -> None:
    names = [f"n{number}" for number in range(MOST + 3)]
    assert names == [reference(answer) for answer in await groups.ask(*names)]
    assert [MOST, 3] == groups.sizes


async def test_a_lone_request_is_asked_for_alone(groups: Groups) -> None:
    (answer,) = await groups.ask("Ana")
    assert ("Ana", [1]) == (reference(answer), groups.sizes)


async def test_one_that_cannot_be_answered_fails_alone(groups: Groups) -> None:
    outcomes = await groups.ask("Ana", "Explode", "Eva")
    assert ["Ana", AnsweringFailed, "Eva"] == [reference(one) for one in outcomes]
    with pytest.raises(InvalidRecord):
        await groups.together.submit(request("Ana", tax_id="1" * 40))


async def test_a_request_that_was_given_up_disturbs_nobody(groups: Groups) -> None:
    given_up = asyncio.ensure_future(groups.together.submit(request("Ana")))
    asked = asyncio.ensure_future(groups.ask("Eva"))
    await asyncio.sleep(0)
    given_up.cancel()
    assert ["Eva"] == [reference(answer) for answer in await asked]


async def test_without_a_population_each_is_told_so(groups: Groups) -> None:
    groups.worker.serving._answering = cast(Any, None)
    assert [PopulationUnavailable] * 2 == [type(outcome) for outcome in await groups.ask("Ana", "Eva")]


async def test_more_than_may_wait_is_turned_away(groups: Groups, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "WAITING", 2)
    groups.together = Together(groups.worker.serving.enrich)
    outcomes = await groups.ask("Ana", "Eva", "Lia")
    assert ["Ana", "Eva", RequestRefused] == [reference(one) for one in outcomes]
