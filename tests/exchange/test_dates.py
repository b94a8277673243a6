"""Dates of a command line."""

from __future__ import annotations

import datetime as dt

from src.data_eng.exchange.calendar import is_trading_day
from src.data_eng.exchange.dates import parse_dates


def test_a_range_of_decades() -> None:
    dates, left_out = parse_dates(None, "2000-01-01:2026-01-01")
    first, last = dt.date(2000, 1, 1), dt.date(2026, 1, 1)
    every = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    assert sorted(dates + left_out) == every
    assert all(map(is_trading_day, dates))
    assert not any(map(is_trading_day, left_out))


def test_one_date_and_a_range() -> None:
    dates, left_out = parse_dates("2025-06-07", "2025-06-05:2025-06-08")
    assert [str(day) for day in dates] == ["2025-06-07", "2025-06-05", "2025-06-06"]
    assert [str(day) for day in left_out] == ["2025-06-08"]
