"""The listed expiries of the options on a root's futures on a date.

Products of the E-mini S&P 500: ``ES`` (quarterly, American, expires with its future at
09:30 New York), ``E1A`` to ``E5D`` (the n-th Monday to Thursday of a month), ``EW1`` to
``EW4`` (the n-th Friday) and ``EW`` (the month's last trading day); the last three are
European and expire at 16:00 New York, into the nearest quarterly future that is alive then.
Listed are the weeklies of the next days and weeks, half a year of month ends, the third
Fridays of the next serial months (those without a quarterly), and five quarterlies.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from ...errors import UsageError
from ...exchange.calendar import is_early_close, is_trading_day
from ...exchange.expiry import third_friday
from ...exchange.sessions import session_ns
from ...exchange.symbols import MONTH_CODES
from ..clock import midnight_ns
from ..contracts import MAX_INSTRUMENTS, Instrument, instruments

OPTION_ROOTS: Final = ("ES",)
QUARTERLY_TIME: Final = dt.time(9, 30)
CLOSE_TIME: Final = dt.time(16, 0)
_EARLY_CLOSE_TIME: Final = dt.time(13, 0)

_DAILY_DAYS: Final = 8  # calendar days ahead over which Monday to Thursday expiries are listed
_FRIDAY_DAYS: Final = 29
_MONTH_ENDS: Final = 6
_SERIALS: Final = 3  # months between the quarterlies whose third Friday is listed early
_QUARTERLIES: Final = 5
_WEEKDAY_LETTERS: Final = "ABCD"
_WEEKLY_FRIDAYS: Final = 4


@dataclass(frozen=True)
class Expiry:
    """One expiry of one option product.

    Attributes
    ----------
    asset : str
        Product code, such as ``E1D``; its parent symbol (`parents`) is ``E1D.OPT``.
    symbol : str
        Product code with month and year, such as ``E1DM5``: a strike's prefix.
    date : datetime.date
        Day of expiry, New York.
    expiration_ns : int
        ns since epoch UTC.
    week : int or None
        Week of the month of a weekly, none for quarterlies and month ends.
    american : bool
        Exercise style; quarterlies are American.
    underlying : Instrument
        The future; ``underlying.near`` is its distance from the front month in quarters.
    """

    asset: str
    symbol: str
    date: dt.date
    expiration_ns: int
    week: int | None
    american: bool
    underlying: Instrument


def parents(root: str) -> list[str]:
    """Return the parent symbols of all option products of a root, the root's first.

    A customer asks for the same every day, though a weekly's product is listed in its week alone.
    """
    fridays = [f"EW{week}" for week in range(1, _WEEKLY_FRIDAYS + 1)]
    others = [f"E{week}{letter}" for week in range(1, 6) for letter in _WEEKDAY_LETTERS]
    return [f"{product}.OPT" for product in (root, *sorted(["EW", *fridays, *others]))]


def _month_code(date: dt.date) -> str:
    return f"{MONTH_CODES[date.month - 1]}{date.year % 10}"


def _month_end(year: int, month: int) -> dt.date:
    day = dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
    while not is_trading_day(day):
        day -= dt.timedelta(days=1)
    return day


def _month_ends(date: dt.date) -> list[dt.date]:
    months = [divmod(date.year * 12 + date.month - 1 + n, 12) for n in range(_MONTH_ENDS + 1)]
    ends = [_month_end(year, month + 1) for year, month in months]
    return [end for end in ends if end >= date][:_MONTH_ENDS]


def _weeklies(date: dt.date, month_ends: list[dt.date]) -> list[tuple[str, dt.date, int]]:
    # On a month's last trading day the month end is listed in place of the weekly, and a
    # fifth Friday that is not the last trading day has none.
    found = []
    for ahead in range(_FRIDAY_DAYS + 1):
        day = date + dt.timedelta(days=ahead)
        week = (day.day - 1) // 7 + 1
        if day in month_ends or not is_trading_day(day):
            continue
        if day.weekday() == 4 and week <= _WEEKLY_FRIDAYS:
            found.append((f"EW{week}", day, week))
        elif day.weekday() < 4 and ahead <= _DAILY_DAYS:
            found.append((f"E{week}{_WEEKDAY_LETTERS[day.weekday()]}", day, week))
    return found


def _serials(date: dt.date) -> list[tuple[str, dt.date, int]]:
    # The third Fridays of the next months that have no quarterly, beyond the near weeklies.
    found: list[tuple[str, dt.date, int]] = []
    month = date.year * 12 + date.month - 1
    while len(found) < _SERIALS:
        year, number = divmod(month, 12)
        month += 1
        friday = third_friday(year, number + 1)
        if (number + 1) % 3 and (friday - date).days > _FRIDAY_DAYS and is_trading_day(friday):
            found.append(("EW3", friday, 3))
    return found


def _close_ns(date: dt.date) -> int:
    return session_ns(date, _EARLY_CLOSE_TIME if is_early_close(date) else CLOSE_TIME)


def listed_expiries(root: str, date: dt.date) -> list[Expiry]:
    """Return the expiries that a sample lists on `date`, the nearest first.

    Raises
    ------
    UsageError
        No option products are known for `root`.
    """
    if root not in OPTION_ROOTS:
        known = ", ".join(OPTION_ROOTS)
        raise UsageError(f"no sample of options on {root!r}; roots with options: {known}")
    futures = [item for item in instruments(root, date, MAX_INSTRUMENTS) if item.far is None]
    futures.sort(key=lambda item: item.expiry)
    ends = _month_ends(date)
    dated: list[tuple[str, dt.date, int | None]] = [("EW", end, None) for end in ends]
    dated += _weeklies(date, ends)
    dated += _serials(date)
    listed = [
        Expiry(
            asset=asset,
            symbol=f"{asset}{_month_code(day)}",
            date=day,
            expiration_ns=_close_ns(day),
            week=week,
            american=False,
            # A future does not live through the afternoon of its last day.
            underlying=next(item for item in futures if item.expiry > day),
        )
        for asset, day, week in dated
    ]
    listed += [
        Expiry(
            asset=root,
            symbol=item.symbol,
            date=item.expiry,
            expiration_ns=session_ns(item.expiry, QUARTERLY_TIME),
            week=None,
            american=True,
            underlying=item,
        )
        for item in futures[:_QUARTERLIES]
    ]
    listed = [item for item in listed if item.expiration_ns > midnight_ns(date)]
    return sorted(listed, key=lambda item: (item.expiration_ns, item.asset))
