"""Group commit, against a write that the test lets through step by step."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.access.group_commit import GroupCommit


class Recorder:
    """A write that waits for ``gate`` and answers each item with its double."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.gate = asyncio.Event()
        self.problem: Exception | None = None

    async def write(self, items: list[int]) -> list[int]:
        self.groups.append(items)
        await self.gate.wait()
        if self.problem:
            raise self.problem
        return [2 * item for item in items]


async def _turns(count: int = 10) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_items_of_one_turn_share_a_write_and_later_ones_the_next() -> None:
    recorder = Recorder()
    group = GroupCommit(recorder.write, largest=100, longest=100)
    early = [asyncio.ensure_future(group.submit(n)) for n in (1, 2, 3)]
    await _turns()
    late = [asyncio.ensure_future(group.submit(n)) for n in (4, 5)]
    await _turns()
    assert [[1, 2, 3]] == recorder.groups
    recorder.gate.set()
    assert [2, 4, 6, 8, 10] == await asyncio.gather(*early, *late)
    assert [[1, 2, 3], [4, 5]] == recorder.groups


async def test_nothing_runs_when_idle() -> None:
    recorder = Recorder()
    recorder.gate.set()
    group = GroupCommit(recorder.write, largest=1, longest=1)
    before = asyncio.all_tasks()
    assert 14 == await group.submit(7)
    await _turns()
    assert before == asyncio.all_tasks()


async def test_more_than_may_wait_is_turned_away_at_once() -> None:
    recorder = Recorder()
    group = GroupCommit(recorder.write, largest=2, longest=3)
    admitted = [asyncio.ensure_future(group.submit(n)) for n in (1, 2, 3)]
    await _turns()
    assert await group.submit(4) is None
    recorder.gate.set()
    assert [2, 4, 6] == await asyncio.gather(*admitted)
    assert 10 == await group.submit(5)


async def test_an_item_heavier_than_the_limits_goes_alone() -> None:
    recorder = Recorder()
    recorder.gate.set()
    group = GroupCommit(recorder.write, largest=10, longest=10, weigh=lambda item: item)
    assert [2, 5000, 4] == await asyncio.gather(group.submit(1), _later(group, 2500), _later(group, 2))


async def _later(group: GroupCommit[int, int], item: int) -> int | None:
    while (outcome := await group.submit(item)) is None:  # noqa: ASYNC110  # as a client would
        await asyncio.sleep(0)
    return outcome


async def test_a_caller_that_is_cancelled_disturbs_nobody_and_its_item_is_written() -> None:
    recorder = Recorder()
    group = GroupCommit(recorder.write, largest=10, longest=10)
    first, second = (asyncio.ensure_future(group.submit(n)) for n in (1, 2))
    await _turns()
    first.cancel()
    await _turns()
    recorder.gate.set()
    assert 4 == await second
    assert [[1, 2]] == recorder.groups


async def test_a_bug_in_the_write_reaches_its_callers_and_the_next_write_runs() -> None:
    recorder = Recorder()
    recorder.gate.set()
    recorder.problem = ZeroDivisionError()
    group = GroupCommit(recorder.write, largest=10, longest=10)
    with pytest.raises(ZeroDivisionError):
        await group.submit(1)
    recorder.problem = None
    assert 4 == await group.submit(2)


async def test_drain_waits_for_what_was_submitted() -> None:
    recorder = Recorder()
    group = GroupCommit(recorder.write, largest=1, longest=10)
    submitted = [asyncio.ensure_future(group.submit(n)) for n in (1, 2, 3)]
    await _turns()
    draining = asyncio.ensure_future(group.drain())
    await _turns()
    assert not draining.done()
    recorder.gate.set()
    await draining
    assert [[1], [2], [3]] == recorder.groups
    assert [2, 4, 6] == await asyncio.gather(*submitted)


@given(st.lists(st.integers(1, 9), max_size=60), st.integers(1, 20))
async def test_every_item_is_written_once_in_order_in_groups_within_the_limit(items: list[int], largest: int) -> None:
    recorder = Recorder()
    recorder.gate.set()
    group = GroupCommit(recorder.write, largest=largest, longest=10_000, weigh=lambda item: item)
    outcomes = await asyncio.gather(*(group.submit(item) for item in items))
    assert [2 * item for item in items] == outcomes
    assert items == [item for written in recorder.groups for item in written]
    assert all(sum(written) <= largest or len(written) == 1 for written in recorder.groups)
