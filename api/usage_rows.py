"""What the ledger keeps of an answer: what it cost and which fields left, never their content."""

from api.charging import Call
from bureau.access.usage import UsageRow
from bureau.enrich.given import Given
from bureau.ids import PopulationId
from bureau.model.query import Purpose
from bureau.privacy.subjects import Subject


def answer_row(call: Call, operation: str, purpose: Purpose | None, answer: Given) -> UsageRow:
    """The row of one enriched or matched record."""
    return UsageRow(
        request_id=call.request_id,
        key_id=call.principal.key_id,
        client=call.principal.client,
        operation=operation,
        purpose=purpose,
        status=answer.status,
        units=answer.units,
        population=PopulationId(answer.population) if answer.population else call.services.serving.population,
        entity_id=answer.entity_id,
        fields=answer.fields,
        candidates=answer.candidates or None,
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
