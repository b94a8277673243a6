"""Session windows as UTC nanoseconds: wall times of America/New_York, and UTC days.

Every conversion goes through the IANA zone, so daylight saving is in this file alone. All
windows are half-open, ``[start, end)``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

NEW_YORK: Final = ZoneInfo("America/New_York")

GLOBEX_OPEN: Final = time(18, 0)  # of the calendar day before the session's date
GLOBEX_CLOSE: Final = time(17, 0)
PRE_MARKET_START: Final = time(4, 0)
RTH_OPEN: Final = time(9, 30)
RTH_CLOSE: Final = time(16, 0)
EARLY_CLOSE: Final = time(13, 0)

PRE_MARKET: Final = (PRE_MARKET_START, RTH_OPEN)
RTH: Final = (RTH_OPEN, RTH_CLOSE)
FIRST3H: Final = (RTH_OPEN, time(12, 30))


@dataclass(frozen=True)
class RegularSession:
    """When a product's regular session is, wall times of America/New_York.

    Attributes
    ----------
    pre_market_start, open, close : time
        The pre-market ends at the open.
    opening_range_minutes : int
        The opening range unless a run is told another one.
    """

    pre_market_start: time
    open: time
    close: time
    opening_range_minutes: int


EQUITY_INDEX: Final = RegularSession(PRE_MARKET_START, RTH_OPEN, RTH_CLOSE, 30)
"""Of equity indices: that of the New York Stock Exchange, whose calendar is theirs."""


def regular_session_to(close: time) -> RegularSession:
    """Return the regular session of another product: from the same open to its own close.

    Features of all products are of one grid, from 09:30 on: pre-market and opening range are
    those of the equity indices, unless a run is told other ones.
    """
    return replace(EQUITY_INDEX, close=close)


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ONE_DAY: Final = timedelta(days=1)


def session_ns(d: date, t: time) -> int:
    """Return the instant of a New York wall time on a date.

    Parameters
    ----------
    d : date
        The calendar date in New York; a ``datetime`` is refused.
    t : time
        The wall time, without a zone of its own.

    Returns
    -------
    int, ns since epoch UTC

    Raises
    ------
    ValueError
        The clock was set forward over the wall time on this date, or back to it (it occurs
        twice): either way there is no one instant. Or ``t`` carries a zone.
    TypeError
        ``d`` is a ``datetime``.

    Examples
    --------
    >>> session_ns(date(2025, 6, 5), RTH_OPEN)  # 13:30 UTC
    1749130200000000000
    """
    _require_date(d)
    if t.tzinfo is not None:
        raise ValueError(f"the wall time {t} carries a zone; give the time alone")
    first = datetime.combine(d, t.replace(fold=0), NEW_YORK)
    # Around a clock change the two readings of a wall time differ, and only there.
    if first.utcoffset() != first.replace(fold=1).utcoffset():
        is_skipped = first.astimezone(UTC).astimezone(NEW_YORK).time() != first.time()
        fault = "does not exist" if is_skipped else "occurs twice"
        raise ValueError(f"{t} {fault} on {d} in {NEW_YORK.key}: the clock changes on that day")
    return _utc_ns(first)


def window_ns(d: date, start: time, end: time) -> tuple[int, int]:
    """Return the instants ``(start, end)`` of two New York wall times on one date.

    Returns
    -------
    tuple of int, ns since epoch UTC

    Raises
    ------
    ValueError
        The window is empty or ends before it starts, or `session_ns` refuses a bound.
    TypeError
        ``d`` is a ``datetime``.
    """
    start_ns, end_ns = session_ns(d, start), session_ns(d, end)
    if end_ns <= start_ns:
        raise ValueError(f"the window {start}-{end} of {d} does not end after its start")
    return start_ns, end_ns


def globex_session_ns(session_date: date) -> tuple[int, int]:
    """Return the bounds of the CME Globex session that closes on a date.

    The session runs from 18:00 of the calendar day before to 17:00, New York time; the
    date of its close is the CME trade date.

    Returns
    -------
    tuple of int, ns since epoch UTC

    Raises
    ------
    TypeError
        ``session_date`` is a ``datetime``.
    """
    _require_date(session_date)
    return (
        session_ns(session_date - _ONE_DAY, GLOBEX_OPEN),
        session_ns(session_date, GLOBEX_CLOSE),
    )


@lru_cache(maxsize=8192)  # a plan over years asks for each date, table by table
def utc_day_ns(d: date) -> tuple[int, int]:
    """Return the bounds of a UTC day: what the vendor's daily file and a ``dt=`` cover.

    Returns
    -------
    tuple of int, ns since epoch UTC

    Raises
    ------
    TypeError
        ``d`` is a ``datetime``.
    """
    _require_date(d)
    start = datetime.combine(d, time(0), UTC)
    return _utc_ns(start), _utc_ns(start) + _ONE_DAY // timedelta(microseconds=1) * 1000


def _require_date(d: date) -> None:
    if isinstance(d, datetime):
        raise TypeError(f"expected a date, got the datetime {d!r}")


def _utc_ns(instant: datetime) -> int:
    # Integer arithmetic: timestamp() is a float and cannot hold nanoseconds of today. The
    # conversion comes first, because arithmetic between two zones is done on wall times.
    return (instant.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1) * 1000
