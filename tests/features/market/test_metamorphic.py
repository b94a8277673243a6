"""Relations that need no oracle: prices moved, sides exchanged, chunks cut elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from src.data_eng.features.book.day_seconds import F64
from src.data_eng.features.market.columns import FEATURES
from tests.features.market.market_days import columns, day_seconds, random_records, same
from tests.features.market.record_streams import mirrored, shifted
from tests.features.mirror import image

SEEDS = pytest.mark.parametrize("seed", [0, 4, 9])

# Ratios of prices: a price a little higher makes them a little smaller.
RELATIVE = {
    *(f"log_mid_return_bps_{w}s" for w in (10, 60, 300, 1800)),
    "log_return_since_rth_open_bps",
    "realized_volatility_bps_300s",
    "realized_volatility_bps_1800s",
    "relative_jump_variation_1800s",
    "realized_downside_semivariance_share_1800s",
    "variance_ratio_12_1800s",
    "amihud_illiquidity_1800s",
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
    found, turned = columns(records), columns(mirrored(records, 40_000))
    for name in set(found) - RELATIVE:
        assert close(image(name, found, MIRROR[name]), turned[name]), name


@SEEDS
def test_sides_exchanged_turn_returns_and_slopes(seed: int) -> None:
    # Reflected prices are others, so that ratios of prices agree to their relative distance.
    records = random_records(seed, 3000)
    found, turned = columns(records), columns(mirrored(records, 40_000))
    for name in RELATIVE:
        expected = image(name, found, MIRROR[name])
        assert np.allclose(expected, turned[name], rtol=0.05, atol=0.05, equal_nan=True), name


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
        *(f"total_depth_top_{top}" for top in ("of_book", "5_prices", "10_prices")),
        *(f"volume_{w}s" for w in (10, 60, 300)),
        *(f"average_trade_size_{w}s" for w in (60, 300)),
        "average_displayed_order_size_top_10_prices",
        "displayed_size_added_top_10_prices_60s",
        "displayed_size_cancelled_top_10_prices_60s",
    }
    halved = {
        "kyle_lambda_1800s",
        "order_flow_imbalance_price_impact_1800s",
        "amihud_illiquidity_1800s",
    }
    for name in set(found) - {"round_trip_cost_100_contracts_ticks"}:
        factor = 2.0 if name in doubled else 0.5 if name in halved else 1.0
        assert close(factor * found[name], other[name]), name


def test_an_empty_day_is_missing_and_not_zero() -> None:
    found = columns([])
    present = {name for name, column in found.items() if not np.isnan(column).all()}
    assert present == {"seconds_since_rth_open"}
    assert same(found["seconds_since_rth_open"], np.arange(401.0))
