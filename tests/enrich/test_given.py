"""An answer as it leaves: what is said of it is what is in it, and reports are looked for by all of it."""

from typing import Any

import msgspec
import pytest

from bureau.deliverability.email.syntax import Address
from bureau.enrich.given import Given, given, is_reported
from bureau.model.answer import (
    Action,
    AddressAnswer,
    Answer,
    Candidate,
    Charge,
    EmailAnswer,
    Match,
    PhoneAnswer,
    Status,
    VerdictStatus,
)

VERDICT: dict[str, Any] = {
    "known_to_client": False, "status": VerdictStatus.UNKNOWN, "reason": "not_checked",
    "action": Action.SEND_WITH_CARE, "confidence": 0.5,
}  # fmt: skip


def answer(**changes: Any) -> Answer:
    values: dict[str, Any] = {
        "id": "enr_1", "status": Status.MATCHED, "charge": Charge(1, "matched"), "name": "ANA LIMA",
        "match": Match("per_1", 0.99, 20.0, 3, "pop_1", "model_1"), "addresses": [AddressAnswer(city="Recife")],
        "emails": [EmailAnswer(address="ana@exemplo.com.br", **VERDICT)],
        "phones": [
            PhoneAnswer(number="+5581987654321", national="(81) 98765-4321", line_type="mobile", **VERDICT),
            PhoneAnswer(number="12", national="12", line_type="unknown", **VERDICT),
        ],
    }  # fmt: skip
    return Answer(**(values | changes))


class OnRecord:
    """Of one address, and of one number as one entity's."""

    def __init__(self, email: str = "", phone: tuple[int, str] = (0, "")) -> None:
        self.is_empty = False
        self._email, self._phone = email, phone

    def email(self, address: Address) -> Any:
        return f"{address.local}@{address.domain}" == self._email or None

    def phone(self, number: int, entity: str | None) -> Any:
        return (number, entity) == self._phone or None


def test_what_is_said_of_an_answer_is_what_is_in_it() -> None:
    one = given(answer())
    assert answer() == one.answer
    assert (Status.MATCHED, 1, "pop_1", "per_1", ()) == (
        one.status, one.units, one.population, one.entity_id, one.candidates
    )  # fmt: skip
    assert (("ana@exemplo.com.br",), (81987654321,)) == (one.emails, one.phones)
    assert ("name", "addresses", "emails", "phones") == one.fields
    assert one == msgspec.msgpack.decode(msgspec.msgpack.encode(one), type=Given)


def test_of_nobody_there_is_nothing_to_say() -> None:
    nobody = Answer(id="enr_1", status=Status.NOT_FOUND, charge=Charge(0, "not_found"))
    one = given(nobody)
    assert (None, None, (), (), (), ()) == (
        one.population, one.entity_id, one.candidates, one.fields, one.emails, one.phones
    )  # fmt: skip


@pytest.mark.parametrize(
    ("on_record", "reported"),
    [
        (OnRecord(), False),
        (OnRecord(email="ana@exemplo.com.br"), True),
        (OnRecord(phone=(81987654321, "per_1")), True),
        (OnRecord(phone=(81987654321, "per_2")), False),
    ],
)
def test_a_report_is_found_by_contact_and_whose_it_is(on_record: Any, reported: bool) -> None:
    assert reported == is_reported(given(answer()), on_record)


def test_candidates_are_looked_at_as_a_whole() -> None:
    candidates = [Candidate("per_2", 0.5, 12.0, "ANA LIMA")]
    assert is_reported(given(answer(emails=[], phones=[], candidates=candidates)), OnRecord())  # type: ignore[arg-type]
