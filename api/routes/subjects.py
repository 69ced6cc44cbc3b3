"""``GET /v1/subjects/{tax_id}``: what there is about somebody, and who was told."""

from typing import Any

import msgspec
from litestar import Request

from api.auth import caller
from api.charging import Call, withheld
from api.description import Described
from api.errors import RequestRefused
from api.methods import get
from api.moments import before_of
from api.replies import Reply, request_id
from api.services import require_services
from api.usage_rows import subject_row
from bureau.access.usage import Receipt
from bureau.model.query import Kind
from bureau.normalise.documents import MaskedCpf, TaxId, TaxIdProblem, parse_tax_id
from bureau.privacy.subjects import Records, Subject, subject_access

_encode = msgspec.json.Encoder().encode
_NOT_KEPT = ((b"cache-control", b"no-store"),)
_PARAMETERS: tuple[dict[str, Any], ...] = (
    {
        "name": "tax_id",
        "in": "path",
        "required": True,
        "description": "A whole CPF or CNPJ, with its usual punctuation or none.",
        "schema": {"type": "string"},
    },
    {
        "name": "before",
        "in": "query",
        "description": "Only disclosures before this moment (ISO 8601): the `next_before` of the page before.",
        "schema": {"type": "string", "format": "date-time"},
    },
)


@get(
    "/subjects/{tax_id:path}",  # a CNPJ is written with a slash
    operation_id="subject",
    summary="What is held of a data subject, with its sources, and who was told of them",
    opt=Described(answer=Subject, parameters=_PARAMETERS).as_option(),
)
async def subject(request: Request[Any, Any, Any]) -> Reply:
    """Everything, to a key of role `officer`; to a client's key what that client was told. That nothing is held is an
    answer, not an error. Each answer is recorded as a disclosure itself. Free.

    Direito de acesso (LGPD art. 18 e 19): com chave de papel `officer`, tudo o que se tem do titular, com a origem de
    cada dado, e a quem foi informado; com chave de cliente, só o que foi informado a esse cliente."""
    services = require_services(request.scope)
    call = Call(services, caller(request), request_id(request.scope))
    tax_id, before = _tax_id(request.path_params["tax_id"]), before_of(request)
    records = Records(services.serving.current, services.store, services.overlay.events)
    found = await subject_access(records, Kind(tax_id.kind), tax_id.number, call.principal, before)
    receipt = await services.ledger.record([subject_row(call, found)])
    if receipt is not Receipt.RECORDED:
        raise withheld(receipt)
    return Reply(_encode(found), headers=_NOT_KEPT)


def _tax_id(given: Any) -> TaxId:
    """Only as it is: a repaired one might be somebody else's. Problems never repeat it."""
    match parse_tax_id(str(given).strip("/")):
        case TaxId(repairs=()) as whole:
            return whole
        case TaxId() | MaskedCpf():
            why = "incomplete"
        case TaxIdProblem() as problem:
            why = problem.value
    raise RequestRefused("invalid_parameter", f"tax_id must be a whole CPF or CNPJ as it was issued; this one: {why}.")
