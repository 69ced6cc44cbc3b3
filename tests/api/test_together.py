"""Requests of one turn of the event loop: answered in one piece, and each by itself when it goes wrong."""

import asyncio
from collections.abc import Sequence
from time import monotonic, perf_counter
from typing import Any, cast

import pytest

from api.serving import Enriching, Serving
from api.together import LONGEST_REST, MOST, Together
from bureau.enrich.contacts import Asked
from bureau.errors import InvalidRecord, PopulationUnavailable
from bureau.model.answer import Answer
from bureau.model.query import EnrichRequest, Record

CANNOT = (ValueError, InvalidRecord)


class Groups:
    """Work that remembers its groups and breaks on ``Explode``."""

    def __init__(self, enricher: Any) -> None:
        self.sizes: list[int] = []
        self.seconds = 0.0
        self.serving = Serving(lambda: None, lambda _: enricher)
        self.serving._enricher = enricher
        self.together = Together(self.serving, self._work)

    def _work(self, enricher: Enriching, batch: Sequence[Asked]) -> list[Answer]:
        self.sizes.append(len(batch))
        until = perf_counter() + self.seconds
        while perf_counter() < until:  # busy, as looking for people is
            pass
        return enricher.answers(batch)

    async def ask(self, *names: str, tax_id: str | None = None) -> list[Any]:
        requests = [EnrichRequest(Record(name=name, reference=name, tax_id=tax_id)) for name in names]
        return await asyncio.gather(*map(self.together.submit, requests), return_exceptions=True)


@pytest.fixture
def groups(worker: Any) -> Groups:
    return Groups(worker.enricher)


async def test_what_comes_in_one_turn_is_answered_in_one_piece(groups: Groups) -> None:
    names = [f"n{number}" for number in range(MOST + 3)]
    assert names == [answer.reference for answer in await groups.ask(*names)]
    assert [MOST, 3] == groups.sizes


async def test_a_lone_request_does_not_wait(groups: Groups) -> None:
    (answer,) = await groups.ask("Ana")
    assert ("Ana", [1]) == (answer.reference, groups.sizes)


async def test_after_a_group_those_that_come_meanwhile_are_answered_together(groups: Groups) -> None:
    groups.together._rested_at = monotonic() + 0.2
    early = asyncio.ensure_future(groups.ask("Eva"))
    for _ in range(5):
        await asyncio.sleep(0)
    assert ["Lia"] == [answer.reference for answer in await groups.ask("Lia")]
    assert ["Eva"] == [answer.reference for answer in await early]
    assert [2] == groups.sizes


@pytest.mark.parametrize(("seconds", "least", "most"), [(0.0, 0.0, LONGEST_REST), (0.02, LONGEST_REST, LONGEST_REST)])
async def test_it_rests_for_as_long_as_a_group_took(groups: Groups, seconds: float, least: float, most: float) -> None:
    groups.seconds = seconds
    before = monotonic()
    await groups.ask("Ana")
    assert before + seconds + least <= groups.together._rested_at <= monotonic() + most


async def test_a_whole_group_does_not_wait(groups: Groups) -> None:
    groups.together._rested_at = monotonic() + 60
    await asyncio.wait_for(groups.ask(*(f"n{number}" for number in range(MOST))), 10)
    assert [MOST] == groups.sizes


async def test_one_that_breaks_the_group_fails_alone(groups: Groups) -> None:
    outcomes = await groups.ask("Ana", "Explode", "Eva")
    assert [None, ValueError, None] == [type(o) if isinstance(o, CANNOT) else None for o in outcomes]
    assert [3, 1, 1, 1] == groups.sizes


async def test_a_record_that_cannot_be_used_is_not_in_the_group(groups: Groups) -> None:
    (unusable,) = await groups.ask("Ana", tax_id="1" * 40)
    assert isinstance(unusable, InvalidRecord)
    assert [] == groups.sizes


async def test_a_request_that_was_given_up_disturbs_nobody(groups: Groups) -> None:
    given_up = asyncio.ensure_future(groups.together.submit(EnrichRequest(Record(name="Ana"))))
    asked = asyncio.ensure_future(groups.ask("Eva"))
    await asyncio.sleep(0)
    given_up.cancel()
    assert ["Eva"] == [answer.reference for answer in await asked]


async def test_without_a_population_each_is_told_so(groups: Groups) -> None:
    groups.serving._enricher = cast(Any, None)
    outcomes = await groups.ask("Ana", "Eva")
    assert [PopulationUnavailable] * 2 == [type(outcome) for outcome in outcomes]
