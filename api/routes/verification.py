"""``/v1/emails/verify`` and ``/v1/phones/verify``: verdicts on contacts the client already holds."""

from typing import Any

import msgspec
from litestar import Request, post

from api.charging import Call, Outcome, charged
from api.decoding import decoded
from api.description import Described
from api.examples import EMAILS, PHONES
from api.replies import Reply
from api.schemas.verification import EmailsToVerify, EmailVerdicts, PhonesToVerify, PhoneVerdicts
from api.slices import in_slices
from api.usage_rows import verification_row
from bureau.deliverability.phone.verdict import Circumstances, check_phone

_emails = msgspec.json.Decoder(EmailsToVerify)
_phones = msgspec.json.Decoder(PhonesToVerify)
_encode = msgspec.json.Encoder().encode


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


async def _verify_emails(call: Call, body: bytes) -> Outcome:
    wanted = decoded(_emails, body)
    verdicts = await call.services.verifier.verify(wanted.emails, wanted.depth, wanted.wait_ms / 1000)
    row = verification_row(call, "verify_emails", wanted.purpose or call.principal.default_purpose, len(verdicts))
    return Outcome(_encode(EmailVerdicts(verdicts)), [row])


async def _verify_phones(call: Call, body: bytes) -> Outcome:
    wanted = decoded(_phones, body)
    circumstances = Circumstances(default_ddd=int(wanted.default_ddd) if wanted.default_ddd else None)
    verdicts = await in_slices(lambda number: check_phone(number, circumstances), wanted.phones)
    row = verification_row(call, "verify_phones", wanted.purpose or call.principal.default_purpose, len(verdicts))
    return Outcome(_encode(PhoneVerdicts(verdicts)), [row])
