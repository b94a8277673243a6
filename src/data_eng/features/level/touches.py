"""The history of touches at each row. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

import numpy as np

from ..book.day_seconds import F64, DaySeconds, only
from .level_seconds import LevelSeconds
from .touch_machine import (
    ARMED,
    F_LAST,
    F_MAX,
    M_BOUNCES,
    M_PHASE,
    M_SIDE,
    M_TOUCH_NS,
    M_TOUCHES,
    TOUCH,
)


def seconds_since_extreme_set(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the seconds since the trade that set the extreme."""
    if level.path.set_ns is None:
        return np.full(len(day.rows), np.nan)
    return level.seconds_since(np.full_like(day.rows, level.path.set_ns), day.rows)


def approach_side(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return -1 while armed or touching from below, 1 from above."""
    phase = level.machine(M_PHASE, day.rows)
    return only(level.machine(M_SIDE, day.rows), phase >= ARMED)


def touch_count(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the touches started since the level is known."""
    return level.machine(M_TOUCHES, day.rows).astype(np.float64)


def seconds_since_last_touch(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the seconds since the last touch started; NaN before the first."""
    since = level.seconds_since(level.machine(M_TOUCH_NS, day.rows), day.rows)
    return only(since, level.machine(M_TOUCHES, day.rows) > 0)


def touch_in_progress(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return 1 while a touch is under way, else 0."""
    return np.where(level.machine(M_PHASE, day.rows) == TOUCH, 1.0, 0.0)


def prior_bounce_count(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the completed touches that left on the side they came from."""
    return level.machine(M_BOUNCES, day.rows).astype(np.float64)


def last_touch_penetration_ticks(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return how far trades went beyond the level in the last completed touch, ticks."""
    return level.machine_float(F_LAST, day.rows)


def max_touch_penetration_ticks(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the largest of these over the completed touches, ticks."""
    return level.machine_float(F_MAX, day.rows)
