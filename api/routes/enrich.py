"""``/v1/enrich``, ``/v1/match`` and ``/v1/enrich/batch``: the reason the service exists."""

from collections.abc import Sequence
from typing import Any, cast

import msgspec
from litestar import Request, post

from api.charging import Call, Outcome, charged, purpose_of
from api.decoding import ambiguities_by_record, decoded, shaped, without_lone_surrogates
from api.description import Described
from api.errors import Problem, RequestRefused, our_fault, problem, record_problem
from api.examples import BATCH, ENRICH, MATCH
from api.replies import Reply
from api.schemas.batch import BatchAnswer
from api.slices import in_slices
from api.together import MOST
from api.up_to_date import brought_up_to_date
from api.usage_rows import answer_row
from bureau.answering.messages import Outcome as Found
from bureau.enrich.given import Given
from bureau.errors import InvalidRecord
from bureau.model.answer import Answer
from bureau.model.query import BatchRequest, EnrichRequest, Purpose, Record

_request = msgspec.json.Decoder(EnrichRequest)
_batch = msgspec.json.Decoder(BatchRequest)
_record = msgspec.json.Decoder(Record)
_encode = msgspec.json.Encoder().encode


@post(
    "/enrich",
    operation_id="enrich",
    summary="Find one person or company and return fresh, verified contacts",
    status_code=200,
    opt=Described(EnrichRequest, Answer, ENRICH, charged=True).as_option(),
)
async def enrich(request: Request[Any, Any, Any]) -> Reply:
    return await charged(request, _enrich)


@post(
    "/match",
    operation_id="match",
    summary="Find one person or company, without contacts",
    status_code=200,
    opt=Described(EnrichRequest, Answer, MATCH, charged=True).as_option(),
)
async def match(request: Request[Any, Any, Any]) -> Reply:
    return await charged(request, _match)


@post(
    "/enrich/batch",
    operation_id="enrichBatch",
    summary="Enrich up to 1,000 records; one that cannot be used never fails the others",
    status_code=200,
    opt=Described(BatchRequest, BatchAnswer, BATCH, charged=True).as_option(),
)
async def enrich_batch(request: Request[Any, Any, Any]) -> Reply:
    return await charged(request, _enrich_batch)


async def _enrich(call: Call, body: bytes) -> Outcome:
    wanted = _with_purpose(call, decoded(_request, body))
    purpose = purpose_of(call, wanted.purpose)
    answer = await call.services.enriching.submit(wanted)
    (answer,) = await brought_up_to_date(call, [answer], purpose, wanted.options)
    return _outcome(call, "enrich", purpose, answer)


async def _match(call: Call, body: bytes) -> Outcome:
    wanted = _with_purpose(call, decoded(_request, body))
    return _outcome(call, "match", wanted.purpose, await call.services.matching.submit(wanted))


def _outcome(call: Call, operation: str, purpose: Purpose | None, answer: Given) -> Outcome:
    return Outcome(answer.body, [answer_row(call, operation, purpose, answer)], (answer,))


def _with_purpose(call: Call, wanted: EnrichRequest) -> EnrichRequest:
    if wanted.purpose is not None:
        return wanted
    return msgspec.structs.replace(wanted, purpose=purpose_of(call, None))


async def _enrich_batch(call: Call, body: bytes) -> Outcome:
    batch = shaped(_batch, without_lone_surrogates(body))
    ambiguous = ambiguities_by_record(body)
    if whole := ambiguous.get(None):
        raise RequestRefused("invalid_body", whole[0].detail, whole)
    shared = EnrichRequest(Record(), purpose_of(call, batch.purpose), batch.options)

    def read(place: int) -> EnrichRequest | Problem:
        if faults := ambiguous.get(place):
            return problem("invalid_body", faults[0].detail, call.request_id, faults)
        return _read(call, batch.records[place], shared, _pointer(place))

    read_each = await in_slices(read, range(len(batch.records)))
    found = iter(await _found(call, [one for one in read_each if isinstance(one, EnrichRequest)]))
    results = [
        _told(call, next(found), place) if isinstance(one, EnrichRequest) else one
        for place, one in enumerate(read_each)
    ]
    came = [result for result in results if isinstance(result, Given)]
    answers = await brought_up_to_date(call, came, purpose_of(call, shared.purpose), shared.options)
    rows = await in_slices(lambda answer: answer_row(call, "enrich", shared.purpose, answer), answers)
    leaving = iter(answers)
    bodies = [msgspec.Raw(next(leaving).body) if isinstance(result, Given) else result for result in results]
    return Outcome(_encode(BatchAnswer(cast(Any, bodies))), rows, answers)


def _pointer(place: int) -> str:
    return f"/records/{place}"


def _read(call: Call, raw: msgspec.Raw, shared: EnrichRequest, pointer: str) -> EnrichRequest | Problem:
    """One record as a request of its own, or its problem."""
    try:
        return EnrichRequest(shaped(_record, bytes(raw), pointer), shared.purpose, shared.options)
    except RequestRefused as error:
        return problem(error.refusal, str(error), call.request_id, error.faults)


async def _found(call: Call, requests: Sequence[EnrichRequest]) -> list[Found]:
    """By one population for the whole batch, whatever is published meanwhile; piece by piece, so that other requests
    are answered in between."""
    answering = call.services.serving.current
    found: list[Found] = []
    for start in range(0, len(requests), MOST):
        found += await answering.enrich(requests[start : start + MOST])
    return found


def _told(call: Call, found: Found, place: int) -> Given | Problem:
    match found:
        case Given():
            return found
        case InvalidRecord():
            return record_problem(found, call.request_id, _pointer(place))
        case _:
            return our_fault(found, call.request_id)
