"""Trades at the level. Float64, shape (m,), NaN where missing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ..book.day_seconds import F64, I64, DaySeconds, only, ratio
from ..book.second_sums import SECOND_NS, VOLUME
from .level_seconds import LevelSeconds
from .level_sums import BAND_BUY, BAND_SELL, BAND_TRADES, BAND_VOLUME
from .position import since_known
from .touch_machine import TOUCH


def volume(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return ``sum v`` within two ticks of the level over the window, contracts."""
    return _window(day, level, BAND_VOLUME, seconds).astype(np.float64)


def volume_share_rth(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the share of the volume within two ticks since 09:30, or since the level is known."""
    begin = np.maximum(since_known(day, level), day.open_second)
    banded = level.between(BAND_VOLUME, begin, day.rows)
    return ratio(banded, day.between(VOLUME, begin, day.rows))


def trade_flow_imbalance(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return ``sum d v / sum |d| v`` within two ticks; NaN without sided volume."""
    buy, sell = (_window(day, level, field, seconds) for field in (BAND_BUY, BAND_SELL))
    return ratio(buy - sell, buy + sell)


def average_trade_size(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return contracts per trade within two ticks; NaN without a trade."""
    return ratio(
        _window(day, level, BAND_VOLUME, seconds), _window(day, level, BAND_TRADES, seconds)
    )


def volume_per_penetration_tick(day: DaySeconds, level: LevelSeconds, seconds: int) -> F64:
    """Return the volume within two ticks per tick that touches went beyond the level.

    The divisor is the largest excursion of a trade beyond the level during a touch within the
    window, at least one tick. NaN without a second of a touch in the window.
    """
    deepest = np.maximum(_largest(level.penetration, day.rows, seconds), 1.0)
    touched = np.append(0, np.cumsum(_is_touched(level)))
    has_touch = touched[day.rows] > touched[np.maximum(day.rows - seconds, 0)]
    return only(volume(day, level, seconds) / deepest, has_touch)


def formation_volume_share(day: DaySeconds, level: LevelSeconds) -> F64:
    """Return the share of the formation window's volume within two ticks of the final extreme."""
    if level.path.window is None:
        return np.full(len(day.rows), np.nan)
    start_ns = day.seconds.start_ns
    begin, end = ((np.array([t]) - start_ns) // SECOND_NS for t in level.path.window)
    end = np.minimum(end, day.rows[-1])
    share = ratio(level.between(BAND_VOLUME, begin, end), day.between(VOLUME, begin, end))
    return np.full(len(day.rows), share[0])


def _window(day: DaySeconds, level: LevelSeconds, field: int, seconds: int) -> I64:
    return level.between(field, day.rows - seconds, day.rows)


def _is_touched(level: LevelSeconds) -> npt.NDArray[np.bool_]:
    # For each second whether a touch was under way at its start, or started within it.
    ends = np.arange(len(level.penetration) + 1)
    touches = level.touch("touches", ends)
    return np.asarray((level.touch("phase", ends[:-1]) == TOUCH) | (np.diff(touches) > 0), np.bool_)


def _largest(values: F64, ends: I64, seconds: int) -> F64:
    # The largest value of [end - seconds, end); seconds before the first count nothing.
    padded = np.concatenate([np.full(seconds, -1.0), values])
    windows = np.lib.stride_tricks.sliding_window_view(padded, seconds)
    largest: F64 = windows[ends].max(axis=1)
    return largest
