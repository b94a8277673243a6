"""The columns of a level's feature table by base name, in the order of its contract."""

from __future__ import annotations

import numpy as np

from ..book.day_seconds import F64, DaySeconds
from . import approach, position, resting, resting_flow, slope, touches, traded
from .level_seconds import LevelSeconds


def level_columns(day: DaySeconds, level: LevelSeconds, average_true_range: F64) -> dict[str, F64]:
    """Return the 39 columns of one level, float64, shape (m,), NaN where missing.

    Parameters
    ----------
    day : DaySeconds
    level : LevelSeconds
        Of the same records and seconds.
    average_true_range : float64 array, shape (m,), dollars
        Of the last 2-minute bar closed at each row, NaN where missing.

    Raises
    ------
    ValueError
        The two are not of the same seconds.
    """
    if level.start_ns != day.seconds.start_ns or len(level.ticks) != len(day.mids):
        raise ValueError("the level's sums and the day's are not of the same seconds")
    columns = {
        **_position_and_touches(day, level, average_true_range),
        **_approach(day, level),
        **_traded(day, level),
        **_resting(day, level),
        **_resting_flow(day, level),
    }
    if level.path.is_moving:
        columns["slope_ticks_per_bar"] = slope.slope_ticks_per_bar(day, level, 1)
        columns["slope_ticks_per_bar_10_bars"] = slope.slope_ticks_per_bar(day, level, 10)
    has_value = ~np.isnan(level.ticks[day.rows])
    return {name: np.where(has_value, column, np.nan) for name, column in columns.items()}


def _position_and_touches(
    day: DaySeconds, level: LevelSeconds, average_true_range: F64
) -> dict[str, F64]:
    columns = {
        "distance_ticks": position.distance_ticks(day, level),
        "distance_atr": position.distance_atr(day, level, average_true_range),
    }
    if not level.path.is_moving:
        columns["seconds_since_extreme_set"] = touches.seconds_since_extreme_set(day, level)
    return columns | {
        "approach_side": touches.approach_side(day, level),
        "touch_count": touches.touch_count(day, level),
        "seconds_since_last_touch": touches.seconds_since_last_touch(day, level),
        "touch_in_progress": touches.touch_in_progress(day, level),
        "prior_bounce_count": touches.prior_bounce_count(day, level),
        "last_touch_penetration_ticks": touches.last_touch_penetration_ticks(day, level),
        "max_touch_penetration_ticks": touches.max_touch_penetration_ticks(day, level),
        "time_above_fraction": position.time_above_fraction(day, level),
        "dwell_seconds_within_8_ticks_300s": position.dwell_seconds(day, level, 300),
        "crossing_count_1800s": position.crossing_count(day, level, 1800),
    }


def _approach(day: DaySeconds, level: LevelSeconds) -> dict[str, F64]:
    leg = approach.approach_leg(day, level)
    return {
        "approach_velocity_ticks_per_minute": approach.velocity_ticks_per_minute(leg),
        "approach_acceleration_ticks_per_minute2": approach.acceleration_ticks_per_minute2(leg),
        "approach_duration_seconds": approach.duration_seconds(leg),
        "approach_efficiency_ratio": approach.efficiency_ratio(leg),
        "approach_trade_flow_imbalance": approach.trade_flow_imbalance(day, leg),
        "approach_order_flow_imbalance": approach.order_flow_imbalance(day, leg),
        "approach_relative_volume": approach.relative_volume(day, leg),
    }


def _traded(day: DaySeconds, level: LevelSeconds) -> dict[str, F64]:
    columns = {
        "volume_within_2_ticks_300s": traded.volume(day, level, 300),
        "volume_share_within_2_ticks_rth": traded.volume_share_rth(day, level),
        "trade_flow_imbalance_within_2_ticks_300s": traded.trade_flow_imbalance(day, level, 300),
        "average_trade_size_within_2_ticks_300s": traded.average_trade_size(day, level, 300),
        "volume_per_penetration_tick_300s": traded.volume_per_penetration_tick(day, level, 300),
    }
    if not level.path.is_moving:
        columns["formation_volume_share_within_2_ticks"] = traded.formation_volume_share(day, level)
    return columns


def _resting(day: DaySeconds, level: LevelSeconds) -> dict[str, F64]:
    book = resting.book_at_level(day, level.nearest_tick[day.rows])
    return {
        "visible": resting.visible(book),
        "resting_size": resting.resting_size(book),
        "resting_order_count": resting.resting_order_count(book),
        "resting_size_ratio": resting.resting_size_ratio(book),
        "depth_to_level": resting.depth_to_level(book),
        "depth_beyond_5_ticks": resting.depth_beyond(book, 5),
        "depth_imbalance_5_ticks": resting.depth_imbalance(book, 5),
    }


def _resting_flow(day: DaySeconds, level: LevelSeconds) -> dict[str, F64]:
    return {
        "visible_fraction_60s": resting_flow.visible_fraction(day, level, 60),
        "resting_add_volume_60s": resting_flow.resting_add_volume(day, level, 60),
        "resting_cancel_volume_60s": resting_flow.resting_cancel_volume(day, level, 60),
        "order_flow_imbalance_within_2_ticks_60s": resting_flow.order_flow_imbalance(
            day, level, 60
        ),
        "replenishment_ratio_60s": resting_flow.replenishment_ratio(day, level, 60),
        "resting_size_change_60s": resting_flow.resting_size_change(day, level, 60),
    }
