"""May this number be rung now? The legal window of the debtor's state, by the debtor's clock, and do-not-call lists.

The windows are a table (``calling_hours.csv``) with the statute beside each; they concern collection calls.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cache

import msgspec

from bureau.deliverability.phone import places
from bureau.deliverability.phone.do_not_call import DoNotCall, ListedNumbers
from bureau.deliverability.phone.holidays import holidays
from bureau.deliverability.phone.tables import rows


class Blocked(StrEnum):
    OUTSIDE_HOURS = "outside_hours"
    SUNDAY = "sunday"
    SATURDAY = "saturday"
    HOLIDAY = "holiday"
    DO_NOT_CALL = "do_not_call"


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
    """``state`` is the debtor's if the address tells; otherwise the area code decides, and where that serves two
    states both must be open. ``closed_days`` are municipal holidays."""

    purpose: str = "collection"
    state: str | None = None
    closed_days: Collection[date] = frozenset()


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
    states = (plan.state,) if plan.state else places.states_of(number) or ("*",)
    here = at.astimezone(places.clock(states[0]))
    forbidden = tuple(e.list_name for e in lists.entries(number) if e.forbids(plan.purpose, here.date()))
    if forbidden:
        return Usable(now=False, blocked_by=Blocked.DO_NOT_CALL, lists=forbidden)
    windows = [_window(here.date(), state, plan.closed_days) for state in states]
    for window in windows:
        if isinstance(window, Blocked):
            return Usable(now=False, blocked_by=window, opens_at=_next_opening(here, states, plan.closed_days))
    opens, closes = _overlap([window for window in windows if not isinstance(window, Blocked)])
    if opens <= here.hour < closes:
        return Usable(now=True, until=_at(here, here.date(), closes))
    later = _at(here, here.date(), opens) if here.hour < opens else _next_opening(here, states, plan.closed_days)
    return Usable(now=False, blocked_by=Blocked.OUTSIDE_HOURS, opens_at=later)


def _window(day: date, state: str, closed_days: Collection[date]) -> tuple[int, int] | Blocked:
    """The hours of a day in a state, or why there are none."""
    if day in closed_days or day in holidays(day.year, state):
        return Blocked.HOLIDAY
    if day.weekday() == 6:
        return Blocked.SUNDAY
    hours = calling_hours(state)
    if day.weekday() == 5:
        return hours.saturday or Blocked.SATURDAY
    return hours.weekday


def _overlap(windows: list[tuple[int, int]]) -> tuple[int, int]:
    return max(opens for opens, _ in windows), min(closes for _, closes in windows)


def _next_opening(here: datetime, states: tuple[str, ...], closed_days: Collection[date]) -> datetime | None:
    """The first opening after today; ``None`` if two weeks bring none (only invented holidays can do that)."""
    for ahead in range(1, 15):
        day = here.date() + timedelta(days=ahead)
        windows = [_window(day, state, closed_days) for state in states]
        open_windows = [window for window in windows if not isinstance(window, Blocked)]
        if len(open_windows) == len(states):
            return _at(here, day, _overlap(open_windows)[0])
    return None


def _at(here: datetime, day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), here.tzinfo)
