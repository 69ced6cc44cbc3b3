"""The ``Idempotency-Key`` header (draft-ietf-httpapi-idempotency-key-header-07) put into ``bureau.access`` terms."""

from typing import Any, assert_never

from litestar import Request

from api.errors import RequestRefused
from api.replies import Reply
from api.services import Services
from bureau.access.idempotency import LONGEST_KEY, Refusal, Reservation, StoredAnswer, fingerprint
from bureau.errors import InvalidArgument
from bureau.ids import ClientId

_REPLAYED = ((b"idempotency-replayed", b"true"),)
_RETRY = ((b"retry-after", b"1"),)


def checked_key(request: Request[Any, Any, Any]) -> str | None:
    """The request's key, None without one. Raises :class:`RequestRefused` (400) for one that cannot be used."""
    key = _key(request)
    if key is not None and not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        detail = f"Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters."
        raise RequestRefused("invalid_idempotency_key", detail)
    return key


async def reserve(
    request: Request[Any, Any, Any], services: Services, client: ClientId, body: bytes
) -> Reservation | Reply | None:
    """The right to run this request, or the stored reply to it; None when it carries no key.

    Raises :class:`RequestRefused`: 400 for an unusable key, 409 while the first request runs, 422 for another body.
    """
    key = _key(request)
    if key is None:
        return None
    try:
        begun = await services.idempotency.begin(client, key, fingerprint(request.scope["path"], body))
    except InvalidArgument as error:
        raise RequestRefused("invalid_idempotency_key", str(error)) from None
    match begun:
        case Reservation():
            return begun
        case StoredAnswer():
            return Reply(begun.body, begun.status, headers=_REPLAYED)
        case Refusal():
            raise _refused(begun)
        case _:
            assert_never(begun)


def _key(request: Request[Any, Any, Any]) -> str | None:
    keys = [value for name, value in request.scope["headers"] if name == b"idempotency-key"]
    if not keys:
        return None
    if len(keys) > 1:  # which of them will be sent again?
        raise RequestRefused("invalid_idempotency_key", "Send one Idempotency-Key, not several.")
    # The draft makes it a quoted string (RFC 8941), most clients send it bare: both name the same key.
    text = keys[0].decode("latin-1").strip()
    return text[1:-1] if len(text) > 2 and text[0] == text[-1] == '"' else text


def _refused(refusal: Refusal) -> RequestRefused:
    match refusal:
        case Refusal.OTHER_BODY:
            return RequestRefused("idempotency_key_reused", "This key came with another request before.")
        case Refusal.STILL_RUNNING:
            return RequestRefused("request_in_progress", "The first request with this key still runs.", headers=_RETRY)
        case Refusal.UNAVAILABLE:
            return RequestRefused("store_unavailable", "The key cannot be looked up now.", headers=_RETRY)
        case _:
            assert_never(refusal)
