"""What answers: nothing at first, swapped without a request noticing, replaced when lost, kept when the new is bad."""

import asyncio
from typing import Any

import pytest

from api import serving as module
from api.serving import Serving
from bureau.errors import PopulationUnavailable
from bureau.ids import PopulationId


class Recording:
    """Stands for an answering process."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lost = self.closed = False

    async def close(self) -> None:
        self.lost = self.closed = True


class Home:
    """``newest`` is what it has published; ``started`` what answered from it."""

    def __init__(self) -> None:
        self.newest: PopulationId | None = None
        self.started: list[Recording] = []
        self.serving = Serving(lambda: self.newest, self._start)  # type: ignore[arg-type]  # a stand-in

    async def _start(self, population: PopulationId) -> Recording:
        if population == "bad":
            raise PopulationUnavailable("damaged")
        self.started.append(Recording(population))
        return self.started[-1]

    async def publish(self, name: str) -> Any:
        self.newest = PopulationId(name)
        await self.serving.refresh()
        return self.serving.current


async def test_there_is_none_at_first() -> None:
    home = Home()
    await home.serving.refresh()
    with pytest.raises(PopulationUnavailable):
        home.serving.current  # noqa: B018 - the access is what is tested


async def test_what_answered_before_stays_for_those_who_hold_it() -> None:
    home = Home()
    held = await home.publish("one")
    assert ("two", "one", False) == ((await home.publish("two")).name, held.name, held.closed)


async def test_what_lingers_ends_in_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LINGER_SECONDS", 0.0)
    home = Home()
    await home.publish("one")
    await home.publish("two")
    await asyncio.gather(*home.serving._retiring)
    assert [True, False] == [one.closed for one in home.started]


async def test_the_same_one_is_not_started_again() -> None:
    home = Home()
    await home.publish("one")
    await home.publish("one")
    assert 1 == len(home.started)


async def test_one_that_was_lost_is_replaced() -> None:
    home = Home()
    (await home.publish("one")).lost = True
    with pytest.raises(PopulationUnavailable, match="being replaced"):
        home.serving.current  # noqa: B018 - as above
    assert not (await home.publish("one")).lost
    assert ["one", "one"] == [one.name for one in home.started]


async def test_a_bad_one_leaves_the_old_in_place(caplog: pytest.LogCaptureFixture) -> None:
    home = Home()
    await home.publish("good")
    for _ in range(3):
        assert "good" == (await home.publish("bad")).name
    assert 1 == len([record for record in caplog.records if record.levelname == "ERROR"])


async def test_everything_ends_with_the_worker() -> None:
    home = Home()
    await home.publish("one")
    await home.publish("two")
    await asyncio.sleep(0)
    await home.serving.close()
    assert [True, True] == [one.closed for one in home.started]


async def test_readiness_waits_for_a_population(worker: Any) -> None:
    ready = await worker.client.get("/readyz")
    assert (200, {"status": "ready", "population": "pop_1"}) == (ready.status_code, ready.json())
    worker.serving._answering = None
    waiting = await worker.client.get("/readyz")
    assert (503, "population_unavailable") == (waiting.status_code, waiting.json()["code"])
    assert 503 == (await worker.enrich(record={"name": "Ana"})).status_code
    assert 200 == (await worker.client.get("/livez")).status_code


async def test_readiness_wants_believable_keys(worker: Any) -> None:
    worker.ring.fresh = False
    reply = await worker.client.get("/readyz")
    assert (503, "store_unavailable") == (reply.status_code, reply.json()["code"])
