"""The book at a level as it stands at a row, and what changed in it."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor
from statistics import fmean

from tests.features.level.reference import LevelReference, divided
from tests.features.market.record_streams import SECOND, Side
from tests.features.market.reference import Book, Change, Value, is_valid

STANDING = (
    "visible",
    "resting_size",
    "resting_order_count",
    "resting_size_ratio",
    "depth_to_level",
    "depth_beyond_5_ticks",
    "depth_imbalance_5_ticks",
)


def is_visible(book: Book, price: int) -> bool:
    bids, asks = book
    is_above_bids = len(bids) < 10 or price >= bids[9][0]
    return is_above_bids and (len(asks) < 10 or price <= asks[9][0])


def size_at(book: Book, price: int, column: int = 1) -> int:
    return sum(level[column] for side in book for level in side if level[0] == price)


def displayed(side: Side, prices: Iterable[int]) -> int:
    wanted = set(prices)
    return sum(size for price, size, _ in side if price in wanted)


def standing_columns(ref: LevelReference) -> dict[str, Value]:
    row: dict[str, Value] = dict.fromkeys(STANDING)
    book, tick = ref.day.book_at(ref.ts), ref.level.tick_at(ref.ts)
    if book is None or tick is None or not is_valid(book):
        return row
    row["visible"] = float(is_visible(book, tick))
    if not is_visible(book, tick):
        return row
    bids, asks = book
    row["resting_size"] = size_at(book, tick)
    row["resting_order_count"] = size_at(book, tick, 2)
    row["depth_to_level"] = 0
    is_bid, is_ask = tick <= bids[0][0], tick >= asks[0][0]
    if is_bid:
        row["resting_size_ratio"] = size_ratio(bids, tick)
        row["depth_to_level"] = displayed(bids, range(tick + 1, bids[0][0] + 1))
    if is_ask:
        row["resting_size_ratio"] = size_ratio(asks, tick)
        row["depth_to_level"] = displayed(asks, range(asks[0][0], tick))
    mid = (bids[0][0] + asks[0][0]) / 2
    above, below = (
        displayed(asks, range(tick + 1, tick + 6)),
        displayed(bids, range(tick - 5, tick)),
    )
    can_see_above, can_see_below = is_visible(book, tick + 5), is_visible(book, tick - 5)
    if tick > mid and can_see_above:
        row["depth_beyond_5_ticks"] = above
    if tick < mid and can_see_below:
        row["depth_beyond_5_ticks"] = below
    if can_see_above and can_see_below:
        row["depth_imbalance_5_ticks"] = divided(below - above, below + above)
    return row


def size_ratio(side: Side, tick: int) -> Value:
    others = [size for price, size, _ in side if price != tick]
    here = sum(size for price, size, _ in side if price == tick)
    return divided(here, fmean(others)) if others else None


def flow_columns(ref: LevelReference) -> dict[str, Value]:
    names = ("visible_fraction_60s", "resting_add_volume_60s", "resting_cancel_volume_60s")
    row: dict[str, Value] = dict.fromkeys(
        (*names, "order_flow_imbalance_within_2_ticks_60s", "replenishment_ratio_60s")
    )
    row["resting_size_change_60s"] = size_change(ref)
    if not ref.is_known_for(60):
        return row
    seen = visible_time(ref, 0)
    row["visible_fraction_60s"] = seen / (60 * SECOND)
    if visible_time(ref, 2) * 10 >= 9 * 60 * SECOND:
        row["order_flow_imbalance_within_2_ticks_60s"] = band_flow(ref)
    if seen * 10 < 9 * 60 * SECOND:
        return row
    added, cancelled = adds_and_cancels(ref)
    row["resting_add_volume_60s"] = added
    row["resting_cancel_volume_60s"] = cancelled
    inside = ref.day.trades_between(ref.seconds_back(60), ref.ts)
    traded = sum(r.size or 0 for r in inside if r.price == ref.level.tick_at(r.t))
    row["replenishment_ratio_60s"] = divided(added, traded)
    return row


def visible_time(ref: LevelReference, ticks: int) -> int:
    """Time of the last 60 s with the band of so many ticks about the level visible, ns."""
    total = 0
    for length, book, value in ref.spans(ref.seconds_back(60), ref.ts):
        tick = floor(value + 0.5)
        total += length * (is_visible(book, tick - ticks) and is_visible(book, tick + ticks))
    return total


def seen_changes(ref: LevelReference, ticks: int) -> list[tuple[Change, int]]:
    """Changes of the last 60 s with the band visible before and after, and the level's tick."""
    out = []
    for change in ref.day.changes_between(ref.seconds_back(60), ref.ts):
        tick = ref.level.tick_at(change.t)
        if tick is None or change.t < ref.known:
            continue
        prices = (tick - ticks, tick + ticks)
        if all(is_visible(book, p) for book in (change.old, change.new) for p in prices):
            out.append((change, tick))
    return out


def adds_and_cancels(ref: LevelReference) -> tuple[int, int]:
    added = cancelled = 0
    for change, tick in seen_changes(ref, 0):
        for old, new in zip(change.old, change.new, strict=True):
            difference = displayed(new, [tick]) - displayed(old, [tick])
            added += max(0, difference)
            executed = change.executed.get(tick, 0) if displayed(old, [tick]) else 0
            cancelled += max(0, -difference - executed)
    return added, cancelled


def band_flow(ref: LevelReference) -> Value:
    flow, sizes = 0, []
    for change, tick in seen_changes(ref, 2):
        band = range(tick - 2, tick + 3)
        bid, ask = (
            displayed(new, band) - displayed(old, band)
            for old, new in zip(change.old, change.new, strict=True)
        )
        flow += bid - ask
        sizes.append(sum(displayed(side, band) for side in change.new))
    return divided(flow, fmean(sizes)) if sizes else None


def size_change(ref: LevelReference) -> Value:
    before = ref.seconds_back(60)
    now, then = ref.day.book_at(ref.ts), ref.day.book_at(before)
    tick = ref.level.tick_at(ref.ts)
    if tick is None or ref.level.tick_at(before) != tick:
        return None
    for book in (now, then):
        if book is None or not is_valid(book) or not is_visible(book, tick):
            return None
    assert now is not None
    assert then is not None
    return size_at(now, tick) - size_at(then, tick)
