"""Where the mid is about the level. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I64, DaySeconds, only, ratio
from ..book.second_sums import SECOND_NS
from .level_seconds import LevelSeconds
from .level_sums import ABOVE_NS, CROSSINGS, NEAR_NS, VALID_NS

_WARM_UP_SECONDS = 60


def distance_ticks(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return ``m - L``, ticks."""
    return day.mid - level.ticks[day.rows]


def distance_atr(day: DaySeconds, level: LevelSeconds, average_true_range: F64) -> F64:
    """Return ``m - L`` over the average true range of 2-minute bars, both in dollars."""
    return ratio(distance_ticks(day, level) * day.tick_size, average_true_range)


def time_above_fraction(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the share of the valid time since the level is known with ``m > L``.

    NaN for the first 60 s.
    """
    begin = since_known(day, level)
    above = level.between(ABOVE_NS, begin, day.rows)
    valid = level.between(VALID_NS, begin, day.rows)
    return only(ratio(above, valid), is_known_for(day, level, _WARM_UP_SECONDS))


def dwell_seconds(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the time of the window with ``|m - L|`` of up to 8 ticks, seconds.

    NaN until the level is known for as long as the window.
    """
    near = level.between(NEAR_NS, day.rows - seconds, day.rows)
    return only(near / SECOND_NS, is_known_for(day, level, seconds))


def crossing_count(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the sign changes of ``m - L`` in the window, zeros skipped."""
    return level.between(CROSSINGS, day.rows - seconds, day.rows).astype(np.float64)


def since_known(day: DaySeconds, level: LevelSeconds) -> I64:
    """Return the second at which the level became known, for each row; not after the row."""
    known = level.known_second
    return day.rows if known is None else np.minimum(known, day.rows)


def is_known_for(day: DaySeconds, level: LevelSeconds, seconds: int) -> npt.NDArray[np.bool_]:
    """Return for each row whether the level is known for at least so many seconds."""
    known = level.known_second
    if known is None:
        return np.zeros(len(day.rows), np.bool_)
    return np.asarray(day.rows - known >= seconds, np.bool_)
