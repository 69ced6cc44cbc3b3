"""Limits of one provider: pause, ledger, rate, sessions; by a clock of our own."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import pytest

from bureau.deliverability.email.mailbox.ledger import GRACE, SHARE, Ledger
from bureau.deliverability.email.mailbox.throttle import BURST, LEAST, LONGEST_PAUSE, PAUSE_SECONDS, Provider, Terms
from bureau.deliverability.email.reasons import Reason


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def policy_replies(provider: Provider, count: int = 3) -> None:
    for _ in range(count):
        provider.heard(Reason.IP_BLOCKLISTED)


def test_three_policy_replies_in_a_minute_pause_the_provider_ever_longer() -> None:
    clock = Clock()
    provider = Provider(clock=clock)
    policy_replies(provider, 2)
    clock.now += 61
    policy_replies(provider, 2)
    assert provider.refusal() is None
    policy_replies(provider, 1)
    assert Reason.PROVIDER_PAUSED == provider.refusal()
    clock.now += PAUSE_SECONDS
    assert provider.refusal() is None
    policy_replies(provider)
    clock.now += PAUSE_SECONDS
    assert Reason.PROVIDER_PAUSED == provider.refusal()
    clock.now += LONGEST_PAUSE
    assert provider.refusal() is None
    provider.heard(None)
    policy_replies(provider)
    clock.now += PAUSE_SECONDS
    assert provider.refusal() is None


def test_their_trouble_is_no_policy_reply() -> None:
    provider = Provider(clock=Clock())
    for _ in range(10):
        provider.heard(Reason.GREYLISTED)
    assert provider.refusal() is None


def test_the_ledger_stops_before_the_share_and_forgets_after_a_day() -> None:
    clock = Clock()
    ledger = Ledger(clock)
    for _ in range(1000):
        ledger.note(unknown=False)
    assert SHARE * 1000 == ledger.room()
    for _ in range(50):
        ledger.note(unknown=True)
    assert 2 == ledger.room()  # of 1,050 answers 52 may be unknown
    clock.now += 12 * 3600
    ledger.note(unknown=True)
    clock.now += 12 * 3600
    assert GRACE - 1 == ledger.room()


async def test_no_session_is_opened_beyond_the_share_even_if_all_recipients_turn_out_unknown() -> None:
    provider = Provider(Terms(sessions=3, per_second=1e6), Clock())
    for _ in range(500):
        provider.heard(None)
    worst = 0

    async def probe() -> int | Reason:
        nonlocal worst
        async with provider.session(BURST) as granted:
            if isinstance(granted, int):
                worst += granted
                await asyncio.sleep(0)
                for _ in range(granted):
                    provider.heard(Reason.MAILBOX_NOT_FOUND)
        return granted

    found = await asyncio.gather(*(probe() for _ in range(20)))
    assert SHARE * 500 <= worst <= SHARE * (500 + worst)
    assert Reason.PROBE_BUDGET_SPENT == found[-1]


async def test_what_other_sessions_asked_for_is_waited_for_not_refused() -> None:
    provider = Provider(Terms(sessions=2, per_second=1e6), Clock())
    order = []

    async def holds_all() -> None:
        async with provider.session(GRACE) as granted:
            order.append(granted)
            await asyncio.sleep(0)
            order.append("done")

    async def waits() -> None:
        async with provider.session(1) as granted:
            order.append(granted)

    await asyncio.gather(holds_all(), waits())
    assert [GRACE, "done", 1] == order


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> tuple[Clock, list[float]]:
    """A clock that sleeping moves."""
    clock, slept = Clock(), []

    async def sleep(seconds: float, _then: Callable[[], None] | None = None) -> None:
        slept.append(seconds)
        clock.now += seconds

    monkeypatch.setattr(asyncio, "sleep", sleep)
    return clock, slept


async def test_the_rate_holds_over_all_sessions_and_allows_one_burst(naps: tuple[Clock, list[float]]) -> None:
    clock, slept = naps
    provider = Provider(Terms(sessions=2, per_second=2.0), clock)
    for _ in range(4):
        async with provider.session(BURST):
            pass
    assert [0.0] + [BURST / 2.0] * 3 == slept
    clock.now += 1000
    async with provider.session(BURST):
        pass
    assert 0.0 == slept[-1]


async def test_a_slow_rate_means_short_sessions_not_endless_turns() -> None:
    provider = Provider(Terms(per_second=0.125), Clock())
    async with provider.session(BURST) as granted:
        assert LEAST == granted


async def test_a_turn_given_up_costs_nothing() -> None:
    clock = Clock()
    provider = Provider(Terms(per_second=1.0), clock)
    for _ in range(50):
        with suppress(TimeoutError):
            async with asyncio.timeout(0.001), provider.session(BURST):
                await asyncio.sleep(0)
    clock.now += BURST
    async with asyncio.timeout(5), provider.session(BURST) as granted:
        assert BURST == granted


async def test_a_house_that_never_tells_is_not_even_queued_for() -> None:
    async with Provider(Terms(0, 0.0, verifiable=False)).session(1) as granted:
        assert Reason.PROVIDER_UNVERIFIABLE == granted
