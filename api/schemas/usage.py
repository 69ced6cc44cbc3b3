"""The body of ``GET /v1/usage``."""

import datetime as dt

import msgspec

from bureau.access.usage import UsageDay


class Usage(msgspec.Struct, frozen=True, rename={"first": "from", "last": "to"}):
    """What one client asked for between two days, both included (UTC); ``units`` is the sum of what it cost."""

    first: dt.date
    last: dt.date
    units: int
    days: list[UsageDay]
