"""``GET /v1/usage``: what this client asked for and what it cost."""

import datetime as dt
from typing import Any

import msgspec
from litestar import Request

from api.auth import caller
from api.description import Described
from api.errors import RequestRefused
from api.methods import get
from api.replies import Reply
from api.schemas.usage import Usage
from api.services import require_services
from bureau.access.usage import usage_by_day

LONGEST = dt.timedelta(days=366)

_encode = msgspec.json.Encoder().encode
_DATE = {"type": "string", "format": "date"}
_PARAMETERS: tuple[dict[str, Any], ...] = (
    {"name": "from", "in": "query", "description": "First day (UTC); 30 days ago.", "schema": _DATE},
    {"name": "to", "in": "query", "description": "Last day (UTC); today.", "schema": _DATE},
)


@get(
    "/usage",
    operation_id="usage",
    summary="Your requests and units by day, operation and status",
    opt=Described(answer=Usage, parameters=_PARAMETERS).as_option(),
)
async def usage(request: Request[Any, Any, Any]) -> Reply:
    """Both days are included; at most 366 days at once."""
    today = dt.datetime.now(dt.UTC).date()
    last = _day(request, "to", today)
    first = _day(request, "from", last - dt.timedelta(days=30) if last.year > 1 else last)
    if not first <= last <= first + LONGEST:
        raise RequestRefused("invalid_parameter", "from must not be after to, nor more than 366 days before it.")
    days = await usage_by_day(require_services(request.scope).store, caller(request).client, first, last)
    return Reply(_encode(Usage(first, last, sum(day.units for day in days), days)))


def _day(request: Request[Any, Any, Any], name: str, default: dt.date) -> dt.date:
    given = request.query_params.get(name)
    if given is None:
        return default
    try:
        day = dt.date.fromisoformat(given)
    except ValueError:
        raise RequestRefused("invalid_parameter", f"{name} must be a date as YYYY-MM-DD.") from None
    if not 2000 <= day.year <= 2999:
        raise RequestRefused("invalid_parameter", f"{name} must lie between 2000 and 2999.")
    return day
