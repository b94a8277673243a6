"""Expiration of CME equity-index futures."""

from __future__ import annotations

from datetime import date, timedelta

from .calendar import is_trading_day
from .front_month import CALENDAR_ROOTS, delivery_month, parse_outright, third_friday

_QUARTERLY = (3, 6, 9, 12)


def expiration_date(symbol: str, on: date) -> date | None:
    """Return the date on which a contract expires by CME's rule, None where there is no rule.

    The third Friday of the delivery month, or the trading day before it where the exchange is
    closed. Known for the quarterly contracts of the equity indices.

    Parameters
    ----------
    symbol : str
        Raw symbol, such as ``ESM5``.
    on : datetime.date
        A date on which the symbol trades; resolves its year.

    Examples
    --------
    >>> expiration_date("ESM6", date(2026, 6, 1))  # the third Friday is Juneteenth
    datetime.date(2026, 6, 18)
    """
    outright = parse_outright(symbol)
    if outright is None or outright.root not in CALENDAR_ROOTS or outright.month not in _QUARTERLY:
        return None
    day = third_friday(*delivery_month(outright, on))
    while not is_trading_day(day):
        day -= timedelta(days=1)
    return day
