"""Dates of a command line."""

from __future__ import annotations

import datetime as dt

import pytest

from src.data_eng.errors import UsageError
from src.data_eng.exchange.calendar import is_trading_day
from src.data_eng.exchange.dates import parse_date, parse_dates, parse_range


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("20250506", "did you mean 2025-05-06?"),
        ("2025/5/6", "did you mean 2025-05-06?"),
        ("5/6/2025", "did you mean 2025-05-06 or 2025-06-05?"),
        ("31.12.2025", "did you mean 2025-12-31?"),
        ("2025-05-06..2025-05-09", "did you mean --dates 2025-05-06:2025-05-09?"),
        ("2025-05-06 to 2025-05-09", "did you mean --dates 2025-05-06:2025-05-09?"),
        ("2025-02-30", "'2025-02-30' is not a date: day is out of range for month"),
        ("yesterday", "'yesterday' is not a date of the form YYYY-MM-DD"),
        ("٢٠٢٥-٠٥-٠٦", "'٢٠٢٥-٠٥-٠٦' is not a date of the form YYYY-MM-DD"),  # noqa: RUF001
    ],
)
def test_a_date_in_another_form_is_asked_back(text: str, told: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_date(text)
    assert str(raised.value).endswith(told)


def test_a_reversed_range_is_turned() -> None:
    with pytest.raises(UsageError, match=r"reversed; did you mean 2025-05-06:2025-05-09\?$"):
        parse_range("2025-05-09:2025-05-06")


def test_a_range_of_three_is_none() -> None:
    with pytest.raises(UsageError, match="a range is FIRST:LAST"):
        parse_range("2025-05-06:2025-05-07:2025-05-08")
