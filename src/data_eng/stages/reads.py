"""What a stage says that it reads: tables of its date, of earlier sessions, raw files."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from ..exchange.calendar import sessions_before


@dataclass(frozen=True)
class Read:
    """A table of the stage's own date and contract.

    Attributes
    ----------
    key : str
        Dataset.
    may_be_left_out : bool
        The stage runs without it where the vendor's table was left out (`why_left_out`).
    """

    key: str
    may_be_left_out: bool = False

    def dates(self, date: dt.date) -> list[dt.date]:
        """Return the one date."""
        return [date]


@dataclass(frozen=True)
class ReadEarlier:
    """A table of the sessions before a date, each of its own front month.

    The stage runs after this run's attempts on those sessions and takes what is complete then: what
    is not there is recorded as absent.

    Attributes
    ----------
    key : str
        Dataset.
    sessions : int
        How many sessions before the date.
    early_closes : bool
        Sessions that end early count too; else only those of full length.
    last_too : bool
        The session right before the date comes first, also where it ended early.
    """

    key: str
    sessions: int
    early_closes: bool = False
    last_too: bool = False

    def dates(self, before: dt.date) -> list[dt.date]:
        """Return the sessions, the nearest first."""
        return [day for day, _ in self.named_dates(before)]

    def named_dates(self, before: dt.date) -> tuple[tuple[dt.date, str], ...]:
        """Return the sessions with their names YYYY-MM-DD: a plan asks very often."""
        return _earlier(before, self.sessions, self.early_closes, self.last_too)


@lru_cache(maxsize=8192)  # a plan over years asks for each date, table by table
def _earlier(
    before: dt.date, sessions: int, early_closes: bool, last_too: bool
) -> tuple[tuple[dt.date, str], ...]:
    found = sessions_before(before, sessions, early_closes=early_closes)
    last = sessions_before(before, 1, early_closes=True) if last_too else []
    days = (*(day for day in last if day not in found), *found)
    return tuple((day, day.isoformat()) for day in days)


@dataclass(frozen=True)
class ReadRaw:
    """The vendor's files of a date and product root.

    Attributes
    ----------
    key : str
        Raw dataset.
    """

    key: str


@dataclass(frozen=True)
class Follow:
    """A table of the same date that the stage looks at where it is there.

    The stage does not run after it failed.

    Attributes
    ----------
    key : str
        Dataset.
    """

    key: str


Declared = Read | ReadEarlier | ReadRaw | Follow
