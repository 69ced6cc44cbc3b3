"""What is said between a worker and its answering process arrives as it was said."""

import msgspec

from bureau.answering.messages import HEAD, Outcomes, Unusable, framed
from bureau.enrich.given import Given, given
from bureau.errors import AnsweringFailed, InvalidRecord
from bureau.model.answer import Answer, Charge, Status


def test_each_request_has_its_outcome_in_its_place() -> None:
    answer = given(Answer(id="enr_1", status=Status.NOT_FOUND, charge=Charge(0, "not_found")))
    said = Outcomes([None, answer, None], [Unusable(2, "No CPF has 40 digits.", "/tax_id", "tax_id_wrong_length")], [0])
    heard = msgspec.msgpack.decode(framed(said)[HEAD:], type=Outcomes).each()
    assert [AnsweringFailed, Given, InvalidRecord] == list(map(type, heard))
    assert answer == heard[1]
    unusable = heard[2]
    assert isinstance(unusable, InvalidRecord)
    assert ("/tax_id", "tax_id_wrong_length", "No CPF has 40 digits.") == (
        unusable.pointer, unusable.detail_code, str(unusable)
    )  # fmt: skip
