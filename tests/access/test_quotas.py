"""Quotas, on a clock that the test moves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.access.quotas import Allowance, ConcurrencyLimit, TokenBuckets
from bureau.ids import KeyId
from bureau.settings import Settings

KEY, OTHER = KeyId("key_1"), KeyId("key_2")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def buckets(clock: Clock, rate: float = 10.0, burst: int = 5, workers: int = 1) -> TokenBuckets:
    return TokenBuckets(Settings(requests_per_second=rate, burst_requests=burst, workers=workers), clock)


def test_a_burst_is_granted_then_nothing_then_as_the_rate_says() -> None:
    clock = Clock()
    limited = buckets(clock)
    assert [True] * 5 + [False] == [limited.take(KEY).granted for _ in range(6)]
    clock.now += 0.25  # two and a half tokens
    assert [True, True, False] == [limited.take(KEY).granted for _ in range(3)]


def test_keys_do_not_share_a_bucket() -> None:
    limited = buckets(Clock(), burst=1)
    assert [True, False, True] == [limited.take(key).granted for key in (KEY, KEY, OTHER)]


def test_an_idle_bucket_never_holds_more_than_the_burst() -> None:
    clock = Clock()
    limited = buckets(clock)
    limited.take(KEY)
    clock.now += 1e6
    assert 5 == sum(limited.take(KEY).granted for _ in range(20))


def test_workers_share_the_allowance() -> None:
    limited = buckets(Clock(), burst=10, workers=2)
    assert 5 == sum(limited.take(KEY).granted for _ in range(20))


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        (1, Allowance(True, ((b"ratelimit-policy", b'"requests";q=5;w=1'), (b"ratelimit", b'"requests";r=4;t=1')))),
        (
            6,
            Allowance(
                False,
                (
                    (b"ratelimit-policy", b'"requests";q=5;w=1'),
                    (b"ratelimit", b'"requests";r=0;t=1'),
                    (b"retry-after", b"1"),
                ),
            ),
        ),
    ],
)
def test_headers(taken: int, expected: Allowance) -> None:
    limited = buckets(Clock())
    assert expected == [limited.take(KEY) for _ in range(taken)][-1]


@given(
    rate=st.floats(0.01, 1e4),
    burst=st.integers(1, 1000),
    waits=st.lists(st.floats(0, 10), max_size=50),
)
def test_never_more_than_burst_plus_rate_and_retry_after_is_enough(rate: float, burst: int, waits: list[float]) -> None:
    clock = Clock()
    limited = buckets(clock, rate, burst)
    granted = 0
    for wait in waits:
        clock.now += wait
        granted += limited.take(KEY).granted
        assert granted <= burst + rate * (clock.now - 1000.0) + 1e-6
    while (last := limited.take(KEY)).granted and granted < 5000:
        granted += 1
    if not last.granted:
        found = re.search(rb"\d+", dict(last.headers)[b"retry-after"])
        assert found
        clock.now += int(found[0]) + 1e-6
        assert limited.take(KEY).granted


def test_what_runs_at_once_is_limited_by_key_and_given_back() -> None:
    limit = ConcurrencyLimit(Settings(concurrent_requests=4, workers=2))
    assert [True, True, False] == [limit.enter(KEY) for _ in range(3)]
    assert limit.enter(OTHER)
    limit.leave(KEY)
    assert [True, False] == [limit.enter(KEY) for _ in range(2)]
