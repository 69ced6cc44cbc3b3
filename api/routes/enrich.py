"""``/v1/enrich``, ``/v1/match`` and ``/v1/enrich/batch``: the reason the service exists."""

import itertools
from typing import Any

import msgspec
from litestar import Request, post

from api.charging import Call, Outcome, charged, purpose_of, recorded
from api.decoding import ambiguities_by_record, decoded, shaped, without_lone_surrogates
from api.description import Described
from api.errors import Problem, RequestRefused, our_fault, problem, record_problem
from api.examples import BATCH, ENRICH, MATCH
from api.replies import Reply
from api.schemas.batch import BatchAnswer
from api.serving import Enriching
from api.slices import in_slices
from api.together import answered
from api.up_to_date import bring_up_to_date, situation
from api.usage_rows import answer_row
from bureau.enrich.contacts import Asked
from bureau.enrich.standing import settle
from bureau.enrich.verdicts import NETWORK
from bureau.errors import InvalidRecord
from bureau.model.answer import Answer
from bureau.model.query import BatchRequest, EnrichRequest, Purpose, Record

_request = msgspec.json.Decoder(EnrichRequest)
_batch = msgspec.json.Decoder(BatchRequest)
_record = msgspec.json.Decoder(Record)
_encode = msgspec.json.Encoder().encode
TOGETHER = 32
"""Records of a batch that are looked for at once: about a slice's time (see ``slices``)."""


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
    if wanted.options.depth in NETWORK:
        answer = await call.services.enriching.submit(wanted)
        await bring_up_to_date(call, [answer], purpose, wanted.options)
        return _outcome(call, "enrich", purpose, answer)

    def settled(answer: Answer) -> Outcome:
        settle(answer, situation(call, purpose, wanted.options))
        return _outcome(call, "enrich", purpose, answer)

    return await recorded(call, call.services.enriching, wanted, settled)


async def _match(call: Call, body: bytes) -> Outcome:
    wanted = _with_purpose(call, decoded(_request, body))
    return await recorded(
        call, call.services.matching, wanted, lambda answer: _outcome(call, "match", wanted.purpose, answer)
    )


def _outcome(call: Call, operation: str, purpose: Purpose | None, answer: Answer) -> Outcome:
    return Outcome(_encode(answer), [answer_row(call, operation, purpose, answer)], (answer,))


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
    enricher = call.services.serving.current  # one population for the whole batch, whatever is published meanwhile

    def read(place: int) -> Asked | Problem:
        if faults := ambiguous.get(place):
            return problem("invalid_body", faults[0].detail, call.request_id, faults)
        return _read(call, enricher, batch.records[place], shared, f"/records/{place}")

    asked = await in_slices(read, range(len(batch.records)))
    usable = [one for one in asked if isinstance(one, Asked)]
    groups = [usable[start : start + TOGETHER] for start in range(0, len(usable), TOGETHER)]
    answers_of = await in_slices(lambda group: answered(enricher.answers, group), groups)
    found = (_told(call, outcome) for outcome in itertools.chain.from_iterable(answers_of))
    results = [next(found) if isinstance(one, Asked) else one for one in asked]
    answers = [result for result in results if isinstance(result, Answer)]
    await bring_up_to_date(call, answers, purpose_of(call, shared.purpose), shared.options)
    rows = await in_slices(lambda answer: answer_row(call, "enrich", shared.purpose, answer), answers)
    return Outcome(_encode(BatchAnswer(results)), rows, answers)


def _read(call: Call, enricher: Enriching, raw: msgspec.Raw, shared: EnrichRequest, pointer: str) -> Asked | Problem:
    """One record ready to be looked for, or its own problem."""
    try:
        record = shaped(_record, bytes(raw), pointer)
        return enricher.read(EnrichRequest(record, shared.purpose, shared.options))
    except InvalidRecord as error:
        return record_problem(error, call.request_id, pointer)
    except RequestRefused as error:
        return problem(error.refusal, str(error), call.request_id, error.faults)
    except Exception as error:  # noqa: BLE001 - the boundary of a record: our fault with one never fails the others
        return our_fault(error, call.request_id)


def _told(call: Call, outcome: Answer | Exception) -> Answer | Problem:
    return our_fault(outcome, call.request_id) if isinstance(outcome, Exception) else outcome
