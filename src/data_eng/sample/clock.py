"""When the sample trades: sessions, activity, volatility and book size by second of day.

A day is a UTC day, as the vendor cuts its files. Its seconds are read on the clock of
New York, so that the 09:30 opening falls on 13:30 UTC in summer and 14:30 in winter.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..elementary import exp, log
from ..errors import UsageError
from ..exchange.calendar import is_early_close

DAY_SECONDS: Final = 86_400
_EARLY_CLOSE: Final = 13.25  # hour in New York at which half days end (12:15 Chicago)
NANOS: Final = 1_000_000_000
NEW_YORK: Final = ZoneInfo("America/New_York")

# Records a second, relative, linear between the points; hours of the New York clock.
_ACTIVITY: Final = (
    (0.0, 0.17), (1.5, 0.16), (2.0, 0.30), (2.95, 0.34), (3.0, 0.80), (3.3, 0.66), (4.5, 0.48),
    (6.0, 0.38), (7.5, 0.48), (8.45, 0.55), (8.49, 0.58), (8.5, 2.0), (8.58, 1.25), (8.8, 0.85),
    (9.25, 0.85), (9.4999, 1.2), (9.5, 18.0), (9.507, 12.0), (9.53, 7.0), (9.6, 4.6), (9.8, 3.6),
    (9.9999, 3.3), (10.0, 9.0), (10.01, 6.2), (10.05, 4.4), (10.12, 3.6), (10.25, 3.0),
    (11.0, 2.2), (11.5, 1.9), (12.25, 1.4), (13.0, 1.15), (13.75, 1.25), (14.0, 1.5),
    (15.0, 1.7), (15.5, 2.1), (15.82, 3.0), (15.97, 5.0), (16.0, 6.5), (16.0001, 1.4),
    (16.08, 0.65),
    (16.25, 0.32), (16.9, 0.22), (17.0, 0.0), (17.999, 0.0), (18.0, 0.7), (18.1, 0.38),
    (19.0, 0.25), (20.0, 0.32), (20.6, 0.28), (22.0, 0.19), (24.0, 0.17),
)  # fmt: skip

# Contracts wanted at the best price of the front month.
_BOOK_SIZE: Final = (
    (0.0, 26.0), (2.0, 28.0), (3.0, 34.0), (6.0, 36.0), (8.0, 42.0), (9.4, 46.0), (9.5, 54.0),
    (10.0, 64.0), (11.0, 74.0), (13.0, 86.0), (15.0, 90.0), (15.9, 110.0), (16.0, 60.0),
    (16.3, 34.0), (17.0, 24.0), (18.0, 14.0), (18.5, 22.0), (20.0, 30.0), (24.0, 26.0),
)  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """The seconds of one UTC day.

    Attributes
    ----------
    start_ns : int
        Midnight UTC, ns since epoch.
    activity, variance : float64 arrays, shape (86400,)
        Relative intensity of records and of price variance; zero where closed.
    book_size : float64 array, shape (86400,), contracts
    closes : list of int
        Seconds of the day at which a session ends.
    reopens : list of int
        Seconds of the day at which a session begins.
    new_york_hour : float64 array, shape (86400,)
        Hours since midnight in New York.
    """

    start_ns: int
    activity: NDArray[np.float64]
    variance: NDArray[np.float64]
    book_size: NDArray[np.float64]
    closes: list[int]
    reopens: list[int]
    new_york_hour: NDArray[np.float64]


def midnight_ns(date: dt.date) -> int:
    """Return the start of the UTC day, ns since epoch."""
    return (date - dt.date(1970, 1, 1)).days * DAY_SECONDS * NANOS


def _new_york_seconds(date: dt.date) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    # Offsets change on whole UTC hours, so one look-up an hour is exact.
    second = np.arange(DAY_SECONDS)
    hours = [
        dt.datetime(date.year, date.month, date.day, hour, tzinfo=dt.UTC).astimezone(NEW_YORK)
        for hour in range(24)
    ]
    midnight = dt.datetime(date.year, date.month, date.day, tzinfo=dt.UTC)
    offsets = [int((local.utcoffset() or dt.timedelta()).total_seconds()) for local in hours]
    local = second + np.repeat(np.array(offsets), 3600)
    weekday = (midnight.weekday() + np.floor_divide(local, DAY_SECONDS)) % 7
    return local % DAY_SECONDS, weekday


def day_clock(date: dt.date) -> Clock:
    """Return the clock of the UTC day `date`.

    Raises
    ------
    UsageError
        If the day is a Saturday: the exchange is closed from Friday 17:00 to Sunday 18:00
        New York and the vendor makes no file.
    """
    if date.weekday() == 5:
        raise UsageError(f"{date} is a Saturday: no Globex session, so there is no sample day")
    local, weekday = _new_york_seconds(date)
    hour = local / 3600.0
    is_open = (hour < 17.0) & (weekday < 5) | (hour >= 18.0) & ((weekday < 4) | (weekday == 6))
    if is_early_close(date):
        is_open &= (hour < _EARLY_CLOSE) | (hour >= 18.0)
        # The last hour of a half day is that of any other day.
        hour = np.where((hour >= _EARLY_CLOSE - 1.0) & (hour < _EARLY_CLOSE), hour + 3.0, hour)
    points, values = zip(*_ACTIVITY, strict=True)
    activity = np.where(is_open, np.interp(hour, points, values), 0.0)
    size_points, sizes = zip(*_BOOK_SIZE, strict=True)
    change = np.diff(is_open.astype(np.int8))
    return Clock(
        start_ns=midnight_ns(date),
        activity=activity,
        variance=np.where(is_open, exp(0.8 * log(activity + 0.08)), 0.0),
        book_size=np.interp(hour, size_points, sizes),
        closes=[int(s) + 1 for s in np.flatnonzero(change < 0)],
        reopens=[int(s) + 1 for s in np.flatnonzero(change > 0)],
        new_york_hour=local / 3600.0,
    )
