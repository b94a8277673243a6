"""Last days of trading, beside those that CME lists."""

from __future__ import annotations

import datetime as dt

import pytest

from src.data_eng.exchange.expiry import expiration_date


@pytest.mark.parametrize(
    ("symbol", "on", "expected"),
    [
        # Last trade dates of CME's product calendars.
        ("CLM5", dt.date(2025, 5, 1), dt.date(2025, 5, 20)),  # 25 May is a Sunday
        ("CLN5", dt.date(2025, 6, 2), dt.date(2025, 6, 20)),  # Juneteenth is no business day
        ("CLF5", dt.date(2024, 12, 2), dt.date(2024, 12, 19)),  # nor Christmas Day
        ("CLK0", dt.date(2020, 4, 1), dt.date(2020, 4, 21)),  # negative prices the day before
        ("GCM5", dt.date(2025, 6, 2), dt.date(2025, 6, 26)),
        ("GCZ4", dt.date(2024, 12, 2), dt.date(2024, 12, 27)),
        ("ZNM5", dt.date(2025, 6, 2), dt.date(2025, 6, 18)),
        ("ZNZ4", dt.date(2024, 12, 2), dt.date(2024, 12, 19)),
        ("GCK5", dt.date(2025, 5, 1), None),  # listed near its month only
        ("6EM5", dt.date(2025, 6, 2), None),
    ],
)
def test_the_last_day_of_trading(symbol: str, on: dt.date, expected: dt.date | None) -> None:
    assert expiration_date(symbol, on) == expected
