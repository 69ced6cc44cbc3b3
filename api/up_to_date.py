"""Answers brought up to the moment before they leave: what was reported, and verdicts that need the network."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from api.charging import Call
from api.slices import in_slices
from bureau.deliverability.email.pending import Pending
from bureau.enrich.given import Given, given, is_reported
from bureau.enrich.standing import Situation, settle
from bureau.enrich.usable import Calling
from bureau.enrich.verdicts import NETWORK, Deepened, Wanted, deepen, is_of_company
from bureau.model.answer import Answer
from bureau.model.query import Options, Purpose
from bureau.overlay.rechecks import Asked


async def brought_up_to_date(call: Call, answers: Sequence[Given], purpose: Purpose, options: Options) -> list[Given]:
    """Most leave as they came: anew are given those with a reported contact, and, at a depth that needs the network,
    all. Those are deepened at once, so that ``wait_ms`` bounds the request and not each record; what is pending then
    is booked before it leaves, under the answer's id. Raises ``StoreUnavailable``."""
    on_record, deep = call.services.overlay.seen_by(call.principal.client), options.depth in NETWORK
    reported = await in_slices(lambda one: deep or is_reported(one, on_record), answers)
    changing = {place: answers[place].answer for place, changes in enumerate(reported) if changes}
    if not changing:
        return list(answers)
    now = situation(call, purpose, options)
    await in_slices(lambda answer: settle(answer, now), changing.values())
    if deep:
        await _deepen(call, list(changing.values()), options)
    return [given(changing[place]) if place in changing else one for place, one in enumerate(answers)]


async def _deepen(call: Call, answers: Sequence[Answer], options: Options) -> None:
    overlay = call.services.overlay
    wanted = Wanted(options, overlay.known_to(call.principal.client))
    deepened = await asyncio.gather(*(deepen(answer, call.services.verifier, wanted) for answer in answers))
    overlay.told(verdict for one in deepened for verdict in one.verdicts)
    await overlay.rechecks.book(
        [_booking(call, options, answer, one) for answer, one in zip(answers, deepened, strict=True) if one.pending]
    )


def situation(call: Call, purpose: Purpose, options: Options) -> Situation:
    """This moment, for whoever asks."""
    calling = Calling(datetime.now(UTC), purpose.value, call.services.do_not_call)
    return Situation(calling, call.services.overlay.seen_by(call.principal.client), options.explain)


def _booking(call: Call, options: Options, answer: Answer, deepened: Deepened) -> tuple[Asked, list[Pending]]:
    asked = Asked(answer.id, call.principal.client, options.depth, is_of_company(answer))
    return asked, deepened.pending
