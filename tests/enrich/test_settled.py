"""Tables brought up to the moment: the flat columns as the answers one by one, whatever was reported."""

import pickle
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bureau.deliverability.email.reasons import Reason as EmailReason
from bureau.deliverability.email.syntax import Address
from bureau.deliverability.email.verdict import Mailbox, check_email
from bureau.deliverability.phone.do_not_call import Entry, ListedNumbers
from bureau.deliverability.phone.reasons import Reason
from bureau.deliverability.phone.verdict import LiveAnswer, check_phone
from bureau.enrich.column_standing import settle_table
from bureau.enrich.columns import flat_table
from bureau.enrich.results import Answers
from bureau.enrich.settled import SettledAnswers
from bureau.enrich.standing import Situation, settle
from bureau.enrich.usable import Calling
from bureau.ids import EntityId
from bureau.jobs.surroundings import Surroundings
from bureau.model.answer import AddressAnswer, Answer, Charge, EmailAnswer, Match, PhoneAnswer, Status

BRASILIA = timezone(timedelta(hours=-3))
MONDAY = datetime(2026, 11, 23, 10, tzinfo=BRASILIA)
EMAILS = ("ana@example.com", "contato@example.com", "x@mailinator.com", "no", "bia@gmail.com")
PHONES = ("11 98765-4320", "(97) 98765-4320", "0800 123 4567", "21 3333-4444", "123", "+1 212 555 0100")
PLACES = (None, ("Rio de Janeiro", "RJ"), ("Tabatinga", "AM"), ("Manaus", "AM"), (None, "SP"))
LISTED = ListedNumbers([(2133334444, Entry("a_list", frozenset({"*"}), date(2026, 1, 1)))])


class Reports:
    is_empty = False

    def __init__(self, emails: dict[str, EmailReason], phones: dict[tuple[int, str | None], Reason]) -> None:
        self.emails = emails
        self.phones = phones

    def email(self, address: Address) -> Mailbox | None:
        reason = self.emails.get(address.text)
        return Mailbox(reason) if reason else None

    def phone(self, number: int, entity: EntityId | None) -> LiveAnswer | None:
        reason = self.phones.get((number, entity)) or self.phones.get((number, None))
        return LiveAnswer(reason, date(2026, 11, 1)) if reason else None


def email(text: str) -> EmailAnswer:
    found = check_email(text, MONDAY)
    return EmailAnswer(address=text, known_to_client=True, status=found.status, reason=found.reason.value,
                       action=found.action, confidence=0.5)  # fmt: skip


def phone(text: str) -> PhoneAnswer:
    found = check_phone(text)
    return PhoneAnswer(number=found.number, national=found.national, line_type=found.line_type, known_to_client=True,
                       status=found.status, reason=found.reason.value, action=found.action, confidence=0.5)  # fmt: skip


def answer(entity: str | None, emails: list[str], phones: list[str], place: tuple[str | None, str] | None) -> Answer:
    return Answer(
        id="enr_1",
        status=Status.MATCHED if entity else Status.NOT_FOUND,
        charge=Charge(1, "matched"),
        match=Match(entity, 0.99, 10.0, 1, "pop", "m"),
        addresses=[AddressAnswer(city=place[0], state=place[1])] if place else [],
        emails=[email(text) for text in emails],
        phones=[phone(text) for text in phones],
    )


ANSWERS = st.lists(
    st.builds(
        answer,
        st.sampled_from([None, "per_1", "per_2"]),
        st.lists(st.sampled_from(EMAILS), max_size=3),
        st.lists(st.sampled_from(PHONES), max_size=3),
        st.sampled_from(PLACES),
    ),
    max_size=6,
)
REPORTS = st.builds(
    Reports,
    st.dictionaries(
        st.sampled_from(EMAILS),
        st.sampled_from([EmailReason.HARD_BOUNCED, EmailReason.SOFT_BOUNCED, EmailReason.CONFIRMED_BY_DELIVERY]),
    ),
    st.dictionaries(
        st.tuples(st.sampled_from([11987654320, 97987654320, 2133334444]), st.sampled_from([None, "per_1"])),
        st.sampled_from([Reason.ACTIVE, Reason.INACTIVE, Reason.SUPPRESSED_OPT_OUT]),
    ),
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(ANSWERS, REPORTS, st.integers(0, 24 * 14))
def test_columns_say_what_the_answers_say(answers: list[Answer], reports: Reports, hours: int) -> None:
    situation = Situation(Calling(MONDAY + timedelta(hours=hours), "collection", LISTED), reports)
    flat = settle_table(flat_table(answers), situation)
    for one in answers:
        settle(one, situation)
    assert flat_table(answers).to_pylist() == flat.to_pylist()


def test_without_reports_and_lists_too() -> None:
    phones = [list(PHONES[:3]), list(PHONES[3:])]
    answers = [answer("per_1", list(EMAILS[:3]), some, place) for some in phones for place in PLACES]
    situation = Situation(Calling(MONDAY))
    flat = settle_table(flat_table(answers), situation)
    for one in answers:
        settle(one, situation)
    assert flat_table(answers) == flat
    assert 0 == settle_table(flat_table([]), situation).num_rows


def answered(records: pa.Table, nested: bool) -> Answers:
    """One and the same answer for every record."""
    found = [answer("per_1", ["ana@example.com"], ["11 98765-4320"], None)] * records.num_rows
    return Answers(flat_table(found), [msgspec.json.encode(one) for one in found] if nested else [])


@pytest.mark.parametrize("nested", [True, False])
def test_it_goes_to_other_processes_and_settles_whole_answers_too(tmp_path: Path, nested: bool) -> None:
    around = Surroundings(home=tmp_path, at=MONDAY)
    asked: Any = pickle.loads(pickle.dumps(SettledAnswers(answered, around)))  # noqa: S301  our own bytes
    found = asked(pa.table({"name": ["a", "b"]}), nested)
    assert ["2026-11-23T20:00:00-03:00"] * 2 == found.columns["bureau_phone_1_usable_until"].to_pylist()
    assert [None] * 2 == found.columns["bureau_phone_1_blocked_by"].to_pylist()
    whole = [msgspec.json.decode(one) for one in found.nested]
    assert ["voice"] * (2 * nested) == [one["phones"][0]["usable_now"]["channel"] for one in whole]
