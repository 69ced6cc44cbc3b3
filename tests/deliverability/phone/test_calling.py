from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bureau.deliverability.phone.calling import Blocked, CallPlan, Usable, calling_hours, usable_now
from bureau.deliverability.phone.do_not_call import read_list
from bureau.deliverability.phone.holidays import easter, holidays
from bureau.deliverability.phone.places import Clock, clocks_in, clocks_of, time_zones
from bureau.errors import UnreadableInput
from bureau.reference.places import area_codes, states

SP, RJ, AC, DF_GO = 11_98765_4320, 21_98765_4320, 68_98765_4320, 61_98765_4320
BRASILIA = timezone(timedelta(hours=-3))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026: the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=BRASILIA)


def test_the_window_by_the_debtors_clock() -> None:
    assert Usable(now=True, until=at(23, 20)) == usable_now(SP, at(23, 8))
    assert Usable(now=True, until=at(23, 20)) == usable_now(SP, at(23, 19, 59))
    assert Usable(False, None, Blocked.OUTSIDE_HOURS, at(24, 8)) == usable_now(SP, at(23, 20))
    assert Usable(False, None, Blocked.OUTSIDE_HOURS, at(23, 9)) == usable_now(RJ, at(23, 8, 59))
    assert Usable(False, None, Blocked.OUTSIDE_HOURS, at(23, 10)) == usable_now(AC, at(23, 9))  # seven in Acre
    assert Usable(now=True, until=at(23, 20)) == usable_now(SP, at(23, 14).astimezone(UTC))


def test_weekends_and_holidays() -> None:
    assert Usable(now=True, until=at(28, 14)) == usable_now(SP, at(28, 13))
    assert Usable(False, None, Blocked.OUTSIDE_HOURS, at(30, 8)) == usable_now(SP, at(28, 14))
    assert Usable(False, None, Blocked.SATURDAY, at(30, 9)) == usable_now(RJ, at(28, 10))
    assert Usable(False, None, Blocked.SUNDAY, at(30, 8)) == usable_now(SP, at(29, 10))
    assert Usable(False, None, Blocked.HOLIDAY, at(21, 8)) == usable_now(SP, at(20, 10))
    plan = CallPlan(closed_days={date(2026, 11, 23)})
    assert Usable(False, None, Blocked.HOLIDAY, at(24, 8)) == usable_now(SP, at(23, 10), plan)


def test_the_address_decides_the_state() -> None:
    assert usable_now(SP, at(23, 19, 30)).now
    assert not usable_now(SP, at(23, 19, 30), CallPlan(state="RJ")).now
    assert usable_now(DF_GO, at(23, 19, 30)).now


def test_an_unknown_area_code_falls_under_the_national_rule() -> None:
    assert Usable(now=True, until=at(23, 20)) == usable_now(20_98765_4320, at(23, 8))


def test_do_not_call_has_list_scope_and_date(tmp_path: Path) -> None:
    path = tmp_path / "lists.csv"
    path.write_text(
        "number,list,scope,since\n11 98765-4320,nao_me_ligue_sp,collection|sales,2026-11-24\n"
        "(21) 98765-4320,nao_me_perturbe,sales,2020-01-01\n",
        encoding="utf-8",
    )
    lists = read_list(path)
    assert usable_now(SP, at(23, 10), lists=lists).now
    blocked = Usable(now=False, blocked_by=Blocked.DO_NOT_CALL, lists=("nao_me_ligue_sp",))
    assert blocked == usable_now(SP, at(24, 10), lists=lists)
    assert usable_now(RJ, at(24, 10), lists=lists).now
    assert not usable_now(RJ, at(24, 10), CallPlan("sales"), lists).now


@pytest.mark.parametrize(
    "line", ["11 9876,x,sales,2026-01-01", "11 98765-4320,x,sales,01/01/2026", "11 98765-4320,x,,"]
)
def test_a_bad_entry_is_never_dropped(tmp_path: Path, line: str) -> None:
    path = tmp_path / "lists.csv"
    path.write_text(f"number,list,scope,since\n{line}\n", encoding="utf-8")
    with pytest.raises(UnreadableInput, match="Line 2"):
        read_list(path)
    with pytest.raises(UnreadableInput):
        read_list(tmp_path / "absent.csv")


def test_movable_holidays() -> None:
    known = {2000: (4, 23), 2016: (3, 27), 2024: (3, 31), 2025: (4, 20), 2026: (4, 5), 2038: (4, 25), 2285: (3, 22)}
    assert known == {year: (easter(year).month, easter(year).day) for year in known}
    assert {date(2026, 4, 3), date(2026, 2, 17), date(2026, 6, 4), date(2026, 11, 20)} < holidays(2026, "MG")
    assert date(2026, 7, 9) in holidays(2026, "SP") - holidays(2026, "MG")


def test_every_area_code_has_a_clock_and_hours() -> None:
    served = {state for found in area_codes().values() for state in found}
    assert {state.abbreviation for state in states()} == served == set(time_zones())
    for state in served:
        opens, closes = calling_hours(state).weekday
        assert 8 <= opens < closes <= 20
        assert {clock.offset for clock in clocks_in(state)} <= {-3, -4, -5}
        assert {clock.state for clock in clocks_in(state)} == {state}


def test_a_state_with_two_clocks_goes_by_the_municipalitys_or_by_both() -> None:
    """The west of Amazonas is an hour behind Manaus; calls end there at 19 h."""
    west, noronha = (
        CallPlan(state="AM", time_zone="America/Rio_Branco"),
        CallPlan(state="PE", time_zone="America/Noronha"),
    )
    number = 97_98765_4320
    assert {Clock("AM", -4), Clock("AM", -5)} == set(clocks_of(number)) == set(clocks_in("AM"))
    assert usable_now(number, at(23, 20, 30), west).now  # 18:30 there
    assert not usable_now(number, at(23, 20, 30)).now  # 19:30 in Manaus
    assert not usable_now(number, at(23, 9, 30), west).now  # 7:30
    assert usable_now(number, at(23, 10), west).now
    assert at(23, 20) == usable_now(number, at(23, 10)).until
    assert (Clock("PE", -3),) == clocks_of(81_98765_4320)
    assert at(23, 19) == usable_now(81_98765_4320, at(23, 10), noronha).until


def test_where_an_area_code_serves_two_states_both_count() -> None:
    assert {"GO", "DF"} == {clock.state for clock in clocks_of(DF_GO)}
    assert {"PR", "SC"} == {clock.state for clock in clocks_of(42_98765_4320)}


@given(st.sampled_from([SP, RJ, AC, DF_GO, 97_98765_4320]), st.integers(1_704_067_200, 1_893_456_000))
def test_what_opens_is_open(number: int, seconds: int) -> None:
    usable = usable_now(number, datetime.fromtimestamp(seconds, UTC))
    if usable.opens_at:
        assert usable_now(number, usable.opens_at).now
    else:
        assert usable.now
        assert usable.until is not None
        assert not usable_now(number, usable.until).now
