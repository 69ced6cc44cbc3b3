"""National and state holidays on which nobody should be rung; municipal ones are the caller's to add.

Days off by custom (Carnival, Corpus Christi) count too: a call not made costs little, a complaint costs more. The
table covers the states whose statute names holidays; have counsel review it, as the hours beside it.
"""

from datetime import date, timedelta
from functools import cache, lru_cache

from bureau.deliverability.phone.tables import rows


@lru_cache(maxsize=1024)
def holidays(year: int, state: str) -> frozenset[date]:
    """The holidays of ``year`` in ``state``."""
    sunday = easter(year)
    found = set()
    for where, day, _source in _table():
        if where not in ("*", state):
            continue
        if day.startswith("easter"):
            found.add(sunday + timedelta(days=int(day.removeprefix("easter"))))
        else:
            found.add(date(year, int(day[:2]), int(day[3:])))
    return frozenset(found)


@cache
def _table() -> tuple[tuple[str, str, str], ...]:
    return tuple((row[0], row[1], row[2]) for row in rows("holidays.csv"))


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    golden = year % 19
    century, rest = divmod(year, 100)
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
