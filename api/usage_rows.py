"""What the ledger keeps of an answer: what it cost and which fields left, never their content."""

from api.charging import Call
from bureau.access.usage import UsageRow
from bureau.ids import EntityId, PopulationId
from bureau.model.answer import Answer
from bureau.model.query import Purpose
from bureau.privacy.subjects import Subject

_DISCLOSED = ("name", "addresses", "emails", "phones", "candidates")


def answer_row(call: Call, operation: str, purpose: Purpose | None, answer: Answer) -> UsageRow:
    """The row of one enriched or matched record."""
    match = answer.match
    return UsageRow(
        request_id=call.request_id,
        key_id=call.principal.key_id,
        client=call.principal.client,
        operation=operation,
        purpose=purpose,
        status=answer.status,
        units=answer.charge.units,
        population=PopulationId(match.population) if match else call.services.serving.population,
        entity_id=EntityId(match.entity_id) if match and match.entity_id else None,
        fields=tuple([field for field in _DISCLOSED if getattr(answer, field)]),
        candidates=tuple([EntityId(one.entity_id) for one in answer.candidates]) if answer.candidates else None,
    )


def verification_row(call: Call, operation: str, purpose: Purpose | None, verified: int) -> UsageRow:
    """The row of one verification request. It costs nothing: the client is told of contacts that they hold already."""
    return _free(call, operation, "verified", f"verdicts:{verified}", purpose)


def subject_row(call: Call, subject: Subject) -> UsageRow:
    """The row of one data-subject access, which is a disclosure like any other."""
    return UsageRow(
        request_id=call.request_id,
        key_id=call.principal.key_id,
        client=call.principal.client,
        operation="subject_access",
        purpose=None,
        status="answered",
        units=0,
        population=subject.population,
        entity_id=subject.entity_id,
        fields=subject.told,
    )


def report_row(call: Call, accepted: int) -> UsageRow:
    """The row of reported outcomes or oppositions. They cost nothing: everybody's verdicts live on them."""
    return _free(call, "report", "reported", f"events:{accepted}")


def _free(call: Call, operation: str, status: str, field: str, purpose: Purpose | None = None) -> UsageRow:
    return UsageRow(
        request_id=call.request_id,
        key_id=call.principal.key_id,
        client=call.principal.client,
        operation=operation,
        purpose=purpose,
        status=status,
        units=0,
        fields=(field,),
    )
