"""From a request body to an answer that leaves only when it is accounted for, once (invariants 3 and 7)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from litestar import Request

from api.auth import caller
from api.errors import Fault, RequestRefused
from api.idempotency import reserve
from api.limits import json_body
from api.observation import count_answer
from api.replies import Reply, request_id
from api.services import Services, require_services
from bureau.access.idempotency import KeptAnswer, Reservation
from bureau.access.keys import Principal
from bureau.access.usage import Receipt, UsageRow
from bureau.enrich.given import Given
from bureau.ids import RequestId
from bureau.model.query import PURPOSE_MISSING, Purpose


class Call(NamedTuple):
    """Who asks, and what is there to answer with. ``reserved`` is the Idempotency-Key's, if one was sent."""

    services: Services
    principal: Principal
    request_id: RequestId
    reserved: Reservation | None = None


class Outcome(NamedTuple):
    """An encoded reply, the rows that must be durable before it leaves, and the answers in it (to be counted)."""

    body: bytes
    rows: list[UsageRow]
    answers: Sequence[Given] = ()


Work = Callable[[Call, bytes], Awaitable[Outcome]]


async def charged(request: Request[Any, Any, Any], work: Work) -> Reply:
    """Run ``work`` on the body, at most once for one ``Idempotency-Key``, and reply when its rows are durable."""
    services = require_services(request.scope)
    principal = caller(request)
    body = await json_body(request, services.settings.body_limit_bytes)
    reserved = await reserve(request, services, principal.client, body)
    if isinstance(reserved, Reply):
        return reserved
    try:
        call = Call(services, principal, request_id(request.scope), reserved)
        outcome = await work(call, body)
        receipt = await _recorded(call, outcome)
    except BaseException:
        await _give_back(services, reserved)
        raise
    if receipt in _NOTHING_WRITTEN:
        await _give_back(services, reserved)
    if receipt is not Receipt.RECORDED:
        raise withheld(receipt)
    for answer in outcome.answers:
        count_answer(request.app.state.metrics, answer)
    return Reply(outcome.body)


async def _recorded(call: Call, outcome: Outcome) -> Receipt:
    if not outcome.rows and not call.reserved:
        return Receipt.RECORDED
    kept = KeptAnswer(call.reserved, 200, outcome.body) if call.reserved else None
    return await call.services.ledger.record(outcome.rows, kept)


async def _give_back(services: Services, reserved: Reservation | None) -> None:
    """Let the client use the key again at once: what it stood for was neither done nor charged."""
    if reserved:
        await services.idempotency.release(reserved)


def withheld(receipt: Receipt) -> Exception:
    """Why an answer whose rows got this receipt may not leave."""
    match receipt:
        case Receipt.OVERLOADED:
            return RequestRefused("overloaded", "Too much is waiting to be recorded; not charged.", headers=RETRY)
        case Receipt.UNAVAILABLE:
            detail = "The request could not be recorded, so its answer is withheld."
            return RequestRefused("store_unavailable", detail, headers=RETRY)
        case Receipt.SUPERSEDED:
            return RequestRefused("request_in_progress", "Another request with this Idempotency-Key took over.")
        case _:
            return RuntimeError("the ledger refused the rows of a request")


_NOTHING_WRITTEN = {Receipt.OVERLOADED, Receipt.REFUSED}
RETRY = ((b"retry-after", b"1"),)


def purpose_of(call: Call, asked: Purpose | None) -> Purpose:
    """The purpose asked for, else the key's own (LGPD art. 6 I: no use without one)."""
    purpose = asked or call.principal.default_purpose
    if purpose is None:
        fault = Fault("/purpose", "missing_field", PURPOSE_MISSING)
        raise RequestRefused("purpose_missing", fault.detail, [fault])
    return purpose
