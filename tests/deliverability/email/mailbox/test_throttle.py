from bureau.deliverability.email.mailbox.throttle import LONGEST_PAUSE, PAUSE_SECONDS, Provider
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
    provider = Provider("uol", clock)
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


def test_their_trouble_is_no_policy_reply() -> None:
    provider = Provider("uol", Clock())
    for _ in range(10):
        provider.heard(Reason.GREYLISTED)
    assert provider.refusal() is None


def test_the_ledger_stops_before_the_published_limit() -> None:
    provider = Provider("uol", Clock())
    for number in range(19):
        provider.heard(Reason.MAILBOX_NOT_FOUND if number < 2 else None)
    assert provider.refusal() is None
    provider.heard(None)
    assert Reason.PROBE_BUDGET_SPENT == provider.refusal()
    for _ in range(20):
        provider.heard(None)
    assert provider.refusal() is None
