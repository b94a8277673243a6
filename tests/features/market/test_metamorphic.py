"""Relations that need no oracle: prices moved, sides exchanged, chunks cut elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from src.data_eng.features.book.day_seconds import F64
from src.data_eng.features.feature import EVEN, ODD, ONE_MINUS
from src.data_eng.features.market.columns import FEATURES
from tests.features.market.market_days import columns, day_seconds, random_records, same
from tests.features.market.record_streams import mirrored, shifted

SEEDS = pytest.mark.parametrize("seed", [0, 4, 9])

# Ratios of prices: a price a little higher makes them a little smaller.
RELATIVE = {
    *(f"mid_return_bps_{w}s" for w in (10, 60, 300, 1800)),
    "rth_open_return_bps",
    "realized_volatility_bps_300s",
    "realized_volatility_bps_1800s",
    "relative_jump_variation_1800s",
    "downside_semivariance_share_1800s",
    "variance_ratio_12_1800s",
    "amihud_illiquidity_1800s",
    "order_book_slope",
    "order_book_slope_imbalance",
}
MIRROR = {feature.name: feature.mirror for feature in FEATURES}


def close(a: F64, b: F64) -> bool:
    return bool(np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True))


@SEEDS
@pytest.mark.parametrize("ticks", [1, -1_000, 40_000])
def test_prices_moved_by_ticks_leave_every_feature_in_ticks(seed: int, ticks: int) -> None:
    records = random_records(seed, 1500, 0.01)
    found, moved = columns(records), columns(shifted(records, ticks))
    for name in set(found) - RELATIVE:
        assert close(found[name], moved[name]), name
    for name in RELATIVE:
        assert np.array_equal(np.isnan(found[name]), np.isnan(moved[name])), name


@SEEDS
def test_sides_exchanged_turn_the_signs(seed: int) -> None:
    records = random_records(seed, 1500, 0.01)
    found, turned = columns(records), columns(mirrored(records, 40_001))
    for name in set(found) - RELATIVE:
        value = found[name]
        image = {ODD: -value, EVEN: value, ONE_MINUS: 1 - value}[MIRROR[name]]
        assert close(image, turned[name]), name


@SEEDS
def test_sides_exchanged_turn_returns_and_slopes(seed: int) -> None:
    # Reflected prices are others, so that ratios of prices agree to their relative distance.
    records = random_records(seed, 3000)
    found, turned = columns(records), columns(mirrored(records, 40_001))
    for name in ("mid_return_bps_300s", "order_book_slope_imbalance"):
        assert MIRROR[name] == ODD
        assert np.allclose(found[name], -turned[name], rtol=0.05, atol=0.05, equal_nan=True), name
    assert MIRROR["downside_semivariance_share_1800s"] == ONE_MINUS
    down, up = (c["downside_semivariance_share_1800s"] for c in (found, turned))
    assert np.allclose(down, 1 - up, atol=0.01, equal_nan=True)


@SEEDS
def test_where_chunks_are_cut_does_not_matter(seed: int) -> None:
    records = random_records(seed, 1200, 0.02)
    found = day_seconds(records)
    other = day_seconds(records, [1, 2, 17, 400, 401, 900])
    assert found.first_ns == other.first_ns
    for name in ("sums", "status", "prices"):
        assert np.array_equal(getattr(found.seconds, name), getattr(other.seconds, name)), name
    kept = found.seconds.status == 1
    assert np.array_equal(found.seconds.books[kept], other.seconds.books[kept])


@SEEDS
def test_sizes_twice_as_large_leave_ratios(seed: int) -> None:
    records = random_records(seed, 1200)
    twice = [
        replace(
            r,
            size=2 * (r.size or 0),
            bids=[(p, 2 * s, n) for p, s, n in r.bids],
            asks=[(p, 2 * s, n) for p, s, n in r.asks],
        )
        for r in records
    ]
    found, other = columns(records), columns(twice)
    doubled = {
        *(f"total_depth_l{n}" for n in (1, 5, 10)),
        *(f"volume_{w}s" for w in (10, 60, 300)),
        *(f"average_trade_size_{w}s" for w in (60, 300)),
        "average_resting_order_size_l10",
        "limit_order_add_volume_l10_60s",
        "cancel_volume_l10_60s",
    }
    halved = {
        "kyle_lambda_1800s",
        "order_flow_imbalance_price_impact_1800s",
        "amihud_illiquidity_1800s",
    }
    others = {
        "order_book_slope",
        "order_book_slope_imbalance",
        "round_trip_cost_100_contracts_ticks",
    }
    for name in set(found) - others:
        factor = 2.0 if name in doubled else 0.5 if name in halved else 1.0
        assert close(factor * found[name], other[name]), name


def test_an_empty_day_is_missing_and_not_zero() -> None:
    found = columns([])
    present = {name for name, column in found.items() if not np.isnan(column).all()}
    assert present == {"seconds_since_rth_open"}
    assert same(found["seconds_since_rth_open"], np.arange(401.0))
