from __future__ import annotations

import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from src.data_eng.errors import UsageError
from src.data_eng.exchange import calendar as trading_calendar
from src.data_eng.exchange.calendar import (
    CLOSURES_PATH,
    closure_reason,
    is_early_close,
    is_trading_day,
    render_closures,
    trading_days,
)

# exchange_calendars 4.13.2 reads Series.values, which pandas 3.1 deprecates.
old_pandas_call = pytest.mark.filterwarnings("ignore:Series.values returning:DeprecationWarning")


@pytest.mark.parametrize(
    ("d", "reason"),
    [
        (date(2001, 9, 11), "XNYS is closed (September 11 attacks)"),
        (date(2001, 9, 12), "XNYS is closed (September 11 attacks)"),
        (date(2001, 9, 13), "XNYS is closed (September 11 attacks)"),
        (date(2001, 9, 14), "XNYS is closed (September 11 attacks)"),
        (date(2012, 10, 29), "XNYS is closed (Hurricane Sandy)"),
        (date(2012, 10, 30), "XNYS is closed (Hurricane Sandy)"),
        (date(2021, 6, 18), None),  # Juneteenth of 2021 was no holiday of the exchange yet
        (date(2021, 12, 31), None),  # New Year's Day on a Saturday is not observed
        (date(2022, 6, 20), "XNYS is closed (Juneteenth National Independence Day)"),
        (date(2022, 12, 26), "XNYS is closed (Christmas Day)"),  # observed on the Monday
        (date(2024, 3, 29), "XNYS is closed (Good Friday)"),
        (date(2025, 1, 9), "XNYS is closed (National Day of Mourning for Jimmy Carter)"),
        (date(2025, 6, 19), "XNYS is closed (Juneteenth National Independence Day)"),
        (date(2025, 7, 3), None),
        (date(2025, 7, 4), "XNYS is closed (Independence Day)"),
        (date(2025, 7, 5), "a Saturday"),
        (date(2025, 7, 6), "a Sunday"),
        (date(2025, 10, 13), None),  # Columbus Day: bonds rest, shares trade
        (date(2025, 11, 11), None),
    ],
)
def test_reason_of_a_date_without_a_session(d: date, reason: str | None) -> None:
    assert closure_reason(d) == reason
    assert is_trading_day(d) is (reason is None)


@pytest.mark.parametrize(
    ("d", "is_early"),
    [
        (date(2025, 7, 3), True),
        (date(2025, 11, 28), True),
        (date(2025, 12, 24), True),
        (date(2003, 12, 26), True),
        (date(2025, 7, 2), False),
        (date(2025, 7, 4), False),  # closed, not early
        (date(2026, 7, 3), False),  # closed: the fourth is a Saturday
        (date(2022, 12, 24), False),  # a Saturday
    ],
)
def test_early_close(d: date, is_early: bool) -> None:
    assert is_early_close(d) is is_early


@old_pandas_call
def test_packaged_closures_are_those_of_the_library() -> None:
    assert CLOSURES_PATH.read_text(encoding="utf-8") == render_closures()


@pytest.mark.parametrize(
    ("year", "sessions"), [(2001, 248), (2012, 250), (2020, 253), (2024, 252), (2025, 250)]
)
def test_sessions_of_a_year(year: int, sessions: int) -> None:
    assert len(trading_days(date(year, 1, 1), date(year, 12, 31))) == sessions


def test_trading_days_include_both_ends() -> None:
    assert trading_days(date(2025, 7, 3), date(2025, 7, 7)) == [date(2025, 7, 3), date(2025, 7, 7)]
    assert trading_days(date(2025, 7, 3), date(2025, 7, 3)) == [date(2025, 7, 3)]
    assert trading_days(date(2025, 7, 4), date(2025, 7, 6)) == []


def test_reversed_range_is_refused() -> None:
    with pytest.raises(UsageError, match="2025-07-07:2025-07-03 ends before it begins"):
        trading_days(date(2025, 7, 7), date(2025, 7, 3))


@pytest.mark.parametrize("year", [1969, 2200, 9999])
def test_years_that_the_library_does_not_know_are_refused(year: int) -> None:
    with pytest.raises(UsageError, match="covers 1970 to 2199"):
        is_trading_day(date(year, 12, 25))
    with pytest.raises(UsageError):
        trading_days(date(2025, 1, 1), date(year, 12, 25))


@pytest.mark.parametrize("ask", [is_trading_day, closure_reason, is_early_close])
def test_a_datetime_is_no_date(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(TypeError, match="datetime"):
        ask(datetime(2025, 12, 25))


@old_pandas_call
def test_years_outside_the_file_come_from_the_library() -> None:
    assert closure_reason(date(1999, 7, 5)) == "XNYS is closed (Independence Day)"
    assert closure_reason(date(2036, 12, 25)) == "XNYS is closed (Christmas Day)"
    assert closure_reason(date(1994, 4, 27)) == "XNYS is closed (XNYS holiday)"  # no name known
    assert is_early_close(date(2036, 11, 28))


@old_pandas_call
def test_file_and_library_agree_where_they_meet() -> None:
    for year in (2000, 2035):
        packaged = trading_calendar._packaged()
        library = trading_calendar._from_library(year, year)
        of_year = {d: name for d, name in packaged.closed.items() if d.year == year}
        assert of_year == library.closed
        assert {d for d in packaged.early_close if d.year == year} == set(library.early_close)


def test_a_day_of_the_file_and_a_weekend_import_no_library() -> None:
    code = (
        "import sys; from datetime import date; from src.data_eng.exchange import calendar as t;"
        "assert not t.is_trading_day(date(2025, 1, 9)); assert t.is_early_close(date(2025, 7, 3));"
        # a Saturday outside the file
        "d = date(1999, 7, 3); assert not t.is_trading_day(d); assert not t.is_early_close(d);"
        "sys.exit(any(m in sys.modules for m in ('exchange_calendars', 'pandas', 'numpy')))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()


def test_every_weekend_is_closed() -> None:
    d = date(2024, 1, 6)
    for _ in range(52):
        assert closure_reason(d) == "a Saturday"
        assert closure_reason(d + timedelta(days=1)) == "a Sunday"
        d += timedelta(days=7)


@old_pandas_call
def test_command_writes_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config" / "xnys_closures.csv"
    monkeypatch.setattr(trading_calendar, "CLOSURES_PATH", path)
    trading_calendar.main()
    assert path.read_bytes() == CLOSURES_PATH.read_bytes()
