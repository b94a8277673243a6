"""All 60 columns of one row from `reference.Reference` and what other sessions left."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

from tests.features.market.reference import NS, Reference, Value, divided, is_valid, sign
from tests.features.market.reference_flow import adds_and_cancels, ofi_top_10, ofi_top_of_book
from tests.features.market.reference_history import NO_HISTORY, History, history_columns
from tests.features.market.reference_impact import amihud, impact

TICK = 0.25
TOPS = {1: "top_of_book", 5: "top_5_prices", 10: "top_10_prices"}
CALENDAR = ("seconds_since_rth_open", "days_to_futures_expiry")
"""Columns that no silence of the market makes unknown."""


def reference_row(ref: Reference, history: History = NO_HISTORY) -> dict[str, Value]:
    """Return the columns, None where missing."""
    row: dict[str, Value] = {}
    for part in (book, trades, spreads, order_flow, volatility, location):
        row |= part(ref)
    row["kyle_lambda_1800s"] = impact(ref, "trades")
    row["order_flow_imbalance_price_impact_1800s"] = impact(ref, "book")
    row["amihud_illiquidity_1800s"] = amihud(ref, TICK)
    row["seconds_since_rth_open"] = (ref.ts - ref.open) / NS
    row |= history_columns(ref, history)
    if ref.is_outside:
        row = {name: value if name in CALENDAR else None for name, value in row.items()}
    return row


def imbalance(pair: tuple[float, float] | list[int] | None) -> Value:
    return None if pair is None else divided(pair[0] - pair[1], pair[0] + pair[1])


def book(ref: Reference) -> dict[str, Value]:
    time, total = ref.spread_integral(60)
    row: dict[str, Value] = {
        "quoted_spread_ticks": ref.quoted_spread(),
        "time_weighted_quoted_spread_ticks_60s": total / time if time >= 30 * NS else None,
        "order_count_imbalance_top_10_prices": imbalance(ref.depth(10, 2)),
        "round_trip_cost_100_contracts_ticks": ref.round_trip(100),
    }
    for n, name in TOPS.items():
        depth = ref.depth(n)
        row[f"total_depth_{name}"] = None if depth is None else sum(depth)
        row[f"order_book_imbalance_{name}"] = imbalance(depth)
    sizes, counts = ref.depth(10), ref.depth(10, 2)
    row["average_displayed_order_size_top_10_prices"] = (
        None if sizes is None or counts is None else divided(sum(sizes), sum(counts))
    )
    return row


def trades(ref: Reference) -> dict[str, Value]:
    row: dict[str, Value] = {}
    for w in (10, 60, 300):
        inside = ref.in_window(w)
        volume = sum(r.size or 0 for r in inside)
        row[f"volume_{w}s"] = ref.if_known(volume, w) if ref.is_covered(w) else None
        flow = divided(
            sum(sign(r) * (r.size or 0) for r in inside),
            sum(abs(sign(r)) * (r.size or 0) for r in inside),
        )
        row[f"trade_flow_imbalance_{w}s"] = ref.if_known(flow, w)
        if w > 10:
            row[f"average_trade_size_{w}s"] = ref.if_known(divided(volume, len(inside)), w)
    since_open = [r for r in ref.trades if r.t >= ref.open]
    delta = divided(
        sum(sign(r) * (r.size or 0) for r in since_open),
        sum(abs(sign(r)) * (r.size or 0) for r in since_open),
    )
    row["cumulative_volume_delta_to_volume_rth"] = None if ref.is_unknown else delta
    return row


def spreads(ref: Reference) -> dict[str, Value]:
    row: dict[str, Value] = {}
    paid = weight = 0.0
    for r in ref.in_window(60):
        if sign(r) and is_valid((r.bids, r.asks)) and not r.flags & 4:
            mid = (r.bids[0][0] + r.asks[0][0]) / 2
            paid += (r.size or 0) * 2 * sign(r) * ((r.price or 0) - mid)
            weight += r.size or 0
    row["effective_spread_ticks_60s"] = ref.if_known(divided(paid, weight), 60)
    paid = weight = 0.0
    for r in ref.in_window(60, lag=5):
        later = ref.mid_at(r.t + 5 * NS)
        if sign(r) and later is not None:
            paid += (r.size or 0) * 2 * sign(r) * ((r.price or 0) - later)
            weight += r.size or 0
    row["realized_spread_5s_ticks_60s"] = ref.if_known(divided(paid, weight), 60, lag=5)
    return row


def order_flow(ref: Reference) -> dict[str, Value]:
    added, cancelled = adds_and_cancels(ref, 60)
    is_there = ref.is_valid_for_most(60, 1)
    sides = {
        "added_imbalance_top_10_prices_60s": imbalance(added),
        "cancelled_imbalance_top_10_prices_60s": imbalance(cancelled[::-1]),
    }
    row: dict[str, Value] = {
        "displayed_size_added_top_10_prices_60s": sum(added) if is_there else None,
        "displayed_size_cancelled_top_10_prices_60s": sum(cancelled) if is_there else None,
        **{f"displayed_size_{name}": ref.if_known(v, 60) for name, v in sides.items()},
    }
    for w in (10, 60, 300):
        name = "normalized_order_flow_imbalance"
        row[f"{name}_top_of_book_{w}s"] = ref.if_known(ofi_top_of_book(ref, w), w)
        row[f"{name}_top_10_prices_{w}s"] = ofi_top_10(ref, w)
    orders = sum(t >= ref.ts - 60 * NS for t in ref.orders)
    ratio = divided(orders, len(ref.in_window(60)))
    row["order_to_trade_ratio_top_10_prices_60s"] = ref.if_known(ratio, 60)
    events = sum(
        r.t >= ref.ts - 10 * NS and bool(r.flags & 0x80) and not r.flags & 0x20 for r in ref.seen
    )
    rate = ref.if_known(events / 10, 10)
    row["book_event_rate_per_second_10s"] = rate if ref.is_covered(10) else None
    return row


def volatility(ref: Reference) -> dict[str, Value]:
    row: dict[str, Value] = {}
    for w in (10, 60, 300, 1800):
        (change,) = ref.returns(1, w)
        row[f"log_mid_return_bps_{w}s"] = None if change is None else 1e4 * change
    for w in (300, 1800):
        row[f"realized_volatility_bps_{w}s"] = enough(
            ref.returns(w // 5, 5), lambda found: 1e4 * math.sqrt(sum(r * r for r in found))
        )
    returns = ref.returns(360, 5)
    row["realized_downside_semivariance_share_1800s"] = enough(
        returns,
        lambda found: divided(sum(r * r for r in found if r < 0), sum(r * r for r in found)),
    )
    pairs = sum(abs(a) * abs(b) for a, b in pairwise(returns) if a is not None and b is not None)

    def jump(found: list[float]) -> Value:
        n, variance = len(found), sum(r * r for r in found)
        if not variance:
            return None
        return max(0.0, 1 - math.pi / 2 * n / (n - 1) * pairs / variance)

    row["relative_jump_variation_1800s"] = enough(returns, jump)
    row["variance_ratio_12_1800s"] = variance_ratio(ref.mids(360, 5), 12)
    return row


def enough(returns: list[Value], of: Callable[[list[float]], Value]) -> Value:
    found = [r for r in returns if r is not None]
    return of(found) if len(found) >= 0.9 * len(returns) else None


def variance_ratio(mids: list[Value], q: int) -> Value:
    logs = [math.log(m) for m in mids if m is not None]
    n = len(logs) - 1
    if len(logs) < len(mids) or len(set(logs)) == 1:
        return None
    mean = (logs[-1] - logs[0]) / n
    one = sum((b - a - mean) ** 2 for a, b in pairwise(logs)) / (n - 1)
    many = sum((b - a - q * mean) ** 2 for a, b in zip(logs, logs[q:], strict=False))
    return many / (q * (n - q + 1) * (1 - q / n)) / one


def location(ref: Reference) -> dict[str, Value]:
    names = ("ticks", "standard_deviations")
    row: dict[str, Value] = {f"rth_vwap_deviation_{name}": None for name in names}
    row["log_return_since_rth_open_bps"] = None
    inside = [(r.price or 0, r.size or 0) for r in ref.trades if r.t >= ref.open]
    mid, volume = ref.mid_at(ref.ts), sum(v for _, v in inside)
    if mid is None or not inside:
        return row
    row["log_return_since_rth_open_bps"] = 1e4 * math.log(mid / inside[0][0])
    vwap = sum(p * v for p, v in inside) / volume
    row["rth_vwap_deviation_ticks"] = mid - vwap
    deviation = math.sqrt(sum(v * (p - vwap) ** 2 for p, v in inside) / volume)
    if ref.ts - ref.open >= 300 * NS and deviation >= 1:
        row["rth_vwap_deviation_standard_deviations"] = (mid - vwap) / deviation
    return row
