"""Moments in queries: where a page of something sorted by time begins."""

import datetime as dt
from typing import Any

from litestar import Request

from api.errors import RequestRefused


def before_of(request: Request[Any, Any, Any]) -> dt.datetime:
    """What ``before`` says; a day from now if it is left out, since clocks differ.

    Raises :class:`RequestRefused` for what is no moment.
    """
    given = request.query_params.get("before")
    if given is None:
        return dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    try:
        return dt.datetime.fromisoformat(given.replace(" ", "+")).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise RequestRefused("invalid_parameter", "before must be a moment as of ISO 8601.") from None
