"""The population in use: none at first, swapped without a request noticing, kept when the new one is bad."""

from typing import Any

import pytest

from api.serving import WARM_UP, Serving
from bureau.errors import PopulationUnavailable
from bureau.ids import PopulationId


class Recording:
    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[Any] = []

    def enrich(self, request: Any) -> None:
        self.asked.append(request.record)


async def test_there_is_none_at_first() -> None:
    serving = Serving(lambda: None, lambda _: pytest.fail("nothing to open"))
    await serving.refresh()
    with pytest.raises(PopulationUnavailable):
        serving.current  # noqa: B018 - the access is what is tested


async def test_a_new_one_is_warmed_up_before_it_serves() -> None:
    newest = PopulationId("one")
    serving = Serving(lambda: newest, Recording)  # type: ignore[arg-type]
    await serving.refresh()
    held: Any = serving.current
    assert list(WARM_UP) == held.asked
    newest = PopulationId("two")
    await serving.refresh()
    assert ("two", "one") == (serving.current.name, held.name)  # type: ignore[attr-defined]


async def test_the_same_one_is_not_opened_again() -> None:
    opened: list[str] = []

    def open_one(name: str) -> Any:
        opened.append(name)
        return Recording(name)

    serving = Serving(lambda: PopulationId("one"), open_one)
    await serving.refresh()
    await serving.refresh()
    assert ["one"] == opened


async def test_a_bad_one_leaves_the_old_in_place(caplog: pytest.LogCaptureFixture) -> None:
    newest = PopulationId("good")

    def open_one(name: str) -> Any:
        if name == "bad":
            raise PopulationUnavailable("damaged")
        return Recording(name)

    serving = Serving(lambda: newest, open_one)
    await serving.refresh()
    newest = PopulationId("bad")
    for _ in range(3):
        await serving.refresh()
    assert "good" == serving.current.name  # type: ignore[attr-defined]
    assert 1 == len([record for record in caplog.records if record.levelname == "ERROR"])


async def test_readiness_waits_for_a_population(worker: Any) -> None:
    ready = await worker.client.get("/readyz")
    assert (200, {"status": "ready", "population": "pop_1"}) == (ready.status_code, ready.json())
    worker.serving._enricher = None
    waiting = await worker.client.get("/readyz")
    assert (503, "population_unavailable") == (waiting.status_code, waiting.json()["code"])
    assert 503 == (await worker.enrich(record={"name": "Ana"})).status_code
    assert 200 == (await worker.client.get("/livez")).status_code


async def test_readiness_wants_believable_keys(worker: Any) -> None:
    worker.ring.fresh = False
    reply = await worker.client.get("/readyz")
    assert (503, "store_unavailable") == (reply.status_code, reply.json()["code"])
