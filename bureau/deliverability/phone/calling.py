"""May this number be rung now? The legal window of the debtor's state, by the debtor's clock, and do-not-call lists.

The windows are a table (``calling_hours.csv``) with the statute beside each; they concern collection calls, and are
kept whatever the purpose. Windows open and close on the hour everywhere, and clocks differ by whole hours, so what is
true at one minute of an hour is true at all of them: answers are computed once an hour and place.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache, lru_cache

import msgspec

from bureau.deliverability.phone import places
from bureau.deliverability.phone.do_not_call import DoNotCall, ListedNumbers
from bureau.deliverability.phone.holidays import holidays
from bureau.deliverability.phone.places import Clock
from bureau.deliverability.phone.tables import rows

HOURS_AHEAD = 14 * 24  # a fortnight without an open hour happens with invented holidays only


class Blocked(StrEnum):
    """Why a number may not be rung now."""

    OUTSIDE_HOURS = "outside_hours"
    SUNDAY = "sunday"
    SATURDAY = "saturday"
    HOLIDAY = "holiday"
    DO_NOT_CALL = "do_not_call"
    OPPOSITION = "opposition"
    WRONG_PERSON = "wrong_person"
    INVALID = "invalid"


class Hours(msgspec.Struct, frozen=True):
    """Full hours of the local clock; ``saturday`` is ``None`` where Saturdays are closed."""

    weekday: tuple[int, int]
    saturday: tuple[int, int] | None
    source: str


class Usable(msgspec.Struct, frozen=True, omit_defaults=True):
    """``until`` is when the window closes; ``blocked_by`` says why not now, ``opens_at`` when it may be tried, unless a
    list forbids it."""

    now: bool
    until: datetime | None = None
    blocked_by: Blocked | None = None
    opens_at: datetime | None = None
    lists: tuple[str, ...] = ()


class CallPlan(msgspec.Struct, frozen=True):
    """``state`` is the debtor's if the address tells, ``time_zone`` that of their municipality. Without a state the
    area code decides, and where that serves two states or clocks all must be open. ``closed_days`` are municipal
    holidays."""

    purpose: str = "collection"
    state: str | None = None
    closed_days: Collection[date] = frozenset()
    time_zone: str | None = None


COLLECTION = CallPlan()
NO_LISTS = ListedNumbers()


@cache
def calling_hours(state: str) -> Hours:
    """The window of ``state``, or of the country where the state has no statute of its own."""
    table = {row[0]: row for row in rows("calling_hours.csv")}
    row = table.get(state, table["*"])
    saturday = (int(row[3]), int(row[4])) if row[3] else None
    return Hours((int(row[1]), int(row[2])), saturday, row[6])


def usable_now(number: int, at: datetime, plan: CallPlan = COLLECTION, lists: DoNotCall = NO_LISTS) -> Usable:
    """Whether a national number may be rung at ``at`` (aware); see :class:`Usable`."""
    clocks = places.clocks_of(number) if plan.state is None else places.clocks_in(plan.state, plan.time_zone)
    if entries := lists.entries(number):
        today = at.astimezone(_offset(clocks[0])).date()
        forbidden = tuple(entry.list_name for entry in entries if entry.forbids(plan.purpose, today))
        if forbidden:
            return Usable(now=False, blocked_by=Blocked.DO_NOT_CALL, lists=forbidden)
    return _in_the_hour(int(at.timestamp()) // 3600, clocks, frozenset(plan.closed_days))


@lru_cache(maxsize=4096)  # a pure function of few places and the present hour
def _in_the_hour(hour: int, clocks: tuple[Clock, ...], closed_days: frozenset[date]) -> Usable:
    """``hour`` is counted from 1970, in UTC."""
    here = _offset(clocks[0])

    def instant(hours: int) -> datetime:
        return datetime.fromtimestamp(hours * 3600, UTC).astimezone(here)

    blocked = _blocked(hour, clocks, closed_days)
    if blocked is None:
        return Usable(now=True, until=instant(next(h for h in _ahead(hour) if _blocked(h, clocks, closed_days))))
    opens = next((h for h in _ahead(hour) if _blocked(h, clocks, closed_days) is None), None)
    return Usable(now=False, blocked_by=blocked, opens_at=None if opens is None else instant(opens))


def _ahead(hour: int) -> range:
    return range(hour + 1, hour + 1 + HOURS_AHEAD)


def _blocked(hour: int, clocks: tuple[Clock, ...], closed_days: frozenset[date]) -> Blocked | None:
    """Why nobody may be rung in an hour, in at least one of the places; a closed day before a late hour."""
    found = [_blocked_in(hour, clock, closed_days) for clock in clocks]
    days = [reason for reason in found if reason not in (None, Blocked.OUTSIDE_HOURS)]
    return next(iter(days), None) or next((reason for reason in found if reason), None)


def _blocked_in(hour: int, clock: Clock, closed_days: frozenset[date]) -> Blocked | None:
    here = datetime.fromtimestamp((hour + clock.offset) * 3600, UTC)  # its face shows the local time
    day = here.date()
    if day in closed_days or day in holidays(day.year, clock.state):
        return Blocked.HOLIDAY
    if day.weekday() == 6:
        return Blocked.SUNDAY
    hours = calling_hours(clock.state)
    window = hours.weekday if day.weekday() < 5 else hours.saturday
    if window is None:
        return Blocked.SATURDAY
    return None if window[0] <= here.hour < window[1] else Blocked.OUTSIDE_HOURS


def _offset(clock: Clock) -> timezone:
    return timezone(timedelta(hours=clock.offset))
