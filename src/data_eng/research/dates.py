"""The dates of a question, in the forms that people write them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import numpy as np

from ..errors import UsageError
from ..exchange.dates import parse_date, parse_range

Date = str | dt.date | np.datetime64
Dates = Date | Iterable[Date] | None
"""``"FIRST:LAST"``, one date, several (a comma list too), or None for all that there are."""


class WantedDates:
    """The dates that are asked for; those named themselves must be there."""

    def __init__(self, dates: Dates) -> None:
        self.named: set[dt.date] = set()
        self._range: tuple[dt.date, dt.date] | None = None
        self._is_all = dates is None
        if isinstance(dates, str) and ":" in dates:
            self._range = parse_range(dates, "dates")
        elif isinstance(dates, str):
            self.named = {_date(date) for date in dates.split(",")}
        elif isinstance(dates, dt.date | np.datetime64):
            self.named = {_date(dates)}
        elif dates is not None:
            if not isinstance(dates, Iterable):
                raise UsageError(f"dates {dates!r}: give dates, or FIRST:LAST")
            self.named = {_date(date) for date in dates}
            if not self.named:
                raise UsageError("dates: none given")

    @property
    def bounds(self) -> tuple[dt.date, dt.date] | None:
        """First and last date of what is asked for; None where all is."""
        if self._range is not None:
            return self._range
        return (min(self.named), max(self.named)) if self.named else None

    def __contains__(self, date: object) -> bool:
        if not isinstance(date, dt.date):
            return False
        in_range = self._range is not None and self._range[0] <= date <= self._range[1]
        return self._is_all or in_range or date in self.named


def _date(date: object) -> dt.date:
    if isinstance(date, np.datetime64):
        day = date.astype("datetime64[D]")
        if day != date:
            raise UsageError(f"{date!r} is a time; give a date")
        date = day.item()
    if isinstance(date, dt.datetime):
        raise UsageError(f"{date!r} is a time; give a date")
    if isinstance(date, dt.date):
        return date
    return parse_date(str(date).strip())
