"""Trading days: days on which the New York Stock Exchange (XNYS) holds a session.

Importing ``exchange_calendars`` takes longer than a small run, so the closures of
2000-2035 are packaged in ``xnys_closures.csv``, written from that library by
``python -m src.data_eng.trading_calendar`` and compared with it by the tests. Only years
outside the file import the library. Closures that the exchange declares after the pinned
release of the library (a day of mourning, a storm) are in neither: update the library and
write the file again.

Weekends are answered without either: XNYS has had five-day weeks since 1952.
"""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from ..errors import UsageError

CLOSURES_PATH: Final = Path(__file__).parent / "xnys_closures.csv"
FILE_YEARS: Final = range(2000, 2036)
# The library's holiday rules begin in 1970 and end in 2200: outside, every weekday is "open".
LIBRARY_YEARS: Final = range(1970, 2200)

_EXCHANGE: Final = "XNYS"
_UNNAMED: Final = "XNYS holiday"
_COLUMNS: Final = ("date", "kind", "detail")
_CLOSED: Final = "closed"
_EARLY_CLOSE: Final = "early_close"

# The library's names of regular holidays, where the exchange uses other ones.
_EXCHANGE_NAMES: Final = {
    "Christmas": "Christmas Day",
    "Dr. Martin Luther King Jr. Day": "Martin Luther King Jr. Day",
    "July 4th": "Independence Day",
    "President's Day": "Washington's Birthday",
    "Thanksgiving": "Thanksgiving Day",
}

# The library knows the dates of unscheduled closures, but no names for them.
_UNSCHEDULED_NAMES: Final = {
    date(2001, 9, 11): "September 11 attacks",
    date(2001, 9, 12): "September 11 attacks",
    date(2001, 9, 13): "September 11 attacks",
    date(2001, 9, 14): "September 11 attacks",
    date(2004, 6, 11): "National Day of Mourning for Ronald Reagan",
    date(2007, 1, 2): "National Day of Mourning for Gerald Ford",
    date(2012, 10, 29): "Hurricane Sandy",
    date(2012, 10, 30): "Hurricane Sandy",
    date(2018, 12, 5): "National Day of Mourning for George H. W. Bush",
    date(2025, 1, 9): "National Day of Mourning for Jimmy Carter",
}


@dataclass(frozen=True)
class _Exceptions:
    closed: dict[date, str]  # weekday without a session -> name
    early_close: dict[date, str]  # session that ends early -> HH:MM, America/New_York


def is_trading_day(d: date) -> bool:
    """Return whether XNYS holds a session on a date, however short.

    Parameters
    ----------
    d : date
        A calendar date. A ``datetime`` is refused: it names no date without a zone.

    Raises
    ------
    TypeError
        ``d`` is a ``datetime``.
    UsageError
        The year is not covered by the calendar.
    """
    return closure_reason(d) is None


@lru_cache(maxsize=8192)  # a plan over years asks for each date, table by table
def closure_reason(d: date) -> str | None:
    """Return in one phrase why XNYS holds no session on a date, None if it holds one.

    Raises
    ------
    TypeError
        ``d`` is a ``datetime``.
    UsageError
        The year is not covered by the calendar.

    Examples
    --------
    >>> closure_reason(date(2025, 12, 25)), closure_reason(date(2025, 12, 27))
    ('XNYS is closed (Christmas Day)', 'a Saturday')
    """
    _require_covered_date(d)
    if d.weekday() >= 5:
        return "a Saturday" if d.weekday() == 5 else "a Sunday"
    name = _exceptions(d.year).closed.get(d)
    return None if name is None else f"XNYS is closed ({name})"


def is_early_close(d: date) -> bool:
    """Return whether XNYS holds a session on a date that ends before 16:00 America/New_York.

    Raises
    ------
    TypeError
        ``d`` is a ``datetime``.
    UsageError
        The year is not covered by the calendar.
    """
    _require_covered_date(d)
    return d.weekday() < 5 and d in _exceptions(d.year).early_close


def trading_days(first: date, last: date) -> list[date]:
    """Return the trading days from ``first`` to ``last``, both included, in order.

    Raises
    ------
    TypeError
        A bound is a ``datetime``.
    UsageError
        The range ends before it begins, or leaves the years covered by the calendar.
    """
    _require_covered_date(first)
    _require_covered_date(last)
    if last < first:
        raise UsageError(f"the date range {first}:{last} ends before it begins; swap the dates")
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    return [d for d in days if is_trading_day(d)]


def sessions_before(before: date, count: int, *, early_closes: bool = False) -> list[date]:
    """Return the last sessions before a date, the nearest first.

    Parameters
    ----------
    before : datetime.date
    count : int
        How many.
    early_closes : bool
        Sessions that end early count too; else only those of full length.
    """
    found: list[date] = []
    day = before - timedelta(days=1)
    while len(found) < count:
        if is_trading_day(day) and (early_closes or not is_early_close(day)):
            found.append(day)
        day -= timedelta(days=1)
    return found


def render_closures() -> str:
    """Return the text of ``xnys_closures.csv`` beside this file from ``exchange_calendars``.

    One row per weekday without a session (kind ``closed``, detail its name) and per
    session that ends early (kind ``early_close``, detail the New York time of its end).
    """
    from exchange_calendars import __version__  # noqa: PLC0415  see _from_library

    exceptions = _from_library(FILE_YEARS[0], FILE_YEARS[-1])
    rows = [(d, _CLOSED, name) for d, name in exceptions.closed.items()]
    rows += [(d, _EARLY_CLOSE, close) for d, close in exceptions.early_close.items()]
    out = io.StringIO()
    out.write(
        f"# XNYS {FILE_YEARS[0]}-{FILE_YEARS[-1]} from exchange_calendars {__version__}; "
        "written by python -m src.data_eng.trading_calendar\n"
    )
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    writer.writerows(sorted(rows))
    return out.getvalue()


def _require_covered_date(d: date) -> None:
    # A datetime is a date to isinstance, but never equals one: no holiday would be found.
    if isinstance(d, datetime):
        raise TypeError(f"expected a date, got the datetime {d!r}")
    if d.year not in LIBRARY_YEARS:
        raise UsageError(
            f"{d}: the trading calendar covers {LIBRARY_YEARS[0]} to {LIBRARY_YEARS[-1]}; "
            "choose a date in these years"
        )


@cache
def _exceptions(year: int) -> _Exceptions:
    return _packaged() if year in FILE_YEARS else _from_library(year, year)


@cache
def _packaged() -> _Exceptions:
    with CLOSURES_PATH.open(encoding="utf-8", newline="") as file:
        file.readline()  # where the file comes from
        rows = list(csv.DictReader(file))
    by_kind: dict[str, dict[date, str]] = {_CLOSED: {}, _EARLY_CLOSE: {}}
    for row in rows:
        by_kind[row["kind"]][date.fromisoformat(row["date"])] = row["detail"]
    return _Exceptions(closed=by_kind[_CLOSED], early_close=by_kind[_EARLY_CLOSE])


def _from_library(first_year: int, last_year: int) -> _Exceptions:
    import exchange_calendars  # noqa: PLC0415  1.6 s: only for years outside the file

    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    # Bounds are given: the library's default ones move with the day on which it runs.
    calendar = exchange_calendars.get_calendar(_EXCHANGE, start=str(first), end=str(last))
    sessions = {session.date() for session in calendar.sessions}
    names = dict(_UNSCHEDULED_NAMES)
    for rule in calendar.regular_holidays.rules:
        for holiday in rule.dates(str(first), str(last)):
            names[holiday.date()] = _EXCHANGE_NAMES.get(rule.name, rule.name)
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    closed = {d: names.get(d, _UNNAMED) for d in days if d.weekday() < 5 and d not in sessions}
    early_close = {
        session.date(): f"{calendar.session_close(session).tz_convert(calendar.tz):%H:%M}"
        for session in calendar.early_closes
    }
    return _Exceptions(closed=closed, early_close=early_close)


def main() -> int:
    """Write the packaged closures again, from the installed ``exchange_calendars``; return 0."""
    text = render_closures()
    CLOSURES_PATH.parent.mkdir(exist_ok=True)
    CLOSURES_PATH.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{CLOSURES_PATH.name}: {len(text.splitlines()) - 2} rows\n")
    return 0


if __name__ == "__main__":
    main()
