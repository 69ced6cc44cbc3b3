"""The last step of an answer: what was reported since the build, and whether a phone may be used at this moment."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from bureau.deliverability.email.reasons import Reason as EmailReason
from bureau.deliverability.email.syntax import Address
from bureau.deliverability.email.verdict import Mailbox
from bureau.deliverability.phone.do_not_call import Entry, ListedNumbers
from bureau.deliverability.phone.reasons import Reason
from bureau.deliverability.phone.verdict import LiveAnswer, check_phone
from bureau.enrich.standing import Situation, settle
from bureau.enrich.usable import Calling
from bureau.ids import EntityId
from bureau.model.answer import (
    Action,
    AddressAnswer,
    Answer,
    Charge,
    EmailAnswer,
    Match,
    PhoneAnswer,
    Status,
    UsableNow,
    VerdictStatus,
)

BRASILIA = timezone(timedelta(hours=-3))
MONDAY = datetime(2026, 11, 23, 10, tzinfo=BRASILIA)
SP, RJ = 11987654320, 21987654320


class Reports:
    """On record, for everybody."""

    is_empty = False

    def __init__(self, emails: dict[str, EmailReason], phones: dict[tuple[int, str | None], Reason]) -> None:
        self.emails = emails
        self.phones = phones

    def email(self, address: Address) -> Mailbox | None:
        reason = self.emails.get(address.text)
        return Mailbox(reason, None, datetime(2026, 11, 1, tzinfo=UTC)) if reason else None

    def phone(self, number: int, entity: EntityId | None) -> LiveAnswer | None:
        reason = self.phones.get((number, entity)) or self.phones.get((number, None))
        return LiveAnswer(reason, date(2026, 11, 1)) if reason else None


def phone(number: int | str, right_party: float = 0.8) -> PhoneAnswer:
    found = check_phone(number)
    return PhoneAnswer(
        number=found.number, national=found.national, line_type=found.line_type, known_to_client=False,
        right_party=right_party, status=found.status, reason=found.reason.value, action=found.action,
        confidence=found.confidence, sources=1,
    )  # fmt: skip


def answer(*phones: PhoneAnswer, city: str | None = None, state: str | None = None) -> Answer:
    email = EmailAnswer(
        address="ana@example.com", known_to_client=False, status=VerdictStatus.UNKNOWN, reason="not_checked",
        action=Action.SEND_WITH_CARE, confidence=0.7, sources=2, last_seen=date(2026, 10, 1),
    )  # fmt: skip
    return Answer(
        id="enr_1", status=Status.MATCHED, charge=Charge(1, "matched"), match=Match("per_1", 0.99, 10.0, 1, "pop", "m"),
        emails=[email], phones=list(phones), addresses=[AddressAnswer(city=city, state=state)] if state else [],
    )  # fmt: skip


def settled(
    found: Answer, at: datetime = MONDAY, reports: Reports | None = None, purpose: str = "collection"
) -> Answer:
    lists = ListedNumbers([(RJ, Entry("nao_me_ligue_sp", frozenset({"collection"}), date(2026, 1, 1)))])
    calling = Calling(at, purpose, lists)
    settle(found, Situation(calling, reports, explain=True) if reports else Situation(calling))
    return found


def test_phones_are_usable_until_the_window_closes_or_say_what_blocks_them() -> None:
    found = settled(answer(phone(SP), phone(RJ), phone("0800 123 4567")))
    evening = datetime(2026, 11, 23, 20, tzinfo=BRASILIA)
    assert UsableNow("voice", evening) == found.phones[0].usable_now
    assert UsableNow(blocked_by="do_not_call", lists=["nao_me_ligue_sp"]) == found.phones[1].usable_now
    assert UsableNow(blocked_by="invalid") == found.phones[2].usable_now
    other_purpose = settled(answer(phone(RJ)), purpose="fraud_prevention").phones[0].usable_now
    assert other_purpose
    assert "voice" == other_purpose.channel


@pytest.mark.parametrize(
    ("city", "state", "hour", "blocked_by"),
    [
        (None, None, 19, None),
        ("Rio de Janeiro", "RJ", 19, "outside_hours"),  # the debtor's address, not the area code
        ("Tabatinga", "AM", 9, "outside_hours"),  # seven in the west of Amazonas, eight in Manaus
        ("Manaus", "AM", 9, None),
        ("Rio Branco", "AC", 9, "outside_hours"),
    ],
)
def test_the_clock_is_that_of_the_debtors_municipality(
    city: str | None, state: str | None, hour: int, blocked_by: str | None
) -> None:
    found = settled(answer(phone(SP), city=city, state=state), MONDAY.replace(hour=hour)).phones[0].usable_now
    assert found
    assert blocked_by == found.blocked_by


def test_a_report_takes_the_place_of_the_verdict() -> None:
    reports = Reports({"ana@example.com": EmailReason.HARD_BOUNCED}, {(SP, None): Reason.SUPPRESSED_OPT_OUT})
    found = settled(answer(phone(SP)), reports=reports)
    email = found.emails[0]
    assert ("undeliverable", "hard_bounced", "do_not_send") == (email.status, email.reason, email.action)
    assert datetime(2026, 11, 1, tzinfo=UTC) == email.checked_at
    assert ("suppressed_opt_out", "do_not_send") == (found.phones[0].reason, found.phones[0].action)
    assert UsableNow(blocked_by="opposition") == found.phones[0].usable_now


def test_a_wrong_person_goes_to_the_end_for_that_entity_only() -> None:
    reports = Reports({}, {(SP, "per_1"): Reason.WRONG_PERSON})
    found = settled(answer(phone(SP), phone(11987654321, 0.3)), reports=reports)
    assert [("+5511987654321", 1), ("+5511987654320", 2)] == [(one.number, one.rank) for one in found.phones]
    wrong = found.phones[1]
    assert ("wrong_person", "do_not_send") == (wrong.reason, wrong.action)
    assert UsableNow(blocked_by="wrong_person") == wrong.usable_now
    assert wrong.right_party
    assert wrong.right_party < 0.1
    assert "reported: wrong person" in [row.what for row in wrong.evidence]
    other = answer(phone(SP))
    other.match = Match("per_2", 0.99, 10.0, 1, "pop", "m")
    assert "well_formed" == settled(other, reports=reports).phones[0].reason


def test_without_reports_nothing_but_the_moment_is_added() -> None:
    before, after = answer(phone(SP)), settled(answer(phone(SP)))
    after.phones[0].usable_now = None
    assert before == after
