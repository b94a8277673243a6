"""Dates as a command line names them: one, several, or the trading days of a range."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container
from typing import Final

from ..errors import UsageError
from .calendar import trading_days

_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")


def parse_date(text: str) -> dt.date:
    """Return the date in ``text``; raises `UsageError` where it is not YYYY-MM-DD."""
    try:
        if not _DATE.match(text):
            raise ValueError
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a date of the form YYYY-MM-DD") from None


def parse_dates(single: str | None, several: str | None) -> tuple[list[dt.date], list[dt.date]]:
    """Return the dates to run, and those of a range that are left out as no trading days.

    Raises
    ------
    UsageError
        No date, a malformed one, or a reversed range.
    """
    dates = [] if single is None else [parse_date(single)]
    left_out: list[dt.date] = []
    if several is not None and ":" in several:
        first, last = (parse_date(part.strip()) for part in _two(several))
        if last < first:
            raise UsageError(f"--dates {several}: the range is reversed")
        dates += trading_days(first, last)
        asked = set(dates)
        span = ((first + dt.timedelta(days=n)) for n in range((last - first).days + 1))
        left_out = [day for day in span if day not in asked]
    elif several is not None:
        dates += [parse_date(part.strip()) for part in several.split(",")]
    if single is None and several is None:
        raise UsageError("give --dt YYYY-MM-DD or --dates; see --help")
    return dates, left_out


class DateRange(Container[dt.date]):
    """Every date of an inclusive range, sessions or not.

    Parameters
    ----------
    text : str
        ``FIRST:LAST``, or one date.

    Raises
    ------
    UsageError
        A malformed date, or a reversed range.
    """

    def __init__(self, text: str) -> None:
        first, separator, last = text.partition(":")
        self.first = parse_date(first.strip())
        self.last = parse_date(last.strip()) if separator else self.first
        if self.last < self.first:
            raise UsageError(f"--dates {text}: the range is reversed")

    def __contains__(self, date: object) -> bool:
        return isinstance(date, dt.date) and self.first <= date <= self.last


def _two(text: str) -> list[str]:
    parts = text.split(":")
    if len(parts) != 2:
        raise UsageError(f"--dates {text}: a range is FIRST:LAST")
    return parts
