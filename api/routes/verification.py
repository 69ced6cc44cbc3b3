"""``/v1/emails/verify`` and ``/v1/phones/verify``: verdicts on contacts the client already holds."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Request, post

from api.auth import caller
from api.charging import Call, Outcome, charged
from api.decoding import decoded
from api.description import Described
from api.errors import RequestRefused
from api.examples import EMAILS, PHONES
from api.methods import get
from api.path_ids import path_id
from api.replies import Reply
from api.schemas.verification import EmailsToVerify, EmailVerdicts, PhonesToVerify, PhoneVerdicts, VerifiedPhone
from api.services import require_services
from api.slices import in_slices
from api.usage_rows import verification_row
from bureau.deliverability.email.pending import pending
from bureau.deliverability.phone.calling import CallPlan
from bureau.deliverability.phone.verdict import Circumstances, check_phone, read
from bureau.enrich.usable import Calling, usable
from bureau.enrich.verdicts import NETWORK
from bureau.ids import sortable
from bureau.model.query import Purpose
from bureau.normalise.phones import Phone
from bureau.overlay.rechecks import Asked, Verification

_emails = msgspec.json.Decoder(EmailsToVerify)
_phones = msgspec.json.Decoder(PhonesToVerify)
_encode = msgspec.json.Encoder().encode
_PARAMETERS: tuple[dict[str, Any], ...] = (
    {"name": "verification", "in": "path", "required": True, "schema": {"type": "string"}},
)


@post(
    "/emails/verify",
    operation_id="verifyEmails",
    summary="Whether mail to these addresses would arrive, and why",
    status_code=200,
    opt=Described(EmailsToVerify, EmailVerdicts, EMAILS, charged=True).as_option(),
)
async def verify_emails(request: Request[Any, Any, Any]) -> Reply:
    return await charged(request, _verify_emails)


@post(
    "/phones/verify",
    operation_id="verifyPhones",
    summary="Whether these are Brazilian numbers that can be called, and of what type",
    status_code=200,
    opt=Described(PhonesToVerify, PhoneVerdicts, PHONES, charged=True).as_option(),
)
async def verify_phones(request: Request[Any, Any, Any]) -> Reply:
    return await charged(request, _verify_phones)


@get(
    "/verifications/{verification:str}",
    operation_id="verification",
    summary="What became of verdicts that were pending",
    opt=Described(answer=Verification, parameters=_PARAMETERS).as_option(),
)
async def verification(request: Request[Any, Any, Any]) -> Reply:
    """The id is ``verification`` of an answer to ``/v1/emails/verify``, or the ``id`` of an enriched record. Only the
    e-mails whose verdicts were pending are here; they are kept for some days."""
    rechecks = require_services(request.scope).overlay.rechecks
    found = await rechecks.find(caller(request).client, path_id(request, "verification"))
    if found is None:
        raise RequestRefused("not_found", "There is no such verification: nothing was pending, or it is too long ago.")
    return Reply(_encode(found))


async def _verify_emails(call: Call, body: bytes) -> Outcome:
    wanted = decoded(_emails, body)
    overlay, client = call.services.overlay, call.principal.client
    known = overlay.known_to(client)
    verdicts = await call.services.verifier.verify(wanted.emails, wanted.depth, wanted.wait_ms / 1000, known=known)
    row = verification_row(call, "verify_emails", wanted.purpose or call.principal.default_purpose, len(verdicts))
    if wanted.depth not in NETWORK:
        return Outcome(_encode(EmailVerdicts(verdicts)), [row])
    booked = [pending(verdict) for verdict in verdicts]
    shown = [later.verdict if later else verdict for verdict, later in zip(verdicts, booked, strict=True)]
    overlay.told(shown)
    late = [later for later in booked if later]
    asked = Asked(sortable("ver"), client, wanted.depth)
    await overlay.rechecks.book([(asked, late)])
    return Outcome(_encode(EmailVerdicts(shown, asked.verification if late else None)), [row])


async def _verify_phones(call: Call, body: bytes) -> Outcome:
    wanted = decoded(_phones, body)
    default_ddd = int(wanted.default_ddd) if wanted.default_ddd else None
    purpose = wanted.purpose or call.principal.default_purpose or Purpose.COLLECTION
    calling = Calling(datetime.now(UTC), purpose.value, call.services.do_not_call)
    plan, on_record = CallPlan(purpose.value, wanted.state), call.services.overlay.seen_by(call.principal.client)

    def verify(text: str) -> VerifiedPhone:
        phone = read(text, default_ddd)
        number = phone.number if isinstance(phone, Phone) else None
        live = on_record.phone(number, None) if number else None
        found = check_phone(text, Circumstances(default_ddd=default_ddd, live=live))
        now = usable(number, (found.reason, found.action), plan, calling)
        return VerifiedPhone(**msgspec.structs.asdict(found), usable_now=now)

    verdicts = await in_slices(verify, wanted.phones)
    row = verification_row(call, "verify_phones", wanted.purpose or call.principal.default_purpose, len(verdicts))
    return Outcome(_encode(PhoneVerdicts(verdicts)), [row])
