"""When a dead embedded cluster is started again: at once, and ever more seldom while that does not help."""

import asyncio
import contextlib
import logging
from typing import Any, cast

import pytest

from bureau.errors import StoreUnavailable
from bureau.store import revival
from bureau.store.embedded import EmbeddedCluster
from bureau.store.revival import LONGEST_PAUSE_SECONDS, STAYED_UP_SECONDS, Revival


class Cluster:
    """Dead or alive, and startable or not, as told."""

    def __init__(self) -> None:
        self.dead = True
        self.startable = True
        self.attempts = 0

    def restart(self) -> bool:
        self.attempts += 1
        if not self.startable:
            raise StoreUnavailable("No room.")
        was_dead, self.dead = self.dead, False
        return was_dead


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    class Clock:
        now = 1_000.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(revival, "time", clock)
    return clock


@pytest.fixture
def reviving(cluster: Cluster, clock: Any) -> Revival:  # noqa: ARG001  # the clock is to be in place
    return Revival(cast(EmbeddedCluster, cluster))


async def test_those_who_miss_it_at_once_start_it_once(
    reviving: Revival, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    await asyncio.gather(*(reviving.attempt() for _ in range(5)))
    assert (1, False) == (cluster.attempts, cluster.dead)
    assert ["the embedded PostgreSQL had died and was started again"] == caplog.messages


async def test_one_that_runs_is_not_told_of(
    reviving: Revival, cluster: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    cluster.dead = False
    await reviving.attempt()
    assert [] == caplog.messages


async def test_one_that_cannot_be_started_is_tried_ever_more_seldom_and_told_of_once(
    reviving: Revival, cluster: Cluster, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    cluster.startable = False
    for _ in range(600):  # a minute
        with contextlib.suppress(StoreUnavailable):
            await reviving.attempt()
        clock.now += 0.1
    assert 5 <= cluster.attempts <= 11
    assert [logging.ERROR] == [record.levelno for record in caplog.records]
    cluster.startable = True
    clock.now += LONGEST_PAUSE_SECONDS
    await reviving.attempt()
    assert not cluster.dead


async def test_one_that_stayed_up_is_started_again_at_once(reviving: Revival, cluster: Cluster, clock: Any) -> None:
    for _ in range(10):
        await reviving.attempt()
        clock.now += STAYED_UP_SECONDS + 0.1
        cluster.dead = True
    assert 10 == cluster.attempts


async def test_one_that_dies_over_and_over_is_not_started_every_time(
    reviving: Revival, cluster: Cluster, clock: Any
) -> None:
    for _ in range(600):
        await reviving.attempt()
        clock.now += 0.1
        cluster.dead = True
    assert cluster.attempts <= 11
