"""The book at a level as it stands at a row."""

from __future__ import annotations

from statistics import fmean

from tests.features.level.reference import LevelReference, divided, middle
from tests.features.level.reference_displayed import displayed, is_displayed, mean_size
from tests.features.market.record_streams import Side
from tests.features.market.reference import Book, Value

STANDING = (
    "displayed_order_size_to_side_average_ratio",
    "displayed_size_to_mean_of_other_prices_ratio",
    "relative_depth_to_level",
    "relative_depth_within_5_ticks_beyond",
    "depth_imbalance_5_ticks",
)


def standing_columns(ref: LevelReference) -> dict[str, Value]:
    row: dict[str, Value] = dict.fromkeys(STANDING)
    book, tick = ref.day.book_at(ref.ts), ref.level.tick_at(ref.ts)
    if book is None or tick is None or not is_displayed(book, tick, tick):
        return row
    side = side_of(book, tick)
    if side is not None:
        row["displayed_order_size_to_side_average_ratio"] = order_size_ratio(side, tick)
        row["displayed_size_to_mean_of_other_prices_ratio"] = size_ratio(side, tick)
    mean = mean_size(ref.day)
    row["relative_depth_to_level"] = relative(depth_to(book, tick), mean)
    row["relative_depth_within_5_ticks_beyond"] = relative(depth_beyond(book, tick), mean)
    if is_displayed(book, tick - 5, tick + 5):
        below = displayed(book[0], range(tick - 5, tick))
        above = displayed(book[1], range(tick + 1, tick + 6))
        row["depth_imbalance_5_ticks"] = divided(below - above, below + above)
    return row


def relative(size: Value, mean: Value) -> Value:
    return None if size is None or mean is None else divided(size, mean)


def side_of(book: Book, tick: int) -> Side | None:
    """Return the side on which a price lies, None in the spread."""
    bids, asks = book
    if bids[0][0] < tick < asks[0][0]:
        return None
    return bids if tick <= bids[0][0] else asks


def order_size_ratio(side: Side, tick: int) -> Value:
    here, all_prices = [tick], [price for price, _, _ in side]
    of_one, of_all = (
        divided(displayed(side, prices), displayed(side, prices, column=2))
        for prices in (here, all_prices)
    )
    return None if of_one is None or of_all is None else divided(of_one, of_all)


def size_ratio(side: Side, tick: int) -> Value:
    others = [size for price, size, _ in side if price != tick]
    return divided(displayed(side, [tick]), fmean(others)) if others else None


def depth_to(book: Book, tick: int) -> int:
    """Return the size from the best quote up to and without a price, 0 in the spread."""
    bids, asks = book
    if tick <= bids[0][0]:
        return displayed(bids, range(tick + 1, bids[0][0] + 1))
    return displayed(asks, range(asks[0][0], tick))


def depth_beyond(book: Book, tick: int) -> int | None:
    """Return the size in the five ticks beyond a price, away from the mid."""
    if tick > middle(book) and is_displayed(book, tick, tick + 5):
        return displayed(book[1], range(tick + 1, tick + 6))
    if tick < middle(book) and is_displayed(book, tick - 5, tick):
        return displayed(book[0], range(tick - 5, tick))
    return None
