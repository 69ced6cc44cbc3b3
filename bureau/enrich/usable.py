"""May a phone be used now: the legal hour where its holder lives, lists, opposition and verdict as one value."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType

import msgspec

from bureau.deliverability.phone.calling import NO_LISTS, Blocked, CallPlan, Usable, usable_now
from bureau.deliverability.phone.do_not_call import DoNotCall
from bureau.deliverability.phone.reasons import OPPOSED, Reason
from bureau.model.answer import Action, AddressAnswer, UsableNow
from bureau.model.query import Purpose
from bureau.reference.places import Municipality, municipalities

VOICE = "voice"

_OPPOSED = frozenset(reason.value for reason in OPPOSED)


class Calling(msgspec.Struct, frozen=True):
    """What decides besides the number and its place: the moment, what the call is for, and the lists to respect."""

    at: datetime
    purpose: str = Purpose.COLLECTION.value
    lists: DoNotCall = NO_LISTS


def plan_for(address: AddressAnswer | None, purpose: str) -> CallPlan:
    """By the clock of the debtor's municipality if that is known, else by the state's, else by the area code."""
    if address is None or address.state is None:
        return CallPlan(purpose)
    place = _municipalities().get((address.city or "", address.state))
    return CallPlan(purpose, address.state, time_zone=place.time_zone if place else None)


@cache
def _municipalities() -> Mapping[tuple[str, str], Municipality]:
    return MappingProxyType({(place.name, place.state): place for place in municipalities()})


def usable(number: int | None, judged: tuple[str, Action], plan: CallPlan, calling: Calling) -> UsableNow:
    """``number`` is national, ``None`` for what is none; ``judged`` are reason and action of its verdict."""
    barrier = barrier_of(*judged)
    if number is None or barrier:
        return UsableNow(blocked_by=barrier or Blocked.INVALID.value)
    return _told(usable_now(number, calling.at, plan, calling.lists))


def barrier_of(reason: str, action: Action) -> str | None:
    """What in the verdict itself stands against any call."""
    if reason in _OPPOSED:
        return Blocked.OPPOSITION.value
    if reason == Reason.WRONG_PERSON:
        return Blocked.WRONG_PERSON.value
    return Blocked.INVALID.value if action is Action.DO_NOT_SEND else None


def _told(found: Usable) -> UsableNow:
    if found.now:
        return UsableNow(channel=VOICE, until=found.until)
    blocked_by = found.blocked_by.value if found.blocked_by else None
    return UsableNow(blocked_by=blocked_by, opens_at=found.opens_at, lists=list(found.lists))
