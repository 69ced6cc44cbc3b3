"""What the ledger keeps of an answer: who was named in it, never by name."""

from typing import Any

import pytest

from api.charging import Call
from api.usage_rows import answer_row
from bureau.access.keys import Principal
from bureau.enrich.given import Given, given
from bureau.ids import ClientId, KeyId, RequestId
from bureau.model.answer import Answer, Candidate, Charge, Match, Status
from bureau.model.query import Purpose


@pytest.fixture
def call(worker: Any) -> Call:
    return Call(worker.app.state.services, Principal(KeyId("key_1"), ClientId("acme"), None), RequestId("req_1"))


def answer(entity: str | None, shown: list[str]) -> Given:
    return given(
        Answer(
            id="enr_1",
            status=Status.MATCHED if entity else Status.AMBIGUOUS,
            charge=Charge(1 if entity else 0, ""),
            match=Match(entity, 0.9, 12.0, 3, "pop_1", "model_1"),
            candidates=[Candidate(one, 0.5, 12.0, "MARIA DA SILVA") for one in shown] or None,
        )
    )


def test_everybody_shown_is_named_by_id(call: Call) -> None:
    row = answer_row(call, "enrich", Purpose.BILLING, answer(None, ["per_1", "per_2"]))
    assert (None, ("per_1", "per_2"), ("candidates",)) == (row.entity_id, row.candidates, row.fields)


def test_one_found_alone_is_the_only_one_named(call: Call) -> None:
    row = answer_row(call, "enrich", Purpose.BILLING, answer("per_1", []))
    assert ("per_1", None, ()) == (row.entity_id, row.candidates, row.fields)
