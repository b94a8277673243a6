"""The history of touches at each row. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

import numpy as np

from ..book.day_seconds import F64, DaySeconds, only
from .level_seconds import LevelSeconds
from .touch_machine import ARMED, TOUCH


def seconds_since_extreme_set(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the seconds since the trade that set the extreme."""
    if level.path.set_ns is None:
        return np.full(len(day.rows), np.nan)
    return level.seconds_since(np.full_like(day.rows, level.path.set_ns), day.rows)


def approach_side(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return -1 while armed or touching from below, 1 from above."""
    phase = level.touch("phase", day.rows)
    return only(level.touch("side", day.rows), phase >= ARMED)


def touch_count(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the touches started since the level is known."""
    return level.touch("touches", day.rows).astype(np.float64)


def seconds_since_last_touch(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the seconds since the last touch started; NaN before the first."""
    since = level.seconds_since(level.touch("touch_ns", day.rows), day.rows)
    return only(since, level.touch("touches", day.rows) > 0)


def touch_in_progress(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return 1 while a touch is under way, else 0."""
    return np.where(level.touch("phase", day.rows) == TOUCH, 1.0, 0.0)


def prior_bounce_count(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the completed touches that left on the side they came from."""
    return level.touch("bounces", day.rows).astype(np.float64)


def last_touch_penetration_ticks(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return how far trades went beyond the level in the last completed touch, ticks."""
    return level.touch_float("last_penetration", day.rows)


def max_touch_penetration_ticks(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the largest of these over the completed touches, ticks."""
    return level.touch_float("max_penetration", day.rows)
