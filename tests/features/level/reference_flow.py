"""What was added, cancelled and traded at a level while it was displayed."""

from __future__ import annotations

from collections.abc import Iterable

from tests.features.level.reference import LevelReference, divided, volume
from tests.features.level.reference_displayed import Shown, is_displayed, mean_size, shown
from tests.features.market.record_streams import SECOND
from tests.features.market.reference import ASK, BID, Change, Value

SHORTEST = {60: 5, 10: 3}
"""Seconds that a window must have been displayed for."""
ADDED, CANCELLED, NET = (
    "relative_displayed_size_added_per_second",
    "relative_displayed_size_cancelled_per_second",
    "net_limit_order_flow_within_2_ticks",
)
TRADED = ("replenishment_ratio_60s", "traded_to_displayed_size_ratio_60s")


def flow_columns(ref: LevelReference) -> dict[str, Value]:
    names = [f"{name}_{seconds}s" for name in (ADDED, CANCELLED, NET) for seconds in SHORTEST]
    row: dict[str, Value] = dict.fromkeys((*names, *TRADED))
    row["within_top_10_prices_fraction_60s"] = displayed_fraction(ref)
    for seconds in SHORTEST:
        tick, band = long_enough(ref, 0, seconds), long_enough(ref, 2, seconds)
        if tick is not None:
            row |= at_tick(tick, seconds)
        if band is not None:
            changes, prices = band.changes(), band.prices
            net = net_of(changes, prices, BID) - net_of(changes, prices, ASK)
            row[f"{NET}_{seconds}s"] = divided(net, band.size())
    return row


def long_enough(ref: LevelReference, ticks: int, seconds: int) -> Shown | None:
    found = shown(ref, ticks, seconds)
    return None if found is None or found.seconds < SHORTEST[seconds] else found


def at_tick(window: Shown, seconds: int) -> dict[str, Value]:
    """Return the columns of tick(L) alone."""
    row: dict[str, Value] = {}
    (price,) = window.prices
    added = sum(change.added(side, price) for change in window.changes() for side in (BID, ASK))
    cancelled = sum(c.cancelled(side, price) for c in window.changes() for side in (BID, ASK))
    mean = mean_size(window.ref.day)
    if mean is not None:
        row[f"{ADDED}_{seconds}s"] = added / mean / window.seconds
        row[f"{CANCELLED}_{seconds}s"] = cancelled / mean / window.seconds
    if seconds == 60:
        traded = volume(r for r in window.trades() if r.price == price)
        row["replenishment_ratio_60s"] = divided(added, traded)
        row["traded_to_displayed_size_ratio_60s"] = divided(traded, window.size())
    return row


def net_of(changes: Iterable[Change], prices: Iterable[int], side: int) -> int:
    """Return what was added less what was cancelled, of a side."""
    pairs = [(change, price) for change in changes for price in prices]
    return sum(c.added(side, price) - c.cancelled(side, price) for c, price in pairs)


def displayed_fraction(ref: LevelReference) -> Value:
    total = seen = 0
    for length, book, value in ref.spans(ref.seconds_back(60), ref.ts):
        tick = round(value)
        total += length
        seen += length * is_displayed(book, tick, tick)
    return seen / total if total >= 30 * SECOND else None
