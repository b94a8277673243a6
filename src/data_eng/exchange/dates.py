"""Dates as a command line names them: one, several, or the trading days of a range."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Container
from contextlib import suppress
from typing import Final

from ..errors import UsageError
from ..suggestion import question
from .calendar import trading_days

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# As others write them: year first, with any mark or none; or year last, day or month first.
_YEAR_FIRST: Final = re.compile(r"([0-9]{4})([-/._ ]?)([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST: Final = re.compile(r"([0-9]{1,2})([-/._ ])([0-9]{1,2})\2([0-9]{4})")


def parse_date(text: str) -> dt.date:
    """Return the date in ``text``; raises `UsageError` where it is not YYYY-MM-DD."""
    if _DATE.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError as error:
            raise UsageError(f"{text!r} is not a date: {error}") from None
    told = f"{text!r} is not a date of the form YYYY-MM-DD"
    ends = _DATE.findall(text)
    is_range = len(ends) == 2 and ends[0] < ends[1]
    meant = [f"--dates {':'.join(ends)}"] if is_range else map(str, dates_meant(text))
    raise UsageError("; ".join(filter(None, (told, question(meant)))))


def dates_meant(text: str) -> list[dt.date]:
    """Return the dates that a text in another form may mean.

    Examples
    --------
    >>> [str(one) for one in dates_meant("20250506")]
    ['2025-05-06']
    >>> [str(one) for one in dates_meant("5/6/2025")]
    ['2025-05-06', '2025-06-05']
    """
    forms: list[tuple[str, str, str]] = []
    if match := _YEAR_FIRST.fullmatch(text.strip()):
        forms.append((match[1], match[3], match[4]))
    if match := _YEAR_LAST.fullmatch(text.strip()):
        forms += [(match[4], match[1], match[3]), (match[4], match[3], match[1])]
    found: dict[dt.date, None] = {}
    for form in forms:
        with suppress(ValueError):
            found[dt.date(*map(int, form))] = None
    return list(found)


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
        first, last = parse_range(several)
        dates += trading_days(first, last)
        asked = set(dates)
        span = ((first + dt.timedelta(days=n)) for n in range((last - first).days + 1))
        left_out = [day for day in span if day not in asked]
    elif several is not None:
        dates += [parse_date(part.strip()) for part in several.split(",")]
    if single is None and several is None:
        raise UsageError("give --dt YYYY-MM-DD or --dates; see --help")
    return dates, left_out


def parse_range(text: str, flag: str = "--dates") -> tuple[dt.date, dt.date]:
    """Return first and last date of ``FIRST:LAST``; raises `UsageError`."""
    parts = text.split(":")
    if len(parts) != 2:
        raise UsageError(f"{flag} {text}: a range is FIRST:LAST")
    first, last = (parse_date(part.strip()) for part in parts)
    if last < first:
        raise UsageError(f"{flag} {text}: the range is reversed; did you mean {last}:{first}?")
    return first, last


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
        if ":" in text:
            self.first, self.last = parse_range(text)
        else:
            self.first = self.last = parse_date(text.strip())

    def __contains__(self, date: object) -> bool:
        return isinstance(date, dt.date) and self.first <= date <= self.last
