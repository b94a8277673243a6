"""Expiration of CME futures."""

from __future__ import annotations

from datetime import date, timedelta

from .calendar import is_trading_day
from .products import PRODUCTS
from .symbols import delivery_month, parse_outright


def third_friday(year: int, month: int) -> date:
    """Return the third Friday of a month, on which CME equity-index futures expire.

    On a holiday the contract expires the day before; the roll counts from the Friday still.
    """
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)


def expiration_date(symbol: str, on: date) -> date | None:
    """Return the date on which a contract expires by CME's rule, None where there is no rule.

    The third Friday of the delivery month, or the trading day before it where the exchange is
    closed. Known for the quarterly contracts of the equity indices; other products bring a rule
    of their own, or have none here.

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
    product = None if outright is None else PRODUCTS.get(outright.root)
    if outright is None or product is None or product.expiry_rule != "third_friday":
        return None
    if outright.month not in product.delivery_months:
        return None
    day = third_friday(*delivery_month(outright, on))
    while not is_trading_day(day):
        day -= timedelta(days=1)
    return day
