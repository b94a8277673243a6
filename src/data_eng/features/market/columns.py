"""The columns of ``silver.future.market`` by name, in the order of its contract."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..book.day_seconds import F64, I64, DaySeconds
from . import (
    book_shape,
    liquidity,
    order_flow,
    price_location,
    trade_flow,
    volatility,
)

MIN_SESSIONS = 5
ROUND_TRIP_CONTRACTS = 100
VARIANCE_RATIO_LAGS = 12


@dataclass(frozen=True)
class OutsideInputs:
    """What the features need besides the day's book; every array of shape (m,), NaN where missing.

    Attributes
    ----------
    prior_volume_300s : float64 array, shape (sessions, m), contracts
        `volume_300s` of prior sessions.
    average_true_range : float64 array, shape (m,), dollars
        Of the last 2-minute bar closed at each row.
    vpin : float64 array, shape (m,)
    days_to_expiry : int or None, days
    """

    prior_volume_300s: F64
    average_true_range: F64
    vpin: F64
    days_to_expiry: int | None


def market_columns(day: DaySeconds, outside: OutsideInputs) -> dict[str, F64]:
    """Return the 57 columns, float64, shape (m,), NaN where missing."""
    columns = {
        **_book(day),
        **_trades(day, outside),
        **_order_flow(day),
        **_volatility(day, outside),
        **_location_and_liquidity(day, outside),
    }
    columns["seconds_since_rth_open"] = (day.rows - day.open_second).astype(np.float64)
    days = np.nan if outside.days_to_expiry is None else float(outside.days_to_expiry)
    columns["days_to_futures_expiry"] = np.full(len(day.rows), days)
    return columns


def _book(day: DaySeconds) -> dict[str, F64]:
    books = day.books
    return {
        "quoted_spread_ticks": book_shape.quoted_spread_ticks(books),
        "time_weighted_quoted_spread_ticks_60s": order_flow.time_weighted_quoted_spread_ticks(
            day, 60
        ),
        **{f"total_depth_l{n}": book_shape.total_depth(books, n) for n in (1, 5, 10)},
        **{
            f"order_book_imbalance_l{n}": book_shape.order_book_imbalance(books, n)
            for n in (1, 5, 10)
        },
        "order_count_imbalance_l10": book_shape.order_count_imbalance(books),
        "average_resting_order_size_l10": book_shape.average_resting_order_size(books),
        "order_book_slope": book_shape.order_book_slope(books),
        "order_book_slope_imbalance": book_shape.order_book_slope_imbalance(books),
        "round_trip_cost_100_contracts_ticks": book_shape.round_trip_cost_ticks(
            books, ROUND_TRIP_CONTRACTS
        ),
    }


def _trades(day: DaySeconds, outside: OutsideInputs) -> dict[str, F64]:
    volumes = {f"volume_{w}s": trade_flow.volume(day, w) for w in (10, 60, 300)}
    return {
        **volumes,
        "relative_volume_300s": trade_flow.relative_volume(
            volumes["volume_300s"], outside.prior_volume_300s, MIN_SESSIONS
        ),
        **{f"average_trade_size_{w}s": trade_flow.average_trade_size(day, w) for w in (60, 300)},
        **{
            f"trade_flow_imbalance_{w}s": trade_flow.trade_flow_imbalance(day, w)
            for w in (10, 60, 300)
        },
        "cumulative_trade_flow_imbalance_rth": trade_flow.cumulative_trade_flow_imbalance_rth(day),
        "effective_spread_ticks_60s": trade_flow.effective_spread_ticks(day, 60),
        "realized_spread_5s_ticks_60s": trade_flow.realized_spread_ticks(day, 60),
    }


def _order_flow(day: DaySeconds) -> dict[str, F64]:
    windows = (10, 60, 300)
    return {
        **{
            f"order_flow_imbalance_l1_{w}s": order_flow.order_flow_imbalance_l1(day, w)
            for w in windows
        },
        **{
            f"order_flow_imbalance_l10_{w}s": order_flow.order_flow_imbalance_l10(day, w)
            for w in windows
        },
        "limit_order_add_volume_l10_60s": order_flow.limit_order_add_volume(day, 60),
        "limit_order_add_imbalance_l10_60s": order_flow.limit_order_add_imbalance(day, 60),
        "cancel_volume_l10_60s": order_flow.cancel_volume(day, 60),
        "cancel_imbalance_l10_60s": order_flow.cancel_imbalance(day, 60),
        "order_to_trade_ratio_60s": order_flow.order_to_trade_ratio(day, 60),
        "message_rate_10s": order_flow.message_rate(day, 10),
    }


def _volatility(day: DaySeconds, outside: OutsideInputs) -> dict[str, F64]:
    half_hour = volatility.step_returns(day, 1800)
    return {
        **{f"mid_return_bps_{w}s": volatility.mid_return_bps(day, w) for w in (10, 60, 300, 1800)},
        "rth_open_return_bps": price_location.rth_open_return_bps(day),
        "realized_volatility_bps_300s": volatility.realized_volatility_bps(
            volatility.step_returns(day, 300)
        ),
        "realized_volatility_bps_1800s": volatility.realized_volatility_bps(half_hour),
        "relative_jump_variation_1800s": volatility.relative_jump_variation(half_hour),
        "downside_semivariance_share_1800s": volatility.downside_semivariance_share(half_hour),
        "variance_ratio_12_1800s": volatility.variance_ratio(day, VARIANCE_RATIO_LAGS, 1800),
        "average_true_range_14_2m_ticks": outside.average_true_range / day.tick_size,
    }


def _location_and_liquidity(day: DaySeconds, outside: OutsideInputs) -> dict[str, F64]:
    return {
        "rth_vwap_deviation_ticks": price_location.rth_vwap_deviation_ticks(day),
        "rth_vwap_deviation_sigma": price_location.rth_vwap_deviation_sigma(day),
        "rth_range_position": price_location.rth_range_position(day),
        "kyle_lambda_1800s": liquidity.kyle_lambda(day, 1800),
        "order_flow_imbalance_price_impact_1800s": liquidity.order_flow_imbalance_price_impact(
            day, 1800
        ),
        "amihud_illiquidity_1800s": liquidity.amihud_illiquidity(day, 1800),
        "vpin": outside.vpin,
    }


def grid_times(day: DaySeconds) -> I64:
    """Return the time of each row, shape (m,), ns since epoch UTC."""
    return day.open_ns + (day.rows - day.open_second) * 1_000_000_000
