from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.data_eng.exchange.sessions import (
    FIRST3H,
    GLOBEX_CLOSE,
    GLOBEX_OPEN,
    NEW_YORK,
    PRE_MARKET,
    PRE_MARKET_START,
    RTH,
    RTH_CLOSE,
    RTH_OPEN,
    globex_session_ns,
    session_ns,
    utc_day_ns,
    window_ns,
)

HOUR_NS = 3_600 * 10**9
NAMED_TIMES = (PRE_MARKET_START, RTH_OPEN, time(12, 30), RTH_CLOSE, GLOBEX_CLOSE, GLOBEX_OPEN)
DAYS = st.dates(date(2005, 1, 1), date(2035, 12, 31))


def utc_ns(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9


def test_named_times() -> None:
    assert ZoneInfo("America/New_York") == NEW_YORK
    assert (time(4), time(9, 30)) == PRE_MARKET
    assert (time(9, 30), time(16)) == RTH
    assert (time(9, 30), time(12, 30)) == FIRST3H
    assert (time(18), time(17)) == (GLOBEX_OPEN, GLOBEX_CLOSE)


@pytest.mark.parametrize("t", NAMED_TIMES)
def test_every_day_of_31_years_as_pandas_localizes_it(t: time) -> None:
    days = pd.date_range("2005-01-01", "2035-12-31", freq="D", unit="ns")
    walls = days + pd.Timedelta(hours=t.hour, minutes=t.minute)
    expected = walls.tz_localize("America/New_York").tz_convert("UTC").asi8.tolist()
    assert [session_ns(d.date(), t) for d in days] == expected


@pytest.mark.parametrize(
    ("d", "open_utc"),
    [
        (date(2025, 3, 7), "2025-03-07T14:30"),  # EST, Friday before the change
        (date(2025, 3, 9), "2025-03-09T13:30"),  # the Sunday itself
        (date(2025, 3, 10), "2025-03-10T13:30"),  # EDT
        (date(2025, 10, 31), "2025-10-31T13:30"),
        (date(2025, 11, 2), "2025-11-02T14:30"),
        (date(2025, 11, 3), "2025-11-03T14:30"),
        (date(2006, 3, 20), "2006-03-20T14:30"),  # until 2006 the change came in April
        (date(2007, 3, 20), "2007-03-20T13:30"),
    ],
)
def test_rth_open_around_the_changes_of_the_clock(d: date, open_utc: str) -> None:
    assert session_ns(d, RTH_OPEN) == utc_ns(open_utc)


@pytest.mark.parametrize("t", [time(2), time(2, 30), time(2, 59, 59, 999_999)])
def test_skipped_wall_time_is_refused(t: time) -> None:
    with pytest.raises(ValueError, match="does not exist on 2025-03-09 in America/New_York"):
        session_ns(date(2025, 3, 9), t)


@pytest.mark.parametrize("t", [time(1), time(1, 30), time(1, 59, 59, 999_999), time(1, fold=1)])
def test_repeated_wall_time_is_refused(t: time) -> None:
    with pytest.raises(ValueError, match="occurs twice on 2025-11-02 in America/New_York"):
        session_ns(date(2025, 11, 2), t)


@pytest.mark.parametrize(
    ("d", "t", "utc"),
    [
        (date(2025, 3, 9), time(1, 59, 59), "2025-03-09T06:59:59"),
        (date(2025, 3, 9), time(3), "2025-03-09T07:00:00"),
        (date(2025, 11, 2), time(0, 59, 59), "2025-11-02T04:59:59"),
        (date(2025, 11, 2), time(2), "2025-11-02T07:00:00"),
        (date(2025, 11, 2), time(2, fold=1), "2025-11-02T07:00:00"),
    ],
)
def test_wall_times_beside_the_change_are_unambiguous(d: date, t: time, utc: str) -> None:
    assert session_ns(d, t) == utc_ns(utc)


@given(DAYS, st.times())
def test_instant_reads_as_the_wall_time_or_there_is_none(d: date, t: time) -> None:
    # The other way round: all instants of the two UTC days that show this wall time.
    wall = datetime.combine(d, t)
    zone = ZoneInfo("America/New_York")
    shown = {
        instant
        for hours in (4, 5)
        if (instant := (wall + timedelta(hours=hours)).replace(tzinfo=UTC))
        .astimezone(zone)
        .replace(tzinfo=None)
        == wall
    }
    if len(shown) == 1:
        since = shown.pop() - datetime(1970, 1, 1, tzinfo=UTC)
        whole_seconds = since.days * 86_400 + since.seconds
        assert session_ns(d, t) == whole_seconds * 10**9 + since.microseconds * 1_000
    else:
        with pytest.raises(ValueError, match=r"does not exist|occurs twice"):
            session_ns(d, t)


def test_a_time_with_a_zone_and_a_datetime_are_refused() -> None:
    with pytest.raises(ValueError, match="carries a zone"):
        session_ns(date(2025, 6, 5), time(9, 30, tzinfo=UTC))
    moment = datetime(2025, 6, 5)
    with pytest.raises(TypeError, match="datetime"):
        session_ns(moment, RTH_OPEN)
    with pytest.raises(TypeError, match="datetime"):
        utc_day_ns(moment)
    with pytest.raises(TypeError, match="datetime"):
        globex_session_ns(moment)


def test_window_of_the_first_three_hours() -> None:
    start, end = window_ns(date(2025, 6, 5), *FIRST3H)
    assert start == utc_ns("2025-06-05T13:30")
    assert end - start == 3 * HOUR_NS


@pytest.mark.parametrize("end", [time(9, 30), time(4)])
def test_empty_or_reversed_window_is_refused(end: time) -> None:
    with pytest.raises(ValueError, match="does not end after its start"):
        window_ns(date(2025, 6, 5), RTH_OPEN, end)


def test_window_over_a_change_of_the_clock_has_its_true_length() -> None:
    start, end = window_ns(date(2025, 3, 9), time(0), time(4))
    assert end - start == 3 * HOUR_NS
    start, end = window_ns(date(2025, 11, 2), time(0), time(4))
    assert end - start == 5 * HOUR_NS


def test_globex_session() -> None:
    # Monday's session opens on Sunday evening, here after the clock went forward.
    start, end = globex_session_ns(date(2025, 3, 10))
    assert start == utc_ns("2025-03-09T22:00")
    assert end == utc_ns("2025-03-10T21:00")


@given(DAYS)
def test_globex_session_always_lasts_23_hours(d: date) -> None:
    # The clock changes in the night to Sunday, when no session is open.
    start, end = globex_session_ns(d)
    expected = {6: (22, 23, 24)}.get(d.weekday(), (23,))
    assert (end - start) // HOUR_NS in expected


@given(DAYS)
def test_utc_days_tile_time(d: date) -> None:
    start, end = utc_day_ns(d)
    assert start == utc_ns(d.isoformat())
    assert end == utc_day_ns(d + timedelta(days=1))[0] == start + 24 * HOUR_NS


@given(DAYS)
def test_pre_market_to_first_three_hours_lie_in_one_utc_day(d: date) -> None:
    start, end = utc_day_ns(d)
    assert start < window_ns(d, *PRE_MARKET)[0] < window_ns(d, *FIRST3H)[1] < end
