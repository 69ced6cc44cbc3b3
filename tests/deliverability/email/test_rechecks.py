"""What is asked again, when, and what never is."""

from datetime import UTC, datetime, timedelta

import pytest

from bureau.deliverability.email.reasons import JUDGEMENTS, Fault, Reason
from bureau.deliverability.email.rechecks import LADDER, Recheck, is_temporary, next_recheck
from bureau.model.answer import VerdictStatus

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_a_greylisted_mailbox_climbs_the_ladder_and_is_left_at_its_end() -> None:
    booked = [next_recheck(Reason.GREYLISTED, made, AT) for made in range(5)]
    assert [*(Recheck(AT + wait, rung) for rung, wait in enumerate(LADDER, start=1)), None] == booked


@pytest.mark.parametrize(
    ("reason", "minutes"),
    [
        (Reason.GREYLIST_PROBABLY_EXISTS, 6),
        (Reason.DNS_TIMEOUT, 6),
        (Reason.SERVER_BUSY, 30),
        (Reason.RATE_LIMITED, 15),
        (Reason.SERVER_STORAGE, 240),
        (Reason.PROBE_BUDGET_SPENT, 1440),
        (Reason.RECIPIENT_RATE_LIMITED, 1440),
    ],
)
def test_never_sooner_than_the_reason_holds(reason: Reason, minutes: int) -> None:
    assert Recheck(AT + timedelta(minutes=minutes), 1) == next_recheck(reason, 0, AT)


@pytest.mark.parametrize(
    "reason",
    [Reason.MAILBOX_NOT_FOUND, Reason.ACCEPTED_NOT_CATCH_ALL, Reason.CATCH_ALL, Reason.MAILBOX_NOT_CHECKED,
     Reason.PROBE_NOT_ALLOWED, Reason.PORT25_BLOCKED],
)  # fmt: skip
def test_what_does_not_pass_by_itself_is_not_booked(reason: Reason) -> None:
    assert next_recheck(reason, 0, AT) is None


def test_nothing_undeliverable_or_deliverable_is_temporary_and_all_of_theirs_and_dns_is() -> None:
    for reason, judgement in JUDGEMENTS.items():
        if judgement.status in (VerdictStatus.UNDELIVERABLE, VerdictStatus.DELIVERABLE):
            assert not is_temporary(reason)
        if judgement.fault in (Fault.THEIRS, Fault.DNS):
            assert is_temporary(reason)
