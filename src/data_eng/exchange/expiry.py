"""Expiration of CME futures: the last day of trading, by the contract specification of the product.

Business days are the trading days of the exchange calendar of this package, XNYS. CME's differ
from them where the stock exchange alone is closed (a day of mourning): there a rule that counts
business days is one day early.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

from .calendar import is_trading_day
from .products import PRODUCTS, ExpiryRule
from .symbols import delivery_month, parse_outright

_ONE_DAY: Final = timedelta(days=1)


def third_friday(year: int, month: int) -> date:
    """Return the third Friday of a month, on which CME equity-index futures expire.

    On a holiday the contract expires the day before; the roll counts from the Friday still.
    """
    first = date(year, month, 1)
    return first + timedelta(days=(4 - first.weekday()) % 7 + 14)


def third_friday_or_before(year: int, month: int) -> date:
    """Return the third Friday, or the business day before it (equity indices)."""
    return _business_day_not_after(third_friday(year, month))


def crude_oil(year: int, month: int) -> date:
    """Return three business days before the 25th of the month before delivery.

    Four where the 25th is no business day.

    >>> crude_oil(2025, 6)
    datetime.date(2025, 5, 20)
    """
    before = date(year, month, 1) - _ONE_DAY
    return _business_days_before(_business_day_not_after(before.replace(day=25)), 3)


def third_last_business_day(year: int, month: int) -> date:
    """Return the third last business day of the delivery month (gold).

    >>> third_last_business_day(2025, 6)
    datetime.date(2025, 6, 26)
    """
    return _business_days_before(_last_business_day(year, month), 2)


def treasury_note(year: int, month: int) -> date:
    """Return the seventh business day before the last one of the month.

    >>> treasury_note(2025, 6)
    datetime.date(2025, 6, 18)
    """
    return _business_days_before(_last_business_day(year, month), 7)


EXPIRY_RULES: Final[Mapping[ExpiryRule, Callable[[int, int], date]]] = MappingProxyType(
    {
        "third_friday": third_friday_or_before,
        "crude_oil": crude_oil,
        "third_last_business_day": third_last_business_day,
        "treasury_note": treasury_note,
    }
)
"""Year and month of delivery to the last day of trading."""


def expiration_date(symbol: str, on: date) -> date | None:
    """Return the date on which a contract expires by CME's rule, None where there is no rule.

    Known for the delivery months that the product lists for every year.

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
    if outright is None or product is None or product.expiry_rule is None:
        return None
    if outright.month not in product.delivery_months:
        return None
    return EXPIRY_RULES[product.expiry_rule](*delivery_month(outright, on))


def _business_day_not_after(day: date) -> date:
    while not is_trading_day(day):
        day -= _ONE_DAY
    return day


def _business_days_before(day: date, count: int) -> date:
    for _ in range(count):
        day = _business_day_not_after(day - _ONE_DAY)
    return day


def _last_business_day(year: int, month: int) -> date:
    after = date(year + month // 12, month % 12 + 1, 1)
    return _business_day_not_after(after - _ONE_DAY)
